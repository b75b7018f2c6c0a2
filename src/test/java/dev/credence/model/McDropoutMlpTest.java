package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.Elbo;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.nn.Activation;
import dev.credence.nn.Compute;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Dropout of linear nets has closed moments, and its loss a closed expectation: ridge. */
class McDropoutMlpTest {
  private static final Device DEVICE = new ReferenceDevice();
  private static final Key KEY = Key.ROOT.split("test");
  private static final int DRAWS = 20_000;
  private static final double P = 0.2;
  private static final double C = P / (1 - P);
  private static final double[] X = {0.5, -1.2, 2};
  private static final double[] W1 = {0.3, -0.8, 0.5, 1.1, 0.2, -0.4};
  private static final double[] W2 = {0.7, -1.3};

  private static Linear linear(double[] weight, int out, int in) {
    return new Linear(
        Compute.doubles(weight, out, in), Tensor.zeros(TensorType.of(DType.FLOAT64, out)));
  }

  private static Mlp linearNet(Linear... layers) {
    return new Mlp(List.of(layers), Activation.IDENTITY);
  }

  private static void assertMoments(double mean, double variance, double[] draws) {
    double sum = 0;
    for (double d : draws) {
      sum += d;
    }
    double own = sum / draws.length;
    double second = 0;
    double fourth = 0;
    for (double d : draws) {
      second += Math.pow(d - own, 2) / draws.length;
      fourth += Math.pow(d - own, 4) / draws.length;
    }
    assertEquals(mean, own, 6 * Math.sqrt(second / draws.length));
    assertEquals(variance, second, 6 * Math.sqrt((fourth - second * second) / draws.length));
  }

  @Test
  void aLinearLayersMomentsAreTheClosedOnes() {
    Mlp net = linearNet(linear(new double[] {0.3, -0.8, 0.5}, 1, 3));
    Tensor x = Compute.doubles(X, 1, 3);
    double mean = 0.15 + 0.96 + 1;
    double variance = C * (0.15 * 0.15 + 0.96 * 0.96 + 1);
    assertMoments(
        mean,
        variance,
        Compute.of(McDropoutMlp.draws(net, x, McDropoutMlp.Rates.of(P), DRAWS, KEY)));
    assertEquals(mean, Compute.scalar(net.apply(x)), 1e-12);
  }

