package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.device.Device;
import dev.credence.dist.Normal;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.run.EveryDevice;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bayesian linear regression, whose mean-field optimum is known: with w ~ N(0, 1/a), noise of
 * precision b and A = a I + b X'X it is mu = b A^-1 X'y and s_i^2 = 1 / A_ii, and the bound lies
 * (sum log A_ii - log det A) / 2 below the evidence (Bishop 2006, sections 3.3, 3.5 and 10.1).
 */
class ConjugateTest {
  private static final int N = 24;
  private static final int D = 4;
  private static final double PRIOR_PRECISION = 0.5;
  private static final double NOISE_PRECISION = 4;
  private static final Prior PRIOR = Prior.normal(1 / Math.sqrt(PRIOR_PRECISION));
  private static final Oracle ORACLE = Oracle.make();

  private static List<EveryDevice.Setup> devices() {
    return EveryDevice.all();
  }

  private record Rows(Tensor x, Tensor y) {}

  /** The data, whose last column is 1, and what is known of its posterior. */
  private record Oracle(double[][] x, double[] y, double[][] a, double[] mean, double evidence) {
    static Oracle make() {
      Random random = new Random(7);
      double[][] x = new double[N][D];
      double[] y = new double[N];
      for (int n = 0; n < N; n++) {
        for (int i = 0; i < D - 1; i++) {
          x[n][i] = (float) (random.nextGaussian() + (i > 0 ? 0.5 * x[n][i - 1] : 0));
        }
        x[n][D - 1] = 1;
        y[n] = (float) (x[n][0] - 0.5 * x[n][1] + 0.3 + 0.5 * random.nextGaussian());
      }
      double[][] a = new double[D][D];
      double[] right = new double[D];
      for (int i = 0; i < D; i++) {
        a[i][i] = PRIOR_PRECISION;
        for (int n = 0; n < N; n++) {
          right[i] += NOISE_PRECISION * x[n][i] * y[n];
          for (int j = 0; j < D; j++) {
            a[i][j] += NOISE_PRECISION * x[n][i] * x[n][j];
          }
        }
      }
      double[] mean = right.clone();
      double logDet = eliminate(a, mean);
      double evidence = 0.5 * (N * Math.log(NOISE_PRECISION / (2 * Math.PI)) - logDet);
      evidence += 0.5 * D * Math.log(PRIOR_PRECISION);
      for (int n = 0; n < N; n++) {
        double error = y[n];
        for (int i = 0; i < D; i++) {
          error -= x[n][i] * mean[i];
        }
        evidence -= 0.5 * NOISE_PRECISION * error * error;
      }
      for (double m : mean) {
        evidence -= 0.5 * PRIOR_PRECISION * m * m;
      }
      return new Oracle(x, y, a, mean, evidence);
    }

    /** Solves by Gaussian elimination of a copy; the right side becomes the solution. */
    private static double eliminate(double[][] matrix, double[] right) {
      double[][] a = new double[D][];
      for (int i = 0; i < D; i++) {
        a[i] = matrix[i].clone();
      }
      double logDet = 0;
      for (int k = 0; k < D; k++) {
        logDet += Math.log(a[k][k]);
        for (int i = k + 1; i < D; i++) {
          double factor = a[i][k] / a[k][k];
          for (int j = k; j < D; j++) {
            a[i][j] -= factor * a[k][j];
          }
          right[i] -= factor * right[k];
        }
      }
      for (int k = D - 1; k >= 0; k--) {
        for (int j = k + 1; j < D; j++) {
          right[k] -= a[k][j] * right[j];
        }
        right[k] /= a[k][k];
      }
      return logDet;
    }

    /** The bound of any means and variances. */
    double elbo(double[] mu, double[] variance) {
      double bound = 0.5 * N * Math.log(NOISE_PRECISION / (2 * Math.PI));
      for (int n = 0; n < N; n++) {
        double error = y[n];
        double spread = 0;
        for (int i = 0; i < D; i++) {
          error -= x[n][i] * mu[i];
          spread += x[n][i] * x[n][i] * variance[i];
        }
        bound -= 0.5 * NOISE_PRECISION * (error * error + spread);
      }
      for (int i = 0; i < D; i++) {
        double ratio = variance[i] * PRIOR_PRECISION;
        bound -= 0.5 * (ratio + mu[i] * mu[i] * PRIOR_PRECISION - 1 - Math.log(ratio));
      }
      return bound;
    }

    double[] optimalVariance() {
      double[] variance = new double[D];
      for (int i = 0; i < D; i++) {
        variance[i] = 1 / a[i][i];
      }
      return variance;
    }

    double optimalElbo() {
      return elbo(mean, optimalVariance());
    }

    void holds(double[] mu, double[] rho, double means, double variances, double nats) {
      double[] variance = new double[D];
      for (int i = 0; i < D; i++) {
        variance[i] = Math.pow(Math.log1p(Math.exp(rho[i])), 2);
        assertEquals(mean[i], mu[i], means, "mean " + i);
        assertEquals(1, variance[i] * a[i][i], variances, "variance " + i);
      }
      double gap = optimalElbo() - elbo(mu, variance);
      assertTrue(gap > -1e-9 && gap < nats, "gap " + gap);
    }
  }

