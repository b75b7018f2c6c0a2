package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * A planar flow (Rezende and Mohamed 2015, "Variational Inference with Normalizing Flows", equation
 * 10): x = z + u tanh(w'z + b), with u changed along w so that w'u > -1, which keeps it invertible
 * (appendix A.1). Its inverse has no closed form: w'z is found by halving and Newton steps, and one
 * more step carries the gradient.
 *
 * @param u shape (D)
 * @param w shape (D)
 * @param b scalar
 */
public record Planar(Tensor u, Tensor w, Tensor b) implements Bijector {
  private static final int HALVINGS = 12;
  private static final int STEPS = 14;

  /** Weights drawn small, so that the flow starts near the identity. */
  public static Planar init(Key key, int width) {
    return new Planar(
        Tensor.normal(key.split("u"), width).mul(0.1),
        Tensor.normal(key.split("w"), width).mul(0.5),
        Tensor.zeros(TensorType.of(DType.FLOAT32)));
  }

  private Tensor dot() {
    return w.mul(u).sumAll();
  }

  /** u + (m(w'u) - w'u) w / |w|^2 with m(t) = softplus(t) - 1. */
  private Tensor invertible() {
    Tensor shortfall = dot().softplus().sub(1).sub(dot());
    return u.add(w.mul(shortfall.div(w.square().sumAll())));
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Tensor tanh = along(z).add(b).tanh();
    Tensor x = z.add(tanh.unsqueeze(-1).mul(invertible()));
    return new Mapped(x, stretch(tanh));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Tensor tanh = root(along(x)).add(b).tanh();
    Tensor z = x.sub(tanh.unsqueeze(-1).mul(invertible()));
    return new Mapped(z, stretch(tanh).neg());
  }

  /** w'x, without the event's axis. */
  private Tensor along(Tensor x) {
    return x.mul(w).sum(-1);
  }

  /** log(1 + (1 - tanh^2) w'u), w'u > -1. */
  private Tensor stretch(Tensor tanh) {
    return slope(tanh).log();
  }

  private Tensor slope(Tensor tanh) {
    return tanh.square().neg().add(1).mul(dot().softplus().sub(1)).add(1);
  }

  /** The a of a + c tanh(a + b) = y, which rises in a since c > -1. */
  private Tensor root(Tensor y) {
    Tensor c = dot().softplus().sub(1).stopGradient();
    Tensor shift = b.stopGradient();
    Tensor goal = y.stopGradient();
    Tensor low = goal.sub(c.abs());
    Tensor high = goal.add(c.abs());
    Tensor a = goal;
    for (int i = 0; i < HALVINGS + STEPS; i++) {
      Tensor tanh = a.add(shift).tanh();
      Tensor error = a.add(c.mul(tanh)).sub(goal);
      Tensor above = error.greater(0);
      low = above.select(low, a);
      high = above.select(a, high);
      Tensor middle = low.add(high).mul(0.5);
      if (i < HALVINGS) {
        a = middle;
      } else {
        Tensor newton = a.sub(error.div(tanh.square().neg().add(1).mul(c).add(1)));
        Tensor inside = newton.greaterEqual(low).and(newton.lessEqual(high));
        a = inside.select(newton, middle);
      }
    }
    Tensor found = a.stopGradient();
    Tensor tanh = found.add(b).tanh();
    Tensor error = found.add(dot().softplus().sub(1).mul(tanh)).sub(y);
    return found.sub(error.div(slope(tanh).stopGradient()));
  }
}
