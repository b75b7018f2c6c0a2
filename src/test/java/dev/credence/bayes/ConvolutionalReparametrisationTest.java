package dev.credence.bayes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.nn.Compute;
import dev.credence.nn.Conv2d;
import dev.credence.nn.LayerRule;
import dev.credence.nn.LayeredNet;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A convolution with normal filters against sums over its windows, element by element: 2^13 draws
 * and 6 standard errors.
 */
class ConvolutionalReparametrisationTest {
  private static final Key KEY = Key.ROOT.split("test");
  private static final int T = 1 << 13;
  private static final int ROWS = 2;
  private static final int IN = 2;
  private static final int OUT = 3;
  private static final int SIDE = 4;
  private static final int FILTER = 3;

  /** Strides of 2 over images with a border of zeros. */
  private static final int PLACES = 2;

  private record Net(Conv2d conv) implements LayeredNet {
    @Override
    public Tensor apply(Tensor x, LayerRule rule) {
      return rule.at("conv", conv, x);
    }
  }

  /** Positive, so that rows and positions that share noise are plainly correlated. */
  private static final double[] X =
      Arrays.stream(numbers(1, ROWS * IN * SIDE * SIDE, 0.5)).map(v -> v + 1).toArray();

  private static final double[] MU = numbers(2, OUT * IN * FILTER * FILTER, 0.5);
  private static final double[] BIAS = numbers(3, OUT, 0.5);
  private static final double[] RHO = numbers(4, OUT * IN * FILTER * FILTER, 1);
  private static final double[] BIAS_RHO = numbers(5, OUT, 1);

  private static double[] numbers(long seed, int n, double scale) {
    return new Random(seed).doubles(n, -scale, scale).map(v -> (float) v).toArray();
  }

  private static Net net(double[] weight, double[] bias) {
    return new Net(
        new Conv2d(
            Compute.floats(weight, OUT, IN, FILTER, FILTER),
            Compute.floats(bias, OUT),
            2,
            1,
            1,
            1));
  }

  private static double scale(double rho) {
    return Math.log1p(Math.exp(rho));
  }

  /** Hears of every weight that an output sees, and of the pixel that it sees there. */
  @FunctionalInterface
  private interface Seen {
    void at(int weight, double pixel);
  }

  private static void window(int row, int out, int i, int j, Seen seen) {
    for (int c = 0; c < IN; c++) {
      for (int k = 0; k < FILTER; k++) {
        for (int l = 0; l < FILTER; l++) {
          int y = 2 * i + k - 1;
          int x = 2 * j + l - 1;
          if (y >= 0 && y < SIDE && x >= 0 && x < SIDE) {
            int weight = ((out * IN + c) * FILTER + k) * FILTER + l;
            seen.at(weight, X[((row * IN + c) * SIDE + y) * SIDE + x]);
          }
        }
      }
    }
  }

  /** What the sum over two windows of one channel says of their covariance. */
  private static double covariance(int out, int[] a, int[] b) {
    double[] first = new double[MU.length];
    double[] sum = {Math.pow(scale(BIAS_RHO[out]), 2)};
    window(a[0], out, a[1], a[2], (weight, pixel) -> first[weight] = pixel);
    window(
        b[0],
        out,
        b[1],
        b[2],
        (weight, pixel) -> sum[0] += Math.pow(scale(RHO[weight]), 2) * first[weight] * pixel);
    return sum[0];
  }

  private static double mean(int row, int out, int i, int j) {
    double[] sum = {BIAS[out]};
    window(row, out, i, j, (weight, pixel) -> sum[0] += MU[weight] * pixel);
    return sum[0];
  }

  private static int at(int row, int out, int i, int j) {
    return ((row * OUT + out) * PLACES + i) * PLACES + j;
  }

  /** The mean over the draws of the product of two outputs' deviations, and its standard error. */
  private static double[] products(double[] y, int a, int b, double meanA, double meanB) {
    int width = y.length / T;
    double sum = 0;
    double squares = 0;
    for (int t = 0; t < T; t++) {
      double product = (y[t * width + a] - meanA) * (y[t * width + b] - meanB);
      sum += product;
      squares += product * product;
    }
    double mean = sum / T;
    return new double[] {mean, Math.sqrt((squares / T - mean * mean) / T)};
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void momentsAreThoseOfTheWindows(Sampling sampling) {
    MeanField<Net> q = MeanField.of(net(MU, BIAS), net(RHO, BIAS_RHO));
    Tensor x = Compute.floats(X, ROWS, IN, SIDE, SIDE);
    Tensor drawn = sampling.apply(q, x, T, KEY);
    assertArrayEquals(new int[] {T, ROWS, OUT, PLACES, PLACES}, drawn.shape().dims());
    double[] y = Compute.of(drawn);
    everyOutputHasItsMeanAndVariance(y);
    rowsAndPositionsShareWhatIsSaid(sampling, y);
    double[] channels =
        products(y, at(0, 0, 0, 0), at(0, 1, 0, 0), mean(0, 0, 0, 0), mean(0, 1, 0, 0));
    assertEquals(0, channels[0], 6 * channels[1], "channels");
  }

  private static void everyOutputHasItsMeanAndVariance(double[] y) {
    int width = y.length / T;
    for (int row = 0; row < ROWS; row++) {
      for (int out = 0; out < OUT; out++) {
        for (int place = 0; place < PLACES * PLACES; place++) {
          int i = place / PLACES;
          int j = place % PLACES;
          int own = at(row, out, i, j);
          double wanted = mean(row, out, i, j);
          double variance = covariance(out, new int[] {row, i, j}, new int[] {row, i, j});
          double sum = 0;
          for (int t = 0; t < T; t++) {
            sum += y[t * width + own];
          }
          assertEquals(wanted, sum / T, 6 * Math.sqrt(variance / T));
          double[] spread = products(y, own, own, wanted, wanted);
          assertEquals(variance, spread[0], 6 * spread[1]);
        }
      }
    }
  }

  /** Rows share the noise of drawn weights alone; positions share it in every way but the local. */
  private static void rowsAndPositionsShareWhatIsSaid(Sampling sampling, double[] y) {
    int[] corner = {0, 0, 0};
    for (int out = 0; out < OUT; out++) {
      double mean = mean(0, out, 0, 0);
      double[] rows = products(y, at(0, out, 0, 0), at(1, out, 0, 0), mean, mean(1, out, 0, 0));
      double ofRows = covariance(out, corner, new int[] {1, 0, 0});
      assertEquals(sampling == Sampling.DIRECT ? ofRows : 0, rows[0], 6 * rows[1], "rows");
      assertTrue(Math.abs(ofRows) > 12 * rows[1], "the test tells rows apart");
      double[] places = products(y, at(0, out, 0, 0), at(0, out, 1, 1), mean, mean(0, out, 1, 1));
      double ofPlaces = covariance(out, corner, new int[] {0, 1, 1});
      assertEquals(sampling == Sampling.LOCAL ? 0 : ofPlaces, places[0], 6 * places[1], "places");
      assertTrue(Math.abs(ofPlaces) > 12 * places[1], "the test tells places apart");
    }
  }
}
