package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.nn.ImageFormat;
import dev.credence.nn.Losses;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * A Bayesian convolutional net whose every weight is normal, filters included: {@link LeNet} with
 * the variational posterior of Blundell et al. 2015, its layers computed by local
 * reparametrisation, by Flipout or with weights that are drawn.
 *
 * @param rows N, how many rows the data set has
 * @param prior of the weights
 * @param sampling where training draws
 */
public record BayesianLeNet(long rows, Prior prior, Sampling sampling)
    implements Model<MeanField<LeNet>, LeNet.Batch> {
  /**
   * Weights to start with.
   *
   * @param scale the standard deviation of all weights
   * @param format of the images; at least 16x16 pixels
   * @param classes how many
   */
  public static MeanField<LeNet> init(Key key, double scale, ImageFormat format, int classes) {
    return MeanField.init(LeNet.init(key, format, classes), scale);
  }

  @Override
  public Elbo elbo(MeanField<LeNet> q, LeNet.Batch batch, Key key) {
    Tensor logits = sampling.apply(q, batch.x(), key);
    Tensor nll = Losses.categoricalCrossEntropy(logits, batch.labels()).meanAll();
    return new Elbo(nll, q.kl(prior, key), rows);
  }
}