  @Test
  void theOptimumLiesBelowTheEvidenceByTheKnownGap() {
    double gap = -0.5 * Oracle.eliminate(ORACLE.a, new double[D]);
    for (int i = 0; i < D; i++) {
      gap += 0.5 * Math.log(ORACLE.a[i][i]);
    }
    assertTrue(gap > 0.01);
    assertEquals(ORACLE.evidence - gap, ORACLE.optimalElbo(), 1e-10);
  }

  /** The expected squared error in closed form: no draws. */
  private static Elbo closed(MeanField<Tensor> q, Rows rows) {
    Tensor mean = rows.x.matmul(q.mean().unsqueeze(1)).reshape(rows.y.shape());
    Tensor variance = q.scale().square().unsqueeze(1);
    Tensor spread = rows.x.square().matmul(variance).reshape(rows.y.shape());
    Tensor expected = rows.y.sub(mean).square().add(spread).mul(0.5 * NOISE_PRECISION);
    Tensor nll = expected.add(0.5 * Math.log(2 * Math.PI / NOISE_PRECISION));
    return new Elbo(nll.meanAll(), q.kl(PRIOR), N);
  }

  /** The data, in a type, with or without the column of ones. */
  private static State<Rows> data(Device device, DType dtype, int columns) {
    double[] flat = new double[N * columns];
    for (int k = 0; k < flat.length; k++) {
      flat[k] = ORACLE.x[k / columns][k % columns];
    }
    return State.of(
        device,
        0,
        new Rows(
            Tensor.literal(TensorType.of(dtype, N, columns), flat),
            Tensor.literal(TensorType.of(dtype, N), ORACLE.y)));
  }

  private static void deterministic(
      Device device, DType dtype, double means, double variances, double nats) {
    var settings = new Trainer.Settings(2500, N, 1, new Momentum(), LearningRate.constant(0.03125));
    var initial = MeanField.init(Tensor.zeros(TensorType.of(dtype, D)), 0.1);
    Model<MeanField<Tensor>, Rows> model = (q, rows, key) -> closed(q, rows);
    try (State<Rows> data = data(device, dtype, D);
        var trainer = new Trainer<>(model, initial, data, settings)) {
      trainer.fit(p -> true);
      State<MeanField<Tensor>> weights = trainer.weights();
      MeanField<Tensor> q = weights.tree();
      double[] mu = weights.read(q.loc()).doubles();
      double[] rho = weights.read(Tree.list(q.rho()).getFirst()).doubles();
      ORACLE.holds(mu, rho, means, variances, nats);
      try (Program program =
          Program.on(device, data, weights).output("elbo", closed(q, data.tree()).elbo()).build()) {
        program.run();
        assertEquals(ORACLE.optimalElbo(), program.get("elbo").doubles()[0], nats);
      }
    }
  }

  @Test
  void doublePrecisionReachesTheOptimum() {
    deterministic(EveryDevice.REFERENCE, DType.FLOAT64, 1e-6, 1e-6, 1e-6);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void singlePrecisionReachesTheOptimum(EveryDevice.Setup setup) {
    deterministic(setup.open(), DType.FLOAT32, 1e-3, 1e-3, 1e-2);
  }

  /** Minibatches of drawn weights or outputs come near it, as Bayes by Backprop does. */
  @ParameterizedTest
  @EnumSource(Sampling.class)
  void stochasticTrainingComesNear(Sampling sampling) {
    int features = D - 1;
    Model<MeanField<Mlp>, Rows> model =
        (q, rows, key) -> {
          Tensor mean = sampling.apply(q, rows.x, key).reshape(rows.y.shape());
          Tensor deviation = Tensor.fill(1 / Math.sqrt(NOISE_PRECISION), mean.type());
          Normal likelihood = new Normal(mean, deviation);
          return new Elbo(likelihood.logProb(rows.y).meanAll().neg(), q.kl(PRIOR), N);
        };
    Linear layer =
        new Linear(
            Tensor.zeros(TensorType.of(DType.FLOAT32, 1, features)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, 1)));
    var initial = MeanField.init(new Mlp(List.of(layer), Activation.IDENTITY), 0.1);
    int epochs = 4000;
    LearningRate rate = LearningRate.cosine(0.02, 0, epochs * 3L);
    var settings = new Trainer.Settings(epochs, N / 3, 1, new Adam(), rate);
    Device device =
        EveryDevice.all().stream()
            .filter(s -> s.device() != null && s.name().startsWith("cpu"))
            .findFirst()
            .map(EveryDevice.Setup::open)
            .orElse(EveryDevice.REFERENCE);
    try (State<Rows> data = data(device, DType.FLOAT32, features);
        var trainer = new Trainer<>(model, initial, data, settings)) {
      trainer.fit(p -> true);
      State<MeanField<Mlp>> weights = trainer.weights();
      MeanField<Mlp> q = weights.tree();
      ORACLE.holds(
          joined(weights, q.loc()),
          joined(weights, Tree.with(q.loc(), Tree.list(q.rho()))),
          1e-2,
          0.1,
          0.05);
    }
  }

  private static double[] joined(State<?> weights, Mlp net) {
    double[] all = new double[D];
    System.arraycopy(weights.read(net.layers().get(0).weight()).doubles(), 0, all, 0, D - 1);
    all[D - 1] = weights.read(net.layers().get(0).bias()).doubles()[0];
    return all;
  }
}
