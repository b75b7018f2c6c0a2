package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.nn.Losses;
import dev.credence.nn.Net;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * A net whose weights are numbers, trained by maximum likelihood or, with a prior, to the maximum
 * of their posterior density: the baseline that random weights are measured against, and the member
 * of an ensemble (Lakshminarayanan, Pritzel and Blundell 2017, "Simple and Scalable Predictive
 * Uncertainty Estimation using Deep Ensembles").
 *
 * @param rows N, how many rows the data set has
 * @param likelihood of a row's targets, given the net's outputs
 * @param weightDecay what half the sum of squared weights costs in nats: one over the variance of a
 *     normal prior; 0 for none
 * @param <N> the net
 */
public record DeterministicNet<N extends Net>(long rows, Likelihood likelihood, double weightDecay)
    implements Model<N, Examples> {
  @Override
  public Elbo elbo(N net, Examples batch, Key key) {
    Tensor nll = likelihood.meanNll(net.apply(batch.x()), batch.rowsOfTargets());
    return weightDecay == 0
        ? Elbo.deterministic(nll, rows)
        : new Elbo(nll, Losses.l2(net).mul(0.5 * weightDecay), rows);
  }
}
