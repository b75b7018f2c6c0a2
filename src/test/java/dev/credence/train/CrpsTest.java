package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CrpsTest {
  private static final double[] LOC = {-1, 0.5, 3};
  private static final double[] SCALE = {0.5, 1, 0.2};

  /** The definition, by the trapezoidal rule. */
  private static double integral(double y) {
    double sum = 0;
    double step = 1e-4;
    for (double x = -10; x < 10; x += step) {
      double f = 0;
      for (int t = 0; t < LOC.length; t++) {
        f += StandardNormal.cdf((x - LOC[t]) / SCALE[t]) / LOC.length;
      }
      double error = f - (y <= x ? 1 : 0);
      sum += error * error * step;
    }
    return sum;
  }

  @Test
  void ofNormalsIsTheIntegral() {
    for (double y : new double[] {-2, 0.4, 5}) {
      assertEquals(integral(y), Crps.ofNormals(y, LOC, SCALE), 2e-4);
    }
  }

  @Test
  void aMixtureOfOneIsANormal() {
    double one = Crps.ofNormal(0.7, -1, 2);
    assertEquals(one, Crps.ofNormals(0.7, new double[] {-1}, new double[] {2}), 1e-12);
    assertEquals(one, Crps.ofNormals(0.7, new double[] {-1, -1}, new double[] {2, 2}), 1e-12);
  }

  @Test
  void ofSamplesIsTheMeanDistanceLessHalfTheSpread() {
    float[] samples = {3, -1, 2, 2, 7};
    double near = 0;
    double spread = 0;
    for (float a : samples) {
      near += Math.abs(a - 1.5) / 5.0;
      for (float b : samples) {
        spread += Math.abs(a - b) / 25.0;
      }
    }
    assertEquals(near - spread / 2, Crps.ofSamples(1.5, samples), 1e-12);
    assertEquals(2, Crps.ofSamples(1, new float[] {3}), 1e-12);
    Random random = new Random(2);
    float[] many = new float[100_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = (float) (random.nextGaussian() * 2 - 1);
    }
    assertEquals(Crps.ofNormal(0.7, -1, 2), Crps.ofSamples(0.7, many), 0.02);
    assertThrows(IllegalArgumentException.class, () -> Crps.ofSamples(0, new float[0]));
  }

  @Test
  void ofAPredictionIsInTheTargetsUnit() {
    float[] loc = {0.5f, -1};
    float[] scale = {1, 2};
    Prediction p = Prediction.of(10, 3, loc, scale);
    double[] wanted = {Crps.ofNormal(12, 11.5, 3), Crps.ofNormal(5, 7, 6)};
    assertArrayEquals(wanted, p.crps(new float[] {12, 5}), 1e-9);
  }
}
