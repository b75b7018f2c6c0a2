package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
}
