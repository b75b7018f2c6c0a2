package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.Arrays;

/**
 * Distributions side by side taken as one of a larger outcome: the last batch axes become event
 * axes, so that log probabilities and entropies are summed over them.
 *
 * @param base the distributions side by side
 * @param rank how many batch axes become event axes
 */
public record Independent(Distribution base, int rank) implements Distribution {
  /** Refuses more axes than there are. */
  public Independent {
    if (rank < 0 || rank > base.batchShape().rank()) {
      throw new IllegalArgumentException(
          "a batch of shape " + base.batchShape() + " has no " + rank + " axes to give");
    }
  }

  @Override
  public Shape batchShape() {
    return base.batchShape().without(Events.axes(rank));
  }

  @Override
  public Shape eventShape() {
    int[] batch = base.batchShape().dims();
    int[] moved = Arrays.copyOfRange(batch, batch.length - rank, batch.length);
    return Shape.of(moved).concat(base.eventShape());
  }

  @Override
  public Tensor logProb(Tensor x) {
    return Events.sum(base.logProb(x), rank);
  }

  @Override
  public Tensor sample(Key key, int... sampleShape) {
    return base.sample(key, sampleShape);
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    return base.rsample(key, sampleShape);
  }

  @Override
  public Tensor entropy() {
    return Events.sum(base.entropy(), rank);
  }

  @Override
  public Tensor mean() {
    return base.mean();
  }

  @Override
  public Tensor variance() {
    return base.variance();
  }

  /** {@inheritDoc} The probability that every number is at most x's: the product over the event. */
  @Override
  public Tensor cdf(Tensor x) {
    return Events.sum(base.cdf(x).log(), rank).exp();
  }
}
