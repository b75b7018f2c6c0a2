package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * Heavy-ball descent (Polyak 1964), v = m v + g, p = p - a v; or in Nesterov's form (Sutskever et
 * al. 2013, as torch writes it), p = p - a (g + m v).
 *
 * @param momentum m, in [0, 1)
 * @param nesterov whether to look ahead
 */
public record Momentum(double momentum, boolean nesterov) implements Optimizer {
  /** Refuses a momentum outside [0, 1). */
  public Momentum {
    Averages.requireDecay("the momentum", momentum);
  }

  /** Heavy-ball descent with m = 0.9. */
  public Momentum() {
    this(0.9, false);
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    Tensor v = moments.get(0).mul(momentum).add(g);
    Tensor direction = nesterov ? g.add(v.mul(momentum)) : v;
    return new Leaf(p.sub(rate.mul(direction)), List.of(v));
  }
}
