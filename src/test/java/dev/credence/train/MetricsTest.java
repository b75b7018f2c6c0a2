package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void areTheirDefinitions() {
    float[] y = {1, 2, 3, 4};
    assertEquals(Math.sqrt(1.25), Metrics.rmse(y, new float[] {1, 3, 3, 2}), 1e-12);
    float[] low = {0, 2, 4, 0};
    assertEquals(0.75, Metrics.coverage(y, low, new float[] {9, 2, 9, 4}));
    assertEquals(4, Metrics.width(new float[] {0, 1}, new float[] {3, 6}));
    assertEquals(2, Metrics.mean(new double[] {1, 3}));
    assertThrows(IllegalArgumentException.class, () -> Metrics.rmse(y, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> Metrics.mean(new double[0]));
  }

  @Test
  void quantilesLieOnStraightLinesBetweenSortedValues() {
    float[] values = {4, 1, 3, 2};
    assertEquals(1, Metrics.quantile(values, 0));
    assertEquals(2.5, Metrics.quantile(values, 0.5), 1e-12);
    assertEquals(3.25, Metrics.quantile(values, 0.75), 1e-6);
    assertEquals(4, Metrics.quantile(values, 1));
    assertThrows(IllegalArgumentException.class, () -> Metrics.quantile(new float[0], 0.5));
    assertThrows(IllegalArgumentException.class, () -> Metrics.quantile(values, 1.5));
  }

  @Test
  void coverageOfTheTruthIsNominal() {
    int n = 20_000;
    Random random = new Random(5);
    float[] y = new float[n];
    float[] loc = new float[n];
    float[] scale = new float[n];
    for (int i = 0; i < n; i++) {
      loc[i] = (float) random.nextGaussian();
      scale[i] = 0.5f + random.nextFloat();
      y[i] = (float) (loc[i] + scale[i] * random.nextGaussian());
    }
    for (double mass : new double[] {0.5, 0.9}) {
      float[][] interval = Prediction.of(0, 1, loc, scale).interval(mass);
      double error = 6 * Math.sqrt(mass * (1 - mass) / n);
      assertEquals(mass, Metrics.coverage(y, interval[0], interval[1]), error);
    }
  }
}
