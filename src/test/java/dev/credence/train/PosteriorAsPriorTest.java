package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.model.Model;
import dev.credence.run.EveryDevice;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import org.junit.jupiter.api.Test;

/**
 * Learning linear data with normal noise in two halves, the first posterior the second's prior. For
 * designs whose halves both have diagonal X'X the posteriors factor, so that two fits by the closed
 * bound end at the posterior of all data; if only the sum is diagonal they do not, although the
 * posterior of all data factors.
 */
class PosteriorAsPriorTest {
  private static final double PRIOR_PRECISION = 0.5;
  private static final double NOISE_PRECISION = 2;
  private static final double[][] BOTH_DIAGONAL = {
    {1, 1}, {1, -1}, {-1, 1}, {-1, -1}, {2, 0}, {0, 1}, {0, -0.5}, {1, 0}
  };
  private static final double[][] SUM_DIAGONAL = {
    {1, 1}, {1, 0}, {0, 0.5}, {1, 1}, {1, -1}, {0, 1}, {-0.5, 0}, {-1, 1}
  };
  private static final double[] Y = {1.2, -0.3, 0.8, 0.1, 2, -0.7, 0.4, 1.5};

  private record Rows(Tensor x, Tensor y) {}

  private static Model<MeanField<Tensor>, Rows> model(Prior prior, int rows) {
    return (q, batch, key) -> {
      Tensor mean = batch.x.matmul(q.mean().unsqueeze(1)).reshape(batch.y.shape());
      Tensor variance = q.variance().unsqueeze(1);
      Tensor spread = batch.x.square().matmul(variance).reshape(batch.y.shape());
      Tensor expected = batch.y.sub(mean).square().add(spread).mul(0.5 * NOISE_PRECISION);
      return new Elbo(expected.meanAll(), q.kl(prior), rows);
    };
  }

  private static State<Rows> data(double[][] x, int from, int to) {
    double[] flat = new double[2 * (to - from)];
    double[] y = new double[to - from];
    for (int i = 0; i < to - from; i++) {
      System.arraycopy(x[from + i], 0, flat, 2 * i, 2);
      y[i] = Y[from + i];
    }
    return State.of(
        EveryDevice.REFERENCE,
        0,
        new Rows(
            Tensor.literal(TensorType.of(DType.FLOAT64, to - from, 2), flat),
            Tensor.literal(TensorType.of(DType.FLOAT64, to - from), y)));
  }

  private static Trainer.Settings settings() {
    return new Trainer.Settings(2500, 8, 1, new Momentum(), LearningRate.constant(0.03125));
  }

  /** Means and standard deviations after learning one half after the other. */
  private static double[][] sequential(double[][] x) {
    var initial = MeanField.init(Tensor.zeros(TensorType.of(DType.FLOAT64, 2)), 0.5);
    Prior prior = Prior.normal(1 / Math.sqrt(PRIOR_PRECISION));
    int half = x.length / 2;
    try (State<Rows> first = data(x, 0, half);
        State<Rows> second = data(x, half, x.length);
        var before = new Trainer<>(model(prior, half), initial, first, settings())) {
      before.fit(p -> true);
      try (var after =
          Trainer.after(
              before.weights(), known -> model(known, x.length - half), second, settings())) {
        after.fit(p -> true);
        State<MeanField<Tensor>> weights = after.weights();
        double[] rho = weights.read(Tree.list(weights.tree().rho()).getFirst()).doubles();
        double[] scale = {Math.log1p(Math.exp(rho[0])), Math.log1p(Math.exp(rho[1]))};
        return new double[][] {weights.read(weights.tree().loc()).doubles(), scale};
      }
    }
  }

  /** Means and standard deviations of the posterior of all data, whose precision is diagonal. */
  private static double[][] batch(double[][] x) {
    double[] precision = {PRIOR_PRECISION, PRIOR_PRECISION};
    double[] right = new double[2];
    double mixed = 0;
    for (int n = 0; n < x.length; n++) {
      mixed += x[n][0] * x[n][1];
      for (int i = 0; i < 2; i++) {
        precision[i] += NOISE_PRECISION * x[n][i] * x[n][i];
        right[i] += NOISE_PRECISION * x[n][i] * Y[n];
      }
    }
    assertEquals(0, mixed);
    return new double[][] {
      {right[0] / precision[0], right[1] / precision[1]},
      {1 / Math.sqrt(precision[0]), 1 / Math.sqrt(precision[1])}
    };
  }

  @Test
  void equalsTheBatchPosteriorIfBothHalvesAreDiagonal() {
    double[][] wanted = batch(BOTH_DIAGONAL);
    double[][] got = sequential(BOTH_DIAGONAL);
    for (int i = 0; i < 2; i++) {
      assertEquals(wanted[0][i], got[0][i], 1e-6, "mean " + i);
      assertEquals(wanted[1][i], got[1][i], 1e-6, "standard deviation " + i);
    }
  }

  @Test
  void differsIfOnlyTheSumIsDiagonal() {
    double[][] wanted = batch(SUM_DIAGONAL);
    double[][] got = sequential(SUM_DIAGONAL);
    double distance = Math.hypot(wanted[0][0] - got[0][0], wanted[0][1] - got[0][1]);
    assertTrue(distance > 1e-3, "the means differ by " + distance);
  }
}
