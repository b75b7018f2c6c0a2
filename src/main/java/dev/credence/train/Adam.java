package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * Adam (Kingma and Ba 2015, algorithm 1): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = p - a
 * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps).
 *
 * @param beta1 b1, in [0, 1)
 * @param beta2 b2, in [0, 1)
 * @param epsilon eps, positive
 */
public record Adam(double beta1, double beta2, double epsilon) implements Optimizer {
  /** Refuses decays outside [0, 1). */
  public Adam {
    Averages.requireDecay("beta1", beta1);
    Averages.requireDecay("beta2", beta2);
  }

  /** b1 = 0.9, b2 = 0.999, eps = 1e-8. */
  public Adam() {
    this(0.9, 0.999, 1e-8);
  }

  @Override
  public int slots() {
    return 2;
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    Tensor m = Averages.average(moments.get(0), g, beta1);
    Tensor v = Averages.average(moments.get(1), g.square(), beta2);
    Tensor size = rate.div(Averages.correction(beta1, count));
    Tensor root = v.sqrt().mul(Averages.correction(beta2, count).rsqrt());
    return new Leaf(p.sub(size.mul(m).div(root.add(epsilon))), List.of(m, v));
  }
}
