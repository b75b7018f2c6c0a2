package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.LearnedDropout;
import dev.credence.nn.LayeredNet;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * Any net with dropout whose probabilities are learned (Gal, Hron and Kendall 2017, "Concrete
 * Dropout"): the bound of {@link BayesianNet} with masks in place of normal weights. Its divergence
 * lacks a constant, so that it may be negative.
 *
 * @param rows N, how many rows the data set has
 * @param likelihood of a row's targets, given the net's outputs
 * @param lengthScale l of the prior N(0, 1 / l^2) of the weights
 * @param <N> the net
 */
public record ConcreteDropoutNet<N extends LayeredNet>(
    long rows, Likelihood likelihood, double lengthScale)
    implements Model<LearnedDropout<N>, Examples> {
  @Override
  public Elbo elbo(LearnedDropout<N> weights, Examples batch, Key key) {
    Tensor raw = weights.draw(batch.x(), key);
    Tensor nll = likelihood.meanNll(raw, batch.rowsOfTargets());
    return new Elbo(nll, weights.kl(lengthScale), rows);
  }
}
