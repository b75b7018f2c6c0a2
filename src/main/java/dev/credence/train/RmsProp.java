package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * RMSprop (Tieleman and Hinton 2012, lecture 6e): s = r s + (1 - r) g^2, p = p - a g / (sqrt(s) +
 * eps).
 *
 * @param decay r, in [0, 1)
 * @param epsilon eps, positive
 */
public record RmsProp(double decay, double epsilon) implements Optimizer {
  /** Refuses a decay outside [0, 1). */
  public RmsProp {
    Averages.requireDecay("the decay", decay);
  }

  /** r = 0.99, eps = 1e-8. */
  public RmsProp() {
    this(0.99, 1e-8);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    Tensor s = Averages.average(moments.get(0), g.square(), decay);
    return new Leaf(p.sub(rate.mul(g).div(s.sqrt().add(epsilon))), List.of(s));
  }
}
