package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.nn.Activation;
import dev.credence.nn.Compute;
import dev.credence.nn.Mlp;
import dev.credence.run.EveryDevice;
import dev.credence.run.HostArray;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BayesianNetTest {
  private static final Key KEY = Key.ROOT.split("test");
  private static final Prior MIXTURE = Prior.scaleMixture(0.5, 1, 0.1);
  private static final int ROWS = 40;

  private static Tensor constant(String name, int... dims) {
    return Compute.floats(Compute.of(Tensor.normal(KEY.split(name), dims)), dims);
  }

  /** Constants, since an expression that draws would follow the first sample, too. */
  private static Mlp net(int outputs) {
    return Tree.map(
        Mlp.init(KEY.split("init"), Activation.RELU, 3, 4, outputs),
        (path, w) -> constant(path, w.shape().dims()));
  }

  private static double[] numbers(Elbo elbo, int firstSample) {
    List<HostArray> read =
        Compute.all(EveryDevice.REFERENCE, 7, firstSample, elbo.meanNll(), elbo.kl());
    return new double[] {read.get(0).doubles()[0], read.get(1).doubles()[0]};
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void theBoundOfSeveralSamplesIsTheMeanOfTheirBounds(Sampling sampling) {
    Tensor x = constant("x", 5, 3);
    Tensor labels = Tensor.literal(TensorType.of(DType.INT32, 5), 0, 2, 1, 1, 0);
    Tensor y = constant("y", 5);
    for (Likelihood likelihood :
        List.of(new Likelihood.Labels(3), new Likelihood.SoftplusGaussian(0.1))) {
      boolean classes = likelihood instanceof Likelihood.Labels;
      MeanField<Mlp> q = MeanField.init(net(classes ? 3 : 2), 0.3);
      var batch = new Examples(x, classes ? labels : y);
      double[] wanted = new double[2];
      for (int t = 0; t < 4; t++) {
        var one = new BayesianNet<Mlp>(ROWS, likelihood, MIXTURE, sampling, 1);
        double[] each = numbers(one.elbo(q, batch, KEY), t);
        wanted[0] += each[0] / 4;
        wanted[1] += each[1] / 4;
      }
      var four = new BayesianNet<Mlp>(ROWS, likelihood, MIXTURE, sampling, 4);
      double[] got = numbers(four.elbo(q, batch, KEY), 0);
      assertEquals(wanted[0], got[0], 1e-5 * Math.abs(wanted[0]), likelihood + " nll");
      assertEquals(wanted[1], got[1], 1e-5 * Math.abs(wanted[1]), likelihood + " kl");
    }
    var labelled = new Likelihood.Labels(3);
    assertThrows(
        IllegalArgumentException.class,
        () -> new BayesianNet<Mlp>(ROWS, labelled, MIXTURE, sampling, 0));
  }

  /** Noise of all rows alike is said beside the means, and is a point among random weights. */
  @ParameterizedTest
  @EnumSource(Sampling.class)
  void sharedNoiseIsOfAllRows(Sampling sampling) {
    var net = SharedNoise.init(net(1), 1, 0.7);
    MeanField<SharedNoise<Mlp>> q = MeanField.init(net, 0.3, SharedNoise::isOfNet);
    assertEquals(4, q.rho().size());
    Tensor x = constant("x", 5, 3);
    var noisy = new Likelihood.SoftplusGaussian(0);
    double[] scale = Compute.of(noisy.of(sampling.apply(q, x, 3, KEY)).scale());
    double[] wanted = new double[15];
    java.util.Arrays.fill(wanted, Math.log1p(Math.exp(0.7)));
    assertArrayEquals(wanted, scale, 1e-6);
    double[] mean = Compute.of(noisy.of(sampling.apply(q, x, 3, KEY)).mean());
    assertEquals(15, java.util.Arrays.stream(mean).distinct().count());
    MeanField<Mlp> inner = q.part("net", net.net());
    assertEquals(Map.copyOf(MeanField.init(net.net(), 0.3).rho()).keySet(), inner.rho().keySet());
  }

  @Test
  void gradientsReachTheSharedNoise() {
    var net = SharedNoise.init(net(1), 1, 0.7);
    Tensor raw = net.apply(constant("x", 5, 3));
    Tensor y = constant("y", 5).unsqueeze(-1);
    var likelihood = new Likelihood.SoftplusGaussian(0);
    Tensor nll = likelihood.logProb(raw, y).neg().sumAll();
    double h = 1e-2;
    var up = new SharedNoise<>(net.net(), net.noise().add(h));
    var down = new SharedNoise<>(net.net(), net.noise().sub(h));
    Tensor difference =
        likelihood
            .logProb(down.apply(constant("x", 5, 3)), y)
            .sub(likelihood.logProb(up.apply(constant("x", 5, 3)), y))
            .sumAll()
            .mul(0.5 / h);
    double slope =
        Compute.scalar(
            dev.credence.grad.Gradients.of(nll, List.of(net.noise())).getFirst().reshape());
    assertEquals(Compute.scalar(difference), slope, 1e-3 * Math.abs(slope) + 1e-3);
  }
}
