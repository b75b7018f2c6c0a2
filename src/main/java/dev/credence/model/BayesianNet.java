package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.nn.LayeredNet;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * A net whose weights, or some of them, are normal and independent, trained by Bayes by Backprop
 * (Blundell et al. 2015, "Weight Uncertainty in Neural Networks", algorithm of section 3.2): the
 * bound is the mean log likelihood under draws of the weights less their divergence from the prior.
 * Its weights are a {@link MeanField} around those of any net:
 *
 * <pre>{@code
 * Mlp net = Mlp.init(key, Activation.RELU, 784, 400, 400, 10);
 * MeanField<Mlp> initial = MeanField.init(net, 0.05);
 * var model = new BayesianNet<Mlp>(60_000, new Likelihood.Labels(10), Prior.normal(0.1));
 * }</pre>
 *
 * @param rows N, how many rows the data set has
 * @param likelihood of a row's targets, given the net's outputs
 * @param prior of the random weights; where the divergence from it has no closed form, it is
 *     estimated from S draws of the weights, with {@link Sampling#DIRECT} those of the pass itself,
 *     else draws of its own
 * @param sampling where training draws
 * @param samples how many draws a step takes, S; the bound is their mean
 * @param <N> the net
 */
public record BayesianNet<N extends LayeredNet>(
    long rows, Likelihood likelihood, Prior prior, Sampling sampling, int samples)
    implements Model<MeanField<N>, Examples> {
  /** Refuses steps without draws. */
  public BayesianNet {
    if (samples < 1) {
      throw new IllegalArgumentException(
          "a step draws the weights once at least, but " + samples + " samples were asked for");
    }
  }

  /** One draw a step, of every layer's output. */
  public BayesianNet(long rows, Likelihood likelihood, Prior prior) {
    this(rows, likelihood, prior, Sampling.LOCAL, 1);
  }

  @Override
  public Elbo elbo(MeanField<N> q, Examples batch, Key key) {
    Tensor y = batch.rowsOfTargets();
    if (samples == 1) {
      return elbo(sampling.apply(q, batch.x(), key), y, q.kl(prior, key));
    }
    return elbo(sampling.apply(q, batch.x(), samples, key), y, q.kl(prior, key, samples));
  }

  private Elbo elbo(Tensor raw, Tensor y, Tensor kl) {
    return new Elbo(likelihood.meanNll(raw, y), kl, rows);
  }
}
