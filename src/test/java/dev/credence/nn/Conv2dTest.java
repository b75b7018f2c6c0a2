package dev.credence.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.TraceException;
import dev.credence.type.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Convolutional layers, forward and turned round. */
class Conv2dTest {
  private static final Key KEY = Key.ROOT.split("test");

  /** A layer and what it is applied to. */
  private record Case(Tensor x, Conv2d layer) {}

  /** Strided, padded and dilated; in two groups; and neither. */
  private static List<Case> cases() {
    return List.of(
        new Case(
            Slopes.numbers(1, 2, 3, 7, 8),
            new Conv2d(Slopes.numbers(2, 4, 3, 3, 2), Slopes.numbers(3, 4), 2, 1, 2, 1)),
        new Case(
            Slopes.numbers(4, 2, 4, 5, 4),
            new Conv2d(Slopes.numbers(5, 6, 2, 2, 3), Slopes.numbers(6, 6), 1, 1, 1, 2)),
        new Case(
            Slopes.numbers(7, 3, 2, 6, 6),
            new Conv2d(Slopes.numbers(8, 5, 2, 3, 3), Slopes.numbers(9, 5))));
  }

  /** The definition, written out. */
  private static double[] twin(Case c) {
    Shape image = c.x.shape();
    Shape filter = c.layer.weight().shape();
    double[] x = Compute.of(c.x);
    double[] w = Compute.of(c.layer.weight());
    double[] bias = Compute.of(c.layer.bias());
    int height = extent(image.dim(2), filter.dim(2), c.layer);
    int width = extent(image.dim(3), filter.dim(3), c.layer);
    int out = filter.dim(0);
    int in = filter.dim(1);
    double[] y = new double[image.dim(0) * out * height * width];
    int at = 0;
    for (int n = 0; n < image.dim(0); n++) {
      for (int o = 0; o < out; o++) {
        int firstChannel = o / (out / c.layer.groups()) * in;
        for (int row = 0; row < height; row++) {
          for (int column = 0; column < width; column++) {
            double sum = bias[o];
            for (int k = 0; k < in; k++) {
              for (int i = 0; i < filter.dim(2); i++) {
                for (int j = 0; j < filter.dim(3); j++) {
                  int r = row * c.layer.stride() + i * c.layer.dilation() - c.layer.padding();
                  int s = column * c.layer.stride() + j * c.layer.dilation() - c.layer.padding();
                  if (r >= 0 && r < image.dim(2) && s >= 0 && s < image.dim(3)) {
                    int channel = n * image.dim(1) + firstChannel + k;
                    int pixel = (channel * image.dim(2) + r) * image.dim(3) + s;
                    int weight = ((o * in + k) * filter.dim(2) + i) * filter.dim(3) + j;
                    sum += x[pixel] * w[weight];
                  }
                }
              }
            }
            y[at++] = sum;
          }
        }
      }
    }
    return y;
  }

  private static int extent(int image, int filter, Conv2d layer) {
    return (image + 2 * layer.padding() - layer.dilation() * (filter - 1) - 1) / layer.stride() + 1;
  }

  @Test
  void isItsDefinition() {
    for (Case c : cases()) {
      assertArrayEquals(twin(c), Compute.of(c.layer.apply(c.x)), 1e-12);
    }
  }

  @Test
  void gradientsAreDifferences() {
    for (Case c : cases()) {
      Slopes.assertAsDifferences(c, inputs -> inputs.layer.apply(inputs.x));
    }
  }

  @Test
  void drawsOfFiltersAndImagesStayApart() {
    for (Case c : cases()) {
      Conv2d first = c.layer;
      Conv2d second =
          new Conv2d(
              Slopes.numbers(21, first.weight().shape().dims()),
              Slopes.numbers(22, first.bias().shape().dims()),
              first.stride(),
              first.padding(),
              first.dilation(),
              first.groups());
      Conv2d both =
          new Conv2d(
              Tensor.stack(0, first.weight(), second.weight()),
              Tensor.stack(0, first.bias(), second.bias()),
              first.stride(),
              first.padding(),
              first.dilation(),
              first.groups());
      Tensor other = Slopes.numbers(23, c.x.shape().dims());
      Tensor images = Tensor.stack(0, c.x, other);
      assertSame(Tensor.stack(0, first.apply(c.x), second.apply(c.x)), both.apply(c.x));
      assertSame(Tensor.stack(0, first.apply(c.x), first.apply(other)), first.apply(images));
      assertSame(Tensor.stack(0, first.apply(c.x), second.apply(other)), both.apply(images));
    }
  }