  @Test
  void twoLinearLayersMomentsAreTheClosedOnes() {
    Mlp net = linearNet(linear(W1, 2, 3), linear(W2, 1, 2));
    Tensor x = Compute.doubles(X, 1, 3);
    double[] hm = new double[2];
    double[][] h = new double[2][2];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        hm[i] += W1[3 * i + j] * X[j];
        for (int k = 0; k < 2; k++) {
          h[i][k] += C * W1[3 * i + j] * X[j] * X[j] * W1[3 * k + j];
        }
      }
    }
    double mean = 0;
    double variance = 0;
    for (int i = 0; i < 2; i++) {
      mean += W2[i] * hm[i];
      variance += C * W2[i] * W2[i] * (hm[i] * hm[i] + h[i][i]);
      for (int k = 0; k < 2; k++) {
        variance += W2[i] * h[i][k] * W2[k];
      }
    }
    assertMoments(
        mean,
        variance,
        Compute.of(McDropoutMlp.draws(net, x, McDropoutMlp.Rates.of(P), DRAWS, KEY)));
    assertEquals(mean, Compute.scalar(net.apply(x)), 1e-12);
  }

  private static double[] gaussian(int n, long seed) {
    Random random = new Random(seed);
    return random.doubles(n, -2, 2).toArray();
  }

  /** The closed expectation of |y - dropout(X) w|^2. */
  private static Tensor expected(Tensor x, Tensor y, Tensor w) {
    Tensor fit = y.sub(x.matmul(w)).square().sumAll();
    Tensor spread = w.square().mul(x.square().sum(0).unsqueeze(-1)).sumAll().mul(C);
    return fit.add(spread);
  }

  @Test
  void dropoutOfInputsIsRidge() {
    Tensor x = Compute.doubles(gaussian(36, 1), 12, 3);
    Tensor y = Compute.doubles(gaussian(12, 2), 12, 1);
    Tensor gram = x.transpose().matmul(x);
    Tensor ridge = gram.add(gram.diagonalOnly().mul(C));
    Tensor factor = ridge.cholesky();
    Tensor half = x.transpose().matmul(y).triangularSolve(factor, true, false);
    Tensor solution = half.triangularSolve(factor, true, true);
    double[] best = Compute.of(solution);
    Tensor at = Compute.doubles(best, 3, 1);
    Tensor gradient = Gradients.of(expected(x, y, at), List.of(at)).get(0);
    assertArrayEquals(new double[3], Compute.of(gradient), 1e-10);
    // Newton's step from anywhere ends there, since the closed expectation is quadratic.
    Tensor start = Compute.doubles(new double[] {1, -1, 0.5}, 3, 1);
    Tensor slope = Gradients.of(expected(x, y, start), List.of(start)).get(0);
    Tensor step = slope.mul(0.5).triangularSolve(factor, true, false);
    Tensor moved = start.sub(step.triangularSolve(factor, true, true));
    assertArrayEquals(best, Compute.of(moved), 1e-6);
  }

  @Test
  void meanGradientOverDrawsIsTheClosedOne() {
    int draws = 4000;
    Tensor x = Compute.doubles(gaussian(36, 1), 12, 3);
    Tensor y = Compute.doubles(gaussian(12, 2), 12, 1);
    double[] w = {1, -1, 0.5};
    Tensor each = Compute.doubles(w, 1, 1, 3).broadcast(draws, 1, 3);
    Tensor bias = Tensor.zeros(TensorType.of(DType.FLOAT64, draws, 1));
    Mlp net = linearNet(new Linear(each, bias));
    Tensor out = McDropoutMlp.draws(net, x, McDropoutMlp.Rates.of(P), draws, KEY);
    Tensor loss = out.sub(y).square().sumAll();
    double[] g = Compute.of(Gradients.of(loss, List.of(each)).get(0));
    Tensor column = Compute.doubles(w, 3, 1);
    double[] closed = Compute.of(Gradients.of(expected(x, y, column), List.of(column)).get(0));
    for (int j = 0; j < 3; j++) {
      double sum = 0;
      double squares = 0;
      for (int t = 0; t < draws; t++) {
        sum += g[3 * t + j];
        squares += g[3 * t + j] * g[3 * t + j];
      }
      double mean = sum / draws;
      double error = Math.sqrt((squares / draws - mean * mean) / draws);
      assertEquals(closed[j], mean, 6 * error);
    }
  }

  @Test
  void decayAndPrecisionConvertBothWays() {
    double decay = McDropoutMlp.weightDecay(0.05, 1e-2, 455, 0.1597);
    assertEquals(1e-4 * 0.95 / (2 * 455 * 0.1597), decay, 1e-18);
    assertEquals(0.1597, McDropoutMlp.precision(0.05, 1e-2, 455, decay), 1e-12);
    assertEquals(1e-2, McDropoutMlp.lengthScale(0.05, 455, 0.1597, decay), 1e-14);
    assertThrows(IllegalArgumentException.class, () -> McDropoutMlp.Rates.of(1));
  }

  @Test
  void lossIsThePublishedOneTimesHalfThePrecision() {
    var model = new McDropoutMlp.Regression(40, new McDropoutMlp.Rates(0, 0), 0.3, 0.2, 5);
    Mlp net = linearNet(linear(W1, 2, 3), linear(W2, 1, 2));
    var batch =
        new Examples(Compute.doubles(gaussian(12, 3), 4, 3), Compute.doubles(gaussian(4, 4), 4));
    Elbo elbo = model.elbo(net, batch, KEY);
    double mse = Compute.scalar(net.apply(batch.x()).reshape(4).sub(batch.y()).square().meanAll());
    double squares = 0;
    for (double w : W1) {
      squares += w * w;
    }
    for (double w : W2) {
      squares += w * w;
    }
    double decay = McDropoutMlp.weightDecay(0, 0.3, 40, 0.2);
    double half = 0.5 * 0.2 * 25;
    double norm = 0.5 * Math.log(2 * Math.PI / (0.2 * 25));
    assertEquals(half * (mse + decay * squares) + norm, Compute.scalar(elbo.loss()), 1e-10);
    assertEquals(40 * (half * mse + norm), Compute.scalar(elbo.nll()), 1e-9);
  }

  @Test
  void boundsOfSeveralNetsAddUp() {
    List<McDropoutMlp.Regression> models =
        List.of(
            new McDropoutMlp.Regression(40, new McDropoutMlp.Rates(0, 0), 0.3, 0.2, 5),
            new McDropoutMlp.Regression(40, new McDropoutMlp.Rates(0, 0), 0.7, 1.5, 2));
    double[] second = gaussian(W1.length, 11);
    double[] both = concat(W1, second);
    Mlp nets =
        linearNet(
            new Linear(
                Compute.doubles(both, 2, 2, 3), Compute.doubles(new double[] {1, 2, 3, 4}, 2, 2)),
            new Linear(
                Compute.doubles(new double[] {0.7, -1.3, 0.2, 0.9}, 2, 1, 2),
                Compute.doubles(new double[] {0.5, -0.5}, 2, 1)));
    double[] x = gaussian(24, 3);
    double[] y = gaussian(8, 4);
    Elbo all =
        new McDropoutMlp.Regressions(models)
            .elbo(nets, new Examples(Compute.doubles(x, 4, 2, 3), Compute.doubles(y, 4, 2)), KEY);
    double nll = 0;
    double kl = 0;
    for (int k = 0; k < 2; k++) {
      int net = k;
      Mlp one = Tree.map(nets, (path, w) -> w.slice(0, net, net + 1).reshape(w.shape().without(0)));
      double[] ownX = new double[12];
      double[] ownY = new double[4];
      for (int row = 0; row < 4; row++) {
        System.arraycopy(x, (2 * row + k) * 3, ownX, 3 * row, 3);
        ownY[row] = y[2 * row + k];
      }
      Elbo own =
          models
              .get(k)
              .elbo(one, new Examples(Compute.doubles(ownX, 4, 3), Compute.doubles(ownY, 4)), KEY);
      nll += Compute.scalar(own.nll());
      kl += Compute.scalar(own.kl());
    }
    assertEquals(nll, Compute.scalar(all.nll()), 1e-9 * nll);
    assertEquals(kl, Compute.scalar(all.kl()), 1e-9 * kl);
    assertThrows(IllegalArgumentException.class, () -> new McDropoutMlp.Regressions(List.of()));
  }

  private static double[] concat(double[] a, double[] b) {
    return DoubleStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
  }

  @Test
  void aNetStartsAsGlorotsAndBengios() {
    Mlp net = McDropoutMlp.init(KEY, Activation.RELU, 40, 60, 1);
    double[] w = Compute.all(DEVICE, 1, 0, net.layers().get(0).weight()).get(0).doubles();
    double bound = Math.sqrt(6.0 / 100);
    double squares = 0;
    for (double each : w) {
      assertTrue(Math.abs(each) <= bound);
      squares += each * each / w.length;
    }
    assertEquals(2.0 / 100, squares, 0.002);
    double[] bias = Compute.all(DEVICE, 1, 0, net.layers().get(0).bias()).get(0).doubles();
    assertArrayEquals(new double[60], bias);
  }
}
