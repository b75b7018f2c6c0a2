package dev.credence.dist;

import dev.credence.nn.Losses;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * Single truth values, 1 with a probability and else 0; the event is a scalar.
 *
 * @param logits log(p / (1 - p)), of any shape, whose element kind the outcomes share
 */
public record Bernoulli(Tensor logits) implements Distribution {
  @Override
  public Shape batchShape() {
    return logits.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} x log p + (1 - x) log(1 - p), finite for every logit; x lies in [0, 1]. */
  @Override
  public Tensor logProb(Tensor x) {
    Shape common = Shape.broadcast(logits.shape(), x.shape());
    return Losses.binaryCrossEntropy(logits.broadcast(common), x.broadcast(common)).neg();
  }

  @Override
  public Tensor sample(Key key, int... sampleShape) {
    Tensor u = Noise.uniform(key, logits.type(), sampleShape);
    return u.less(mean()).cast(logits.dtype());
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    throw Unsupported.rsample(this, "its outcomes jump with the logits");
  }

  /** {@inheritDoc} -p log p - (1 - p) log(1 - p). */
  @Override
  public Tensor entropy() {
    return Losses.binaryCrossEntropy(logits, mean());
  }

  /** {@inheritDoc} p. */
  @Override
  public Tensor mean() {
    return logits.sigmoid();
  }

  /** {@inheritDoc} p (1 - p). */
  @Override
  public Tensor variance() {
    return mean().mul(logits.neg().sigmoid());
  }

  @Override
  public Tensor cdf(Tensor x) {
    Tensor below = logits.neg().sigmoid();
    Tensor atLeastZero = x.less(0).select(below.zerosLike(), below);
    return x.less(1).select(atLeastZero, below.zerosLike().add(1));
  }
}
