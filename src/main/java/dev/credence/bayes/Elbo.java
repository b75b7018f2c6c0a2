package dev.credence.bayes;

import dev.credence.tensor.Tensor;

/**
 * An estimate of the evidence lower bound from a batch, with its contract: all numbers are scalars
 * in nats, {@link #nll} and {@link #kl} are those of the whole data set of {@code rows} rows, and
 * the bound is {@code elbo = -(nll + kl)}, never more than the log evidence in expectation. For
 * independent rows the batch's mean is an unbiased estimate of the data set's.
 *
 * @param meanNll mean over the batch's rows of -log p(row | weights)
 * @param kl KL(q || prior) summed over all weights; zero for a deterministic model
 * @param rows N, how many rows the data set has
 */
public record Elbo(Tensor meanNll, Tensor kl, long rows) {
  public Elbo {
    if (meanNll.shape().rank() != 0 || kl.shape().rank() != 0) {
      throw new IllegalArgumentException(
          "nll and kl are scalars, not " + meanNll.type() + " and " + kl.type());
    }
    if (rows < 1) {
      throw new IllegalArgumentException("a data set has rows, but " + rows + " was given");
    }
  }

  /** The bound of a model without random weights: its KL divergence is zero. */
  public static Elbo deterministic(Tensor meanNll, long rows) {
    return new Elbo(meanNll, meanNll.zerosLike(), rows);
  }

  /** N times the batch's mean: the estimate of the data set's negative log likelihood. */
  public Tensor nll() {
    return meanNll.mul(rows);
  }

  /** -(nll + kl), to be maximised. */
  public Tensor elbo() {
    return nll().add(kl).neg();
  }

  /** -elbo / N = mean nll + kl / N, what training minimises. */
  public Tensor loss() {
    return meanNll.add(kl.mul(1.0 / rows));
  }

  /**
   * Mean nll + weight kl / N: what training minimises where the batches of an epoch carry unequal
   * parts of the divergence.
   *
   * @param weight a scalar, 1 on average over the batches; see {@link KlWeight}
   */
  public Tensor loss(Tensor weight) {
    return meanNll.add(kl.mul(1.0 / rows).mul(weight.cast(kl.dtype())));
  }
}
