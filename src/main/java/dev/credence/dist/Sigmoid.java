package dev.credence.dist;

import dev.credence.tensor.Tensor;

/**
 * From all real numbers to those between 0 and 1: x = 1 / (1 + exp(-z)). {@link Inverted}, it is
 * the logit, which opens up pixels and probabilities.
 *
 * @param eventRank how many axes an outcome has
 */
public record Sigmoid(int eventRank) implements Bijector {
  /** log dx / dz = -softplus(z) - softplus(-z). */
  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return new Mapped(z.sigmoid(), logDet(z));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Tensor z = x.log().sub(x.neg().log1p());
    return new Mapped(z, logDet(z).neg());
  }

  private Tensor logDet(Tensor z) {
    return Events.sum(z.softplus().add(z.neg().softplus()).neg(), eventRank);
  }
}
