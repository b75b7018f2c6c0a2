package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * The number of one of C classes, from 0; the event is a scalar. Outcomes are int32.
 *
 * @param logits log probabilities up to a constant, shape batch shape + (C)
 */
public record Categorical(Tensor logits) implements Distribution {
  /** Refuses logits of no class. */
  public Categorical {
    if (logits.shape().rank() == 0) {
      throw new IllegalArgumentException(
          "the last axis of logits counts classes, but " + logits.type() + " has none");
    }
  }

  private int classes() {
    return logits.shape().dim(-1);
  }

  @Override
  public Shape batchShape() {
    return logits.shape().without(-1);
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} The log softmax of the outcome's logit; x is from 0 to C - 1. */
  @Override
  public Tensor logProb(Tensor x) {
    Shape common = Shape.broadcast(batchShape(), x.shape());
    Tensor logP = logits.logSoftmax(-1).broadcast(common.concat(Shape.of(classes())));
    return logP.takeAlong(x.broadcast(common).unsqueeze(-1), -1).reshape(common);
  }

  /** {@inheritDoc} The largest of logits with Gumbel noise. */
  @Override
  public Tensor sample(Key key, int... sampleShape) {
    return Noise.gumbel(key, logits.type(), sampleShape).add(logits).argmax(-1);
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    throw Unsupported.rsample(this, "which class is drawn jumps with the logits");
  }

  /** {@inheritDoc} -sum of p log p. */
  @Override
  public Tensor entropy() {
    Tensor logP = logits.logSoftmax(-1);
    return logP.exp().mul(logP).sum(-1).neg();
  }

  private Tensor numbers() {
    return Tensor.iota(logits.shape(), -1).cast(logits.dtype());
  }

  /** {@inheritDoc} Of the class's number, which has a meaning if classes are in an order. */
  @Override
  public Tensor mean() {
    return logits.softmax(-1).mul(numbers()).sum(-1);
  }

  /** {@inheritDoc} Of the class's number. */
  @Override
  public Tensor variance() {
    Tensor away = numbers().sub(mean().unsqueeze(-1)).square();
    return logits.softmax(-1).mul(away).sum(-1);
  }

  /** {@inheritDoc} The probabilities of all classes of at most that number. */
  @Override
  public Tensor cdf(Tensor x) {
    Shape common = Shape.broadcast(batchShape(), x.shape()).concat(Shape.of(classes()));
    Tensor counted =
        Tensor.iota(common, -1).cast(x.dtype()).lessEqual(x.unsqueeze(-1).broadcast(common));
    Tensor p = logits.softmax(-1).broadcast(common);
    return counted.select(p, p.zerosLike()).sum(-1);
  }
}
