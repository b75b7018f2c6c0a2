package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.nn.Activation;
import dev.credence.nn.Losses;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * A Bayesian net for classification: weights are normal and independent (Blundell et al. 2015), and
 * classes follow the softmax of the net's outputs.
 *
 * @param rows N, how many rows the data set has
 * @param prior of the weights
 * @param sampling where training draws
 */
public record BayesianMlpClassifier(long rows, Prior prior, Sampling sampling)
    implements Model<MeanField<Mlp>, BayesianMlpClassifier.Batch> {
  /**
   * Rows to learn from.
   *
   * @param x inputs, shape (B, in)
   * @param labels int32, shape (B)
   */
  public record Batch(Tensor x, Tensor labels) {}

  /**
   * Weights to start with.
   *
   * @param scale the standard deviation of all weights
   * @param widths input, hidden layers, classes
   */
  public static MeanField<Mlp> init(Key key, double scale, int... widths) {
    return MeanField.init(Mlp.init(key, Activation.RELU, widths), scale);
  }

  @Override
  public Elbo elbo(MeanField<Mlp> q, Batch batch, Key key) {
    Tensor logits = sampling.apply(q, batch.x(), key);
    Tensor nll = Losses.categoricalCrossEntropy(logits, batch.labels()).meanAll();
    return new Elbo(nll, q.kl(prior, key), rows);
  }
}
