package dev.credence.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import org.junit.jupiter.api.Test;

/** Normalisation of batches and of layers against loops over doubles. */
class NormsTest {
  private static BatchNorm layer() {
    return new BatchNorm(
        Slopes.numbers(1, 3),
        Slopes.numbers(2, 3),
        Slopes.numbers(3, 3),
        Slopes.numbers(4, 3).square(),
        0.2,
        1e-3);
  }

  /** Mean and variance, divided by n, of feature c of images (N, 3, S) or rows (N, 3, 1). */
  private static double[] statistics(double[] x, int inner, int c) {
    double mean = 0;
    int n = x.length / 3;
    for (int i = 0; i < x.length; i++) {
      mean += i / inner % 3 == c ? x[i] / n : 0;
    }
    double variance = 0;
    for (int i = 0; i < x.length; i++) {
      variance += i / inner % 3 == c ? (x[i] - mean) * (x[i] - mean) / n : 0;
    }
    return new double[] {mean, variance};
  }

  private static void check(Tensor x, int inner) {
    BatchNorm layer = layer();
    double[] values = Compute.of(x);
    double[] scale = Compute.of(layer.scale());
    double[] shift = Compute.of(layer.shift());
    double[] mean = Compute.of(layer.mean());
    double[] variance = Compute.of(layer.variance());
    BatchNorm.Trained trained = layer.train(x);
    double[] byBatch = Compute.of(trained.y());
    double[] byRunning = Compute.of(layer.apply(x));
    double n = values.length / 3.0;
    for (int i = 0; i < values.length; i++) {
      int c = i / inner % 3;
      double[] own = statistics(values, inner, c);
      assertEquals(
          (values[i] - own[0]) / Math.sqrt(own[1] + 1e-3) * scale[c] + shift[c], byBatch[i], 1e-12);
      assertEquals(
          (values[i] - mean[c]) / Math.sqrt(variance[c] + 1e-3) * scale[c] + shift[c],
          byRunning[i],
          1e-12);
    }
    double[] movedMean = Compute.of(trained.layer().mean());
    double[] movedVariance = Compute.of(trained.layer().variance());
    for (int c = 0; c < 3; c++) {
      double[] own = statistics(values, inner, c);
      assertEquals(0.8 * mean[c] + 0.2 * own[0], movedMean[c], 1e-12);
      assertEquals(0.8 * variance[c] + 0.2 * own[1] * n / (n - 1), movedVariance[c], 1e-12);
    }
  }

  @Test
  void rowsImagesAndDrawsAreNormalisedByFeature() {
    check(Slopes.numbers(9, 5, 3), 1);
    check(Slopes.numbers(9, 4, 3, 2, 5), 10);
    check(Slopes.numbers(9, 2, 4, 3), 1);
    check(Slopes.numbers(9, 2, 2, 3, 2, 2), 4);
  }

  @Test
  void whatIsLearnedStaysAndOneNumberHasNoVariance() {
    BatchNorm layer = layer();
    BatchNorm moved = layer.train(Slopes.numbers(9, 5, 3)).layer();
    assertEquals(layer.scale(), moved.scale());
    assertEquals(layer.shift(), moved.shift());
    assertThrows(IllegalArgumentException.class, () -> layer.train(Slopes.numbers(9, 1, 3)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchNorm(layer.scale(), layer.shift(), layer.mean(), layer.variance(), 0, 1));
  }

  @Test
  void gradientsPassTheStatisticsOfTheBatch() {
    record Given(Tensor x, BatchNorm layer) {}
    Given rows = new Given(Slopes.numbers(9, 5, 3), layer());
    Slopes.assertAsDifferences(rows, given -> given.layer.train(given.x).y());
    Slopes.assertAsDifferences(rows, given -> given.layer.apply(given.x));
    Slopes.assertAsDifferences(
        new Given(Slopes.numbers(9, 2, 3, 2, 2), layer()), given -> given.layer.train(given.x).y());
  }

  @Test
  void layersAreNormalisedRowByRow() {
    record Given(Tensor x, LayerNorm layer) {}
    Tensor x = Slopes.numbers(9, 2, 3, 4);
    LayerNorm last = new LayerNorm(Slopes.numbers(1, 4), Slopes.numbers(2, 4), 1e-3);
    LayerNorm both = new LayerNorm(Slopes.numbers(1, 3, 4), Slopes.numbers(2, 3, 4), 1e-3);
    assertArrayEquals(rows(x, last, 4), Compute.of(last.apply(x)), 1e-12);
    assertArrayEquals(rows(x, both, 12), Compute.of(both.apply(x)), 1e-12);
    Slopes.assertAsDifferences(new Given(x, both), given -> given.layer.apply(given.x));
    LayerNorm fresh = LayerNorm.init(4);
    assertEquals(TensorType.of(DType.FLOAT32, 4), fresh.scale().type());
  }

  private static double[] rows(Tensor x, LayerNorm layer, int width) {
    double[] values = Compute.of(x);
    double[] scale = Compute.of(layer.scale());
    double[] shift = Compute.of(layer.shift());
    for (int row = 0; row < values.length / width; row++) {
      double mean = 0;
      for (int i = 0; i < width; i++) {
        mean += values[row * width + i] / width;
      }
      double variance = 0;
      for (int i = 0; i < width; i++) {
        variance += Math.pow(values[row * width + i] - mean, 2) / width;
      }
      for (int i = 0; i < width; i++) {
        double unit = (values[row * width + i] - mean) / Math.sqrt(variance + 1e-3);
        values[row * width + i] = unit * scale[i] + shift[i];
      }
    }
    return values;
  }
}
