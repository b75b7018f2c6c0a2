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
import dev.credence.run.HostArray;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Direct and local reparametrisation against closed forms, by 2^16 draws and 6 standard errors. */
class ReparametrisationTest {
  private static final int T = 1 << 16;
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
    return new MeanField<>(single(MU), single(RHO));
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

  /** A tree whose leaves are repeated along a new first axis, one copy a draw. */
  private static <W> W copies(W tree) {
    return Tree.map(tree, (path, leaf) -> leaf.broadcast(Shape.of(T).concat(leaf.shape())));
  }

  /** The gradient of the sum of squares of each draw, with respect to each leaf: [T, ..] arrays. */
  private static List<double[]> gradients(MeanField<Mlp> net, Sampling sampling, Device device) {
    MeanField<Mlp> q = copies(net);
    Tensor x = x().broadcast(T, 4, 3);
    Tensor y = Compute.floats(Y, 4, 1);
    Tensor loss = sampling.apply(q, x, KEY).sub(y).square().sumAll().mul(0.5);
    List<double[]> read = new ArrayList<>();
    for (HostArray g :
        Compute.all(device, 5, 0, Gradients.of(loss, Tree.list(q)).toArray(Tensor[]::new))) {
      read.add(g.doubles());
    }
    return read;
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
      List<double[]> local = gradients(net, Sampling.LOCAL, device);
      for (int leaf = 0; leaf < direct.size(); leaf++) {
        int width = direct.get(leaf).length / T;
        for (int i = 0; i < width; i++) {
          Estimate a = Estimate.of(direct.get(leaf), width, i);
          Estimate b = Estimate.of(local.get(leaf), width, i);
          double error = Math.hypot(a.error, b.error);
          assertEquals(a.mean, b.mean, 6 * error, "leaf " + leaf + ", element " + i);
          assertTrue(error > 0);
        }
      }
    }
  }
}
