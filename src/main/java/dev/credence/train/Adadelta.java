package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * Adadelta (Zeiler 2012, algorithm 1): s = r s + (1 - r) g^2, d = g sqrt(u + eps) / sqrt(s + eps),
 * u = r u + (1 - r) d^2, p = p - a d. Its learning rate is usually 1.
 *
 * @param decay r, in [0, 1)
 * @param epsilon eps, positive
 */
public record Adadelta(double decay, double epsilon) implements Optimizer {
  /** Refuses a decay outside [0, 1). */
  public Adadelta {
    Averages.requireDecay("the decay", decay);
  }

  /** r = 0.9, eps = 1e-6. */
  public Adadelta() {
    this(0.9, 1e-6);
  }

  @Override
  public int slots() {
    return 2;
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    Tensor s = Averages.average(moments.get(0), g.square(), decay);
    Tensor u = moments.get(1);
    Tensor d = u.add(epsilon).sqrt().div(s.add(epsilon).sqrt()).mul(g);
    return new Leaf(p.sub(rate.mul(d)), List.of(s, Averages.average(u, d.square(), decay)));
  }
}
