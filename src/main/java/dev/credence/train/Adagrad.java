package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * Adagrad (Duchi, Hazan and Singer 2011): s = s + g^2, p = p - a g / (sqrt(s) + eps).
 *
 * @param epsilon eps, positive
 */
public record Adagrad(double epsilon) implements Optimizer {
  /** eps = 1e-10. */
  public Adagrad() {
    this(1e-10);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    Tensor s = moments.get(0).add(g.square());
    return new Leaf(p.sub(rate.mul(g).div(s.sqrt().add(epsilon))), List.of(s));
  }
}
