package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * A radial flow (Rezende and Mohamed 2015, "Variational Inference with Normalizing Flows", equation
 * 14): x = z + beta h (z - centre) with h = 1 / (alpha + r) and r = |z - centre|, alpha =
 * softplus(a), beta = softplus(c) - alpha, which keeps it invertible (appendix A.2). The radius
 * behind a point is the root of a quadratic equation.
 *
 * @param centre shape (D)
 * @param a scalar
 * @param c scalar
 */
public record Radial(Tensor centre, Tensor a, Tensor c) implements Bijector {
  /** Keeps the root's derivative finite at the centre. */
  private static final double SMALLEST_SQUARE = 1e-30;

  /** A centre drawn near 0 and beta = 0, so that the flow starts as the identity. */
  public static Radial init(Key key, int width) {
    Tensor zero = Tensor.zeros(TensorType.of(DType.FLOAT32));
    return new Radial(Tensor.normal(key.split("centre"), width), zero, zero);
  }

  private Tensor alpha() {
    return a.softplus();
  }

  private Tensor beta() {
    return c.softplus().sub(alpha());
  }

  private static Tensor length(Tensor difference) {
    return difference.square().sum(-1).maximum(SMALLEST_SQUARE).sqrt();
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Tensor difference = z.sub(centre);
    Tensor r = length(difference);
    Tensor x = z.add(difference.mul(pull(r).unsqueeze(-1)));
    return new Mapped(x, logDet(r, z.shape().dim(-1)));
  }

  /** With R = |x - centre|: r^2 + (alpha + beta - R) r - alpha R = 0. */
  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Tensor difference = x.sub(centre);
    Tensor outer = length(difference);
    Tensor p = alpha().add(beta()).sub(outer);
    Tensor root = p.square().add(alpha().mul(outer).mul(4)).sqrt();
    // Of the two forms of the positive root, the one without cancellation.
    Tensor r =
        p.greater(0).select(alpha().mul(outer).mul(2).div(p.abs().add(root)), root.sub(p).mul(0.5));
    Tensor shrunk = difference.div(pull(r).add(1).unsqueeze(-1));
    return new Mapped(centre.add(shrunk), logDet(r, x.shape().dim(-1)).neg());
  }

  /** beta h. */
  private Tensor pull(Tensor r) {
    return beta().div(alpha().add(r));
  }

  /** (D - 1) log(1 + beta h) + log(1 + beta h + beta h' r), where h + h' r = alpha h^2. */
  private Tensor logDet(Tensor r, int width) {
    Tensor h = alpha().add(r).pow(-1);
    Tensor along = beta().mul(alpha()).mul(h.square()).log1p();
    return pull(r).log1p().mul(width - 1).add(along);
  }
}
