package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;

class PredictionTest {
  private static final NormalDistribution STANDARD = NormalDistribution.of(0, 1);

  /** Two rows, two draws; the second row's draws are alike. */
  private static Prediction prediction() {
    float[][] loc = {{-1, 0.5f}, {3, 0.5f}};
    float[][] scale = {{0.5f, 2}, {1, 2}};
    return new Prediction(
        10, 2, new double[] {1, 0.5}, new double[] {4, 0}, new double[] {0.625, 4}, loc, scale);
  }

  private static double cdf(double x, int row) {
    double at = (x - 10) / 2;
    double first = row == 0 ? (at + 1) / 0.5 : (at - 0.5) / 2;
    double second = row == 0 ? at - 3 : (at - 0.5) / 2;
    return 0.5 * (STANDARD.cumulativeProbability(first) + STANDARD.cumulativeProbability(second));
  }

  @Test
  void momentsAreInTheTargetsUnit() {
    Prediction p = prediction();
    assertArrayEquals(new float[] {12, 11}, p.mean());
    assertArrayEquals(new float[] {4, 0}, p.epistemicStd());
    assertArrayEquals(new float[] {(float) (2 * Math.sqrt(0.625)), 4}, p.aleatoricStd());
    assertEquals(Math.sqrt(16 + 2.5), p.std()[0], 1e-5);
  }

  @Test
  void quantilesAreThoseOfTheMixture() {
    for (double p : new double[] {1e-6, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999}) {
      float[] q = prediction().quantile(p);
      assertEquals(p, cdf(q[0], 0), 1e-5 * Math.min(p, 1 - p) + 1e-6);
      double wanted = 10 + 2 * (0.5 + 2 * STANDARD.inverseCumulativeProbability(p));
      assertEquals(wanted, q[1], 1e-5);
    }
    float[][] interval = prediction().interval(0.9);
    assertArrayEquals(prediction().quantile(0.05), interval[0], 1e-5f);
    assertArrayEquals(prediction().quantile(0.95), interval[1], 1e-5f);
    assertThrows(IllegalArgumentException.class, () -> prediction().quantile(1));
  }

  @Test
  void logDensityIsThatOfTheMixture() {
    double[] got = prediction().logDensity(new float[] {9, 1e4f});
    double wanted = Math.log(0.25 * (STANDARD.density(1) / 0.5 + STANDARD.density(-3.5)));
    assertEquals(wanted, got[0], 1e-9);
    double z = ((1e4 - 10) / 2 - 0.5) / 2;
    assertEquals(STANDARD.logDensity(z) - Math.log(4), got[1], 1e-6 * z * z);
    assertThrows(IllegalArgumentException.class, () -> prediction().logDensity(new float[3]));
  }

  @Test
  void aDrawIsAMixtureOfOne() {
    Prediction draw = prediction().draw(1);
    assertArrayEquals(new float[] {16, 11}, draw.mean());
    assertArrayEquals(new float[] {2, 4}, draw.aleatoricStd());
    assertArrayEquals(new float[2], draw.epistemicStd());
    assertEquals(1, draw.draws());
  }

  @Test
  void standardNormalIsTheOracles() {
    for (double z = -37; z < 9; z += 0.37) {
      double wanted = STANDARD.cumulativeProbability(z);
      assertEquals(wanted, StandardNormal.cdf(z), Math.min(2e-15, 1e-8 * wanted), "z " + z);
    }
    assertEquals(1.6448536269514722, StandardNormal.quantile(0.95), 1e-9);
  }
}
