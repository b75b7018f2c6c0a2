package dev.credence.dist;

import dev.credence.tensor.Tensor;

/** Kullback-Leibler divergences in closed form, one row of a table a pair of distributions. */
public final class Kl {
  private record Pair(Distribution q, Distribution p) {}

  private Kl() {}

  /**
   * KL(q || p) = E_q[log q - log p] in nats.
   *
   * @return the batch shape
   * @throws UnsupportedOperationException naming the pair, if no closed form is known here
   */
  public static Tensor of(Distribution q, Distribution p) {
    return switch (new Pair(q, p)) {
      case Pair(Normal a, Normal b) -> normal(a, b);
      default ->
          throw new UnsupportedOperationException(
              "no closed KL divergence is known from "
                  + q.getClass().getSimpleName()
                  + " to "
                  + p.getClass().getSimpleName()
                  + "; estimate it by the mean of log q - log p over draws of q");
    };
  }

  /** (r^2 + z^2 - 1) / 2 - log r with r = s / s0 and z = (m - m0) / s0. */
  private static Tensor normal(Normal q, Normal p) {
    Tensor ratio = q.scale().div(p.scale());
    Tensor shift = q.loc().sub(p.loc()).div(p.scale());
    return ratio.square().add(shift.square()).sub(1).mul(0.5).sub(ratio.log());
  }
}