  private static void assertSame(Tensor expected, Tensor found) {
    assertEquals(expected.shape(), found.shape());
    assertArrayEquals(Compute.of(expected), Compute.of(found), 1e-12);
  }

  /** The inner product of a convolution with y is that of its images with the transposed one's. */
  @Test
  void theTransposedLayerIsTheAdjoint() {
    Tensor weight = Slopes.numbers(1, 4, 3, 3, 3);
    Tensor none = Slopes.numbers(2, 4).zerosLike();
    Conv2d forward = new Conv2d(weight, none, 2, 1, 1, 1);
    ConvTranspose2d back =
        new ConvTranspose2d(weight, Slopes.numbers(2, 3).zerosLike(), 2, 1, 1, 1, 1);
    Tensor x = Slopes.numbers(3, 2, 3, 8, 8);
    Tensor y = Slopes.numbers(4, 2, 4, 4, 4);
    assertEquals(
        Compute.scalar(forward.apply(x).mul(y).sumAll()),
        Compute.scalar(back.apply(y).mul(x).sumAll()),
        1e-10);
  }

  @Test
  void theTransposedLayerTakesDrawsAndItsGradientsAreDifferences() {
    record Given(Tensor x, ConvTranspose2d layer) {}
    ConvTranspose2d first =
        new ConvTranspose2d(Slopes.numbers(1, 4, 2, 3, 3), Slopes.numbers(2, 4), 2, 1, 1, 1, 2);
    Slopes.assertAsDifferences(
        new Given(Slopes.numbers(3, 2, 4, 3, 3), first), given -> given.layer.apply(given.x));
    ConvTranspose2d second =
        new ConvTranspose2d(Slopes.numbers(4, 4, 2, 3, 3), Slopes.numbers(5, 4), 2, 1, 1, 1, 2);
    ConvTranspose2d both =
        new ConvTranspose2d(
            Tensor.stack(0, first.weight(), second.weight()),
            Tensor.stack(0, first.bias(), second.bias()),
            2,
            1,
            1,
            1,
            2);
    Tensor x = Slopes.numbers(6, 2, 4, 3, 3);
    Tensor other = Slopes.numbers(7, 2, 4, 3, 3);
    Tensor images = Tensor.stack(0, x, other);
    assertSame(Tensor.stack(0, first.apply(x), second.apply(x)), both.apply(x));
    assertSame(Tensor.stack(0, first.apply(x), first.apply(other)), first.apply(images));
    assertSame(Tensor.stack(0, first.apply(x), second.apply(other)), both.apply(images));
  }

  @Test
  void initialFiltersHaveTheirVariance() {
    for (double factor : new double[] {1, 3}) {
      Conv2d layer =
          factor == 1 ? Conv2d.init(KEY, 4, 2000, 3, 1, 0) : Conv2d.lecun(KEY, 4, 2000, 3);
      double bound = Math.sqrt(factor / 36);
      double squares = 0;
      double[] w = Compute.of(layer.weight());
      for (double each : w) {
        assertTrue(Math.abs(each) <= bound);
        squares += each * each;
      }
      // Of 72000 numbers with kurtosis 1.8, within 5 standard errors.
      double variance = bound * bound / 3;
      assertEquals(variance, squares / w.length, 5 * variance * Math.sqrt(0.8 / w.length));
      assertArrayEquals(new double[2000], Compute.of(layer.bias()));
    }
  }

  @Test
  void channelsThatDoNotFitAreTold() {
    Conv2d layer = Conv2d.lecun(KEY, 3, 4, 5);
    TraceException e =
        assertThrows(TraceException.class, () -> layer.apply(Tensor.normal(KEY, 2, 1, 8, 8)));
    assertTrue(String.valueOf(e.getMessage()).contains("[2, 1, 8, 8]"), e.getMessage());
  }

  @Test
  void imagesAreRowsAndRowsAreImages() {
    ImageFormat format = new ImageFormat(2, 3, 4);
    Tensor rows = Slopes.numbers(1, 5, 6, 24);
    Tensor images = format.images(rows);
    assertEquals(Shape.of(5, 6, 2, 3, 4), images.shape());
    assertSame(rows, ImageFormat.flatten(images));
    assertThrows(IllegalArgumentException.class, () -> new ImageFormat(0, 3, 4));
    assertThrows(TraceException.class, () -> format.images(Slopes.numbers(1, 5, 23)));
  }
}
