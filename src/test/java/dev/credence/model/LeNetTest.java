package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Sampling;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.nn.Compute;
import dev.credence.nn.Conv2d;
import dev.credence.nn.ImageFormat;
import dev.credence.nn.Linear;
import dev.credence.nn.Slopes;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LeNetTest {
  private static final Key KEY = Key.ROOT.split("test");
  private static final ImageFormat SMALL = new ImageFormat(1, 16, 16);

  /** Weights as constants: draws would follow the program's first sample. */
  private static LeNet small() {
    return Tree.map(
        LeNet.init(KEY, SMALL, 3),
        (path, leaf) -> {
          int[] dims = leaf.shape().dims();
          Tensor drawn =
              path.endsWith("bias") ? Tensor.normal(KEY.split(path), dims).mul(0.1) : leaf;
          return Compute.floats(Compute.of(drawn), dims);
        });
  }

  private static Tensor images(int count) {
    int[] dims = {count, SMALL.size()};
    return Compute.floats(Compute.of(Tensor.uniform(KEY.split("images"), dims)), dims);
  }

  private static long parameters(LeNet net) {
    return Tree.list(net).stream().mapToLong(leaf -> leaf.shape().size()).sum();
  }

  @Test
  void hasThePublishedSizes() {
    assertEquals(431080, parameters(LeNet.init(KEY, new ImageFormat(1, 28, 28), 10)));
    LeNet cifar = LeNet.init(KEY, new ImageFormat(3, 32, 32), 10);
    assertEquals(1250, cifar.ip1().in());
    assertEquals(3, cifar.conv1().weight().shape().dim(1));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> LeNet.init(KEY, new ImageFormat(1, 15, 28), 10));
    assertTrue(String.valueOf(e.getMessage()).contains("15x28"), e.getMessage());
  }

  /** The whole net in loops over doubles. */
  @Test
  void isWhatThePaperDraws() {
    LeNet net = small();
    Tensor x = images(2);
    double[] image = Compute.of(x);
    double[] logits = Compute.of(net.apply(x));
    for (int n = 0; n < 2; n++) {
      double[] h = Arrays.copyOfRange(image, n * 256, (n + 1) * 256);
      h = pooled(convolved(h, 1, 16, net.conv1()), 20, 12);
      h = pooled(convolved(h, 20, 6, net.conv2()), 50, 2);
      h = dense(h, net.ip1());
      for (int i = 0; i < h.length; i++) {
        h[i] = Math.max(0, h[i]);
      }
      double[] expected = dense(h, net.ip2());
      assertArrayEquals(expected, Arrays.copyOfRange(logits, 3 * n, 3 * n + 3), 1e-5);
    }
  }

  private static double[] convolved(double[] x, int channels, int side, Conv2d layer) {
    double[] w = Compute.of(layer.weight());
    double[] y = Compute.of(layer.bias());
    int out = y.length;
    int left = side - 4;
    double[] result = new double[out * left * left];
    for (int o = 0; o < out; o++) {
      for (int r = 0; r < left; r++) {
        for (int c = 0; c < left; c++) {
          double sum = y[o];
          for (int k = 0; k < channels; k++) {
            for (int i = 0; i < 25; i++) {
              int pixel = (k * side + r + i / 5) * side + c + i % 5;
              sum += x[pixel] * w[(o * channels + k) * 25 + i];
            }
          }
          result[(o * left + r) * left + c] = sum;
        }
      }
    }
    return result;
  }

  private static double[] pooled(double[] x, int channels, int side) {
    int half = side / 2;
    double[] result = new double[channels * half * half];
    for (int i = 0; i < result.length; i++) {
      int at = (i / (half * half) * side + i / half % half * 2) * side + i % half * 2;
      result[i] = Math.max(Math.max(x[at], x[at + 1]), Math.max(x[at + side], x[at + side + 1]));
    }
    return result;
  }

  private static double[] dense(double[] x, Linear layer) {
    double[] w = Compute.of(layer.weight());
    double[] y = Compute.of(layer.bias());
    for (int o = 0; o < y.length; o++) {
      for (int i = 0; i < x.length; i++) {
        y[o] += x[i] * w[o * x.length + i];
      }
    }
    return y;
  }

  @Test
  void withoutDropoutADrawIsTheNet() {
    LeNet net = small();
    Tensor x = images(3);
    double[] plain = Compute.of(net.apply(x));
    assertArrayEquals(plain, Compute.of(net.draw(x, LeNet.Rates.NONE, KEY)));
    Tensor draws = net.draws(x, LeNet.Rates.NONE, 2, KEY);
    assertEquals(Shape.of(2, 3, 3), draws.shape());
    assertArrayEquals(plain, Arrays.copyOfRange(Compute.of(draws), 9, 18));
    assertThrows(IllegalArgumentException.class, () -> LeNet.Rates.all(1));
  }

  @Test
  void aDrawCanBeHadAlone() {
    LeNet net = small();
    Tensor x = images(3);
    try (Device device = new ReferenceDevice()) {
      for (LeNet.Rates rates : new LeNet.Rates[] {LeNet.Rates.ip(0.5), LeNet.Rates.all(0.5)}) {
        double[] all = Compute.all(device, 1, 0, net.draws(x, rates, 4, KEY)).get(0).doubles();
        double[] third = Compute.all(device, 1, 2, net.draws(x, rates, 1, KEY)).get(0).doubles();
        assertArrayEquals(Arrays.copyOfRange(all, 18, 27), third);
        assertTrue(!Arrays.equals(third, Arrays.copyOfRange(all, 0, 9)), "draws differ");
      }
    }
  }

  /** The last layer is linear, so the mean over masks before it is the net without. */
  @Test
  void masksOfTheDenseUnitsKeepTheMean() {
    LeNet net = small();
    Tensor x = images(2);
    int count = 4000;
    Tensor draws = net.draws(x, LeNet.Rates.ip(0.5), count, KEY);
    double[] plain = Compute.of(net.apply(x));
    double[] mean = Compute.of(draws.mean(0));
    double[] variance = Compute.of(draws.sub(net.apply(x)).square().mean(0));
    for (int i = 0; i < plain.length; i++) {
      assertEquals(plain[i], mean[i], 6 * Math.sqrt(variance[i] / count));
    }
  }

  /** Half the decay times the sum of squares is minus the log density of N(0, 1 / (N decay)). */
  @Test
  void decayIsThePriorsDensity() {
    LeNet net = small();
    var batch = new Examples(images(2), Tensor.literal(TensorType.of(DType.INT32, 2), 0, 2));
    double found =
        Compute.scalar(
            new LeNet.Classification(100, LeNet.Rates.NONE, 0.01).elbo(net, batch, KEY).kl());
    double squares = 0;
    for (Tensor leaf : Tree.list(net)) {
      for (double w : Compute.of(leaf)) {
        squares += w * w;
      }
    }
    assertEquals(0.5 * 100 * 0.01 * squares, found, 1e-4 * found);
  }

  @Test
  void gradientsReachEveryLayer() {
    LeNet net =
        new LeNet(
            SMALL,
            new Conv2d(Slopes.numbers(1, 2, 1, 5, 5), Slopes.numbers(2, 2)),
            new Conv2d(Slopes.numbers(3, 3, 2, 5, 5), Slopes.numbers(4, 3)),
            new Linear(Slopes.numbers(5, 4, 3), Slopes.numbers(6, 4)),
            new Linear(Slopes.numbers(7, 2, 4), Slopes.numbers(8, 2)));
    Tensor x = Slopes.numbers(9, 2, SMALL.size());
    Slopes.assertAsDifferences(net, weights -> weights.draw(x, LeNet.Rates.all(0.3), KEY));
  }

  /** Each way of drawing normal weights gives the right mean where the net is linear. */
  @Test
  void normalWeightsAreDrawnInThreeWays() {
    MeanField<LeNet> q = MeanField.init(small(), 1e-3);
    Tensor x = images(2);
    double[] plain = Compute.of(q.mean().apply(x));
    for (Sampling sampling : Sampling.values()) {
      Tensor draws = sampling.apply(q, x, 4, KEY);
      assertEquals(Shape.of(4, 2, 3), draws.shape());
      double[] drawn = Compute.of(draws);
      for (int i = 0; i < drawn.length; i++) {
        assertEquals(plain[i % 6], drawn[i], 0.1, sampling + " stays near the mean");
        assertTrue(drawn[i] != plain[i % 6], sampling + " draws");
      }
    }
  }
}
