package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.dist.Normal;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * A Bayesian net for regression with noise that depends on the input: weights are normal and
 * independent (Blundell et al. 2015), and of each row the net says a mean and a standard deviation,
 * y ~ N(f(x), s(x)^2) (Nix and Weigend 1994; Kendall and Gal 2017, equation 5). The deviation is a
 * softplus, not the exponential of a log variance: over draws of the weights an exponential has
 * tails so heavy that few draws decide the mean of the variance.
 *
 * @param rows N, how many rows the data set has
 * @param prior of the weights
 * @param sampling where training draws
 */
public record BayesianMlp(long rows, Prior prior, Sampling sampling)
    implements Model<MeanField<Mlp>, BayesianMlp.Batch> {
  /** Targets that can be told exactly would drive the noise to zero and the density to infinity. */
  private static final double LEAST_NOISE = 1e-3;

  /**
   * Rows to learn from.
   *
   * @param x inputs, shape (B, in)
   * @param y targets, shape (B)
   */
  public record Batch(Tensor x, Tensor y) {}

  /**
   * Weights to start with.
   *
   * @param scale the standard deviation of all weights
   * @param in numbers a row has
   * @param hidden widths of the hidden layers
   */
  public static MeanField<Mlp> init(Key key, double scale, int in, int... hidden) {
    int[] widths = new int[hidden.length + 2];
    widths[0] = in;
    System.arraycopy(hidden, 0, widths, 1, hidden.length);
    widths[widths.length - 1] = 2;
    return MeanField.init(Mlp.init(key, Activation.RELU, widths), scale);
  }

  @Override
  public Elbo elbo(MeanField<Mlp> q, Batch batch, Key key) {
    Normal y = likelihood(sampling.apply(q, batch.x(), key));
    return new Elbo(y.logProb(batch.y()).meanAll().neg(), q.kl(prior, key), rows);
  }

  /**
   * The distribution of each row's target under each of T draws of the weights.
   *
   * @param x inputs, shape (B, in)
   * @return batch shape (T, B)
   */
  public static Normal predict(
      MeanField<Mlp> q, Tensor x, Sampling sampling, int samples, Key key) {
    return likelihood(sampling.apply(q, x, samples, key));
  }

  /** From the net's two outputs, shape (.., 2), to the target's distribution: batch shape (..). */
  private static Normal likelihood(Tensor outputs) {
    Tensor mean = column(outputs, 0);
    Tensor deviation = column(outputs, 1).softplus().add(LEAST_NOISE);
    return new Normal(mean, deviation);
  }

  private static Tensor column(Tensor outputs, int column) {
    return outputs.slice(-1, column, column + 1).reshape(outputs.shape().without(-1));
  }
}
