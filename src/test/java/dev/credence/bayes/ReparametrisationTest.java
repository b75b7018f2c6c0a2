package dev.credence.bayes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.nn.Activation;
import dev.credence.nn.Compute;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** All reparametrisations against closed forms, by 2^16 draws and 6 standard errors. */
class ReparametrisationTest {
  private static final int T = 1 << 16;
  private static final int LEAVES = 64;
  private static final Key KEY = Key.ROOT.split("test");
  private static final double[] X = {1, 2, -1, 0.5, -1, 0.3, 2, 1, 1, -0.7, 0.2, 0.9};
  private static final double[] Y = {1, -2, 0.5, 2};
  private static final double[] MU = {0.4, -0.3, 0.8, 0.2};
  private static final double[] RHO = {-1, 0.3, -2, -0.5};

  /** Mean and standard error of a column of draws. */
  private record Estimate(double mean, double error) {
    static Estimate of(double[] draws, int width, int column) {
      int n = draws.length / width;
      double mean = 0;
      for (int t = 0; t < n; t++) {
        mean += draws[t * width + column] / n;
      }
      double squares = 0;
      for (int t = 0; t < n; t++) {
        squares += Math.pow(draws[t * width + column] - mean, 2);
      }
      return new Estimate(mean, Math.sqrt(squares / n / (n - 1)));
    }

    void agrees(double wanted, String what) {
      assertEquals(wanted, mean, 6 * error + 1e-6 * Math.abs(wanted), what);
    }
  }

  /** A layer of 3 inputs and 1 output. */
  private static MeanField<Mlp> layer() {
    return MeanField.of(single(MU), single(RHO));
  }

  private static Mlp single(double[] numbers) {
    Tensor weight = Compute.floats(new double[] {numbers[0], numbers[1], numbers[2]}, 1, 3);
    Tensor bias = Compute.floats(new double[] {numbers[3]}, 1);
    return new Mlp(List.of(new Linear(weight, bias)), Activation.IDENTITY);
  }

  private static Tensor x() {
    return Compute.floats(X, 4, 3);
  }

  private static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  @Test
  void marginalsAgreeAndRowsShareNoiseOnlyIfWeightsAreDrawn() {
    try (Device device = new ReferenceDevice()) {
      for (Sampling sampling : Sampling.values()) {
        double[] y =
            Compute.all(device, 3, 0, sampling.apply(layer(), x(), T, KEY)).get(0).doubles();
        for (int a = 0; a < 4; a++) {
          Estimate.of(y, 4, a).agrees(mean(a), sampling + " mean of row " + a);
          for (int b = 0; b <= a; b++) {
            double[] products = new double[T];
            for (int t = 0; t < T; t++) {
              products[t] = (y[4 * t + a] - mean(a)) * (y[4 * t + b] - mean(b));
            }
            double wanted = a == b || sampling == Sampling.DIRECT ? covariance(a, b) : 0;
            Estimate.of(products, 1, 0).agrees(wanted, sampling + " rows " + a + " and " + b);
          }
        }
      }
    }
  }

  private static double input(int row, int i) {
    return i < 3 ? X[3 * row + i] : 1;
  }

  private static double mean(int row) {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += MU[i] * input(row, i);
    }
    return sum;
  }

  private static double covariance(int a, int b) {
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += Math.pow(softplus(RHO[i]), 2) * input(a, i) * input(b, i);
    }
    return sum;
  }

  /**
   * Gradients of half the sum of squares, with respect to each leaf, averaged over each of some
   * leaves of draws: [leaves, ..] arrays.
   */
  private static List<double[]> gradients(MeanField<Mlp> net, Sampling sampling, Device device) {
    try (State<MeanField<Mlp>> state = State.of(device, 0, net)) {
      Tensor y = Compute.floats(Y, 4, 1);
      Tensor loss =
          sampling
              .apply(state.tree(), x(), T / LEAVES, KEY)
              .sub(y)
              .square()
              .sumAll()
              .mul(0.5 * LEAVES / T);
      Map<String, Tensor> leaves = Tree.leaves(Gradients.of(loss, state.tree()));
      Program.Builder builder = Program.on(device, state);
      leaves.forEach(builder::output);
      List<double[]> read = new ArrayList<>();
      leaves.values().forEach(leaf -> read.add(new double[LEAVES * leaf.shape().size()]));
      try (Program program = builder.build()) {
        for (int k = 0; k < LEAVES; k++) {
          program.seed(5).firstSample(k * (T / LEAVES)).run();
          int at = 0;
          for (String path : leaves.keySet()) {
            double[] gradient = program.get(path).doubles();
            System.arraycopy(gradient, 0, read.get(at++), k * gradient.length, gradient.length);
          }
        }
      }
      return read;
    }
  }

  @Test
  void gradientsOfALayerAreUnbiased() {
    try (Device device = new ReferenceDevice()) {
      for (Sampling sampling : Sampling.values()) {
        List<double[]> drawn = gradients(layer(), sampling, device);
        for (int i = 0; i < 4; i++) {
          double byMu = 0;
          double squares = 0;
          for (int row = 0; row < 4; row++) {
            byMu -= input(row, i) * (Y[row] - mean(row));
            squares += input(row, i) * input(row, i);
          }
          double byRho = softplus(RHO[i]) * squares / (1 + Math.exp(-RHO[i]));
          int leaf = i < 3 ? 0 : 1;
          int width = i < 3 ? 3 : 1;
          Estimate.of(drawn.get(leaf), width, i % 3).agrees(byMu, sampling + " mu " + i);
          Estimate.of(drawn.get(2 + leaf), width, i % 3).agrees(byRho, sampling + " rho " + i);
        }
      }
    }
  }

  @Test
  void gradientsOfANetAgree() {
    Linear first =
        new Linear(
            Compute.floats(new double[] {0.5, -1, 0.2, 0.3, 0.8, -0.4}, 2, 3),
            Compute.floats(new double[] {0.1, -0.2}, 2));
    Linear last =
        new Linear(
            Compute.floats(new double[] {1, -0.7}, 1, 2), Compute.floats(new double[] {0.3}, 1));
    MeanField<Mlp> net = MeanField.init(new Mlp(List.of(first, last), Activation.RELU), 0.4);
    try (Device device = new ReferenceDevice()) {
      List<double[]> direct = gradients(net, Sampling.DIRECT, device);
      for (Sampling sampling : List.of(Sampling.LOCAL, Sampling.FLIPOUT)) {
        List<double[]> other = gradients(net, sampling, device);
        for (int leaf = 0; leaf < direct.size(); leaf++) {
          int width = direct.get(leaf).length / LEAVES;
          for (int i = 0; i < width; i++) {
            Estimate a = Estimate.of(direct.get(leaf), width, i);
            Estimate b = Estimate.of(other.get(leaf), width, i);
            double error = Math.hypot(a.error, b.error);
            assertEquals(a.mean, b.mean, 6 * error, sampling + " leaf " + leaf + ", element " + i);
            assertTrue(error > 0);
          }
        }
      }
    }
  }
}
