package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * The monotonic rational-quadratic spline (Durkan et al. 2019, "Neural Spline Flows", section 3.1
 * and equations 4 to 8; Gregory and Delbourgo 1982): K bins between -bound and bound, the identity
 * outside.
 *
 * <p>A bin is found without a search: its numbers are the sum over all bins of those numbers times
 * whether x lies in the bin.
 */
final class RationalQuadraticSpline {
  private static final double MIN_WIDTH = 1e-3;
  private static final double MIN_HEIGHT = 1e-3;
  private static final double MIN_SLOPE = 1e-3;

  /** What is added to raw slopes, so that zero gives slope 1. */
  private static final double UNIT_SLOPE = Math.log(Math.expm1(1 - MIN_SLOPE));

  private final int bins;
  private final double bound;
  private final Knots x;
  private final Knots y;
  private final Tensor slopes;

  /**
   * A spline for each number.
   *
   * @param raw shape (.., 3 bins - 1): widths, heights and inner slopes, any numbers; zeros give
   *     the identity
   */
  RationalQuadraticSpline(Tensor raw, int bins, double bound) {
    this.bins = bins;
    this.bound = bound;
    this.x = knots(raw.slice(-1, 0, bins), MIN_WIDTH);
    this.y = knots(raw.slice(-1, bins, 2 * bins), MIN_HEIGHT);
    Tensor inner = raw.slice(-1, 2 * bins, 3 * bins - 1).add(UNIT_SLOPE).softplus().add(MIN_SLOPE);
    this.slopes = inner.pad(-1, 1, 1, 0, 1);
  }

  /** Left ends and extents of the bins, shape (.., bins). */
  private record Knots(Tensor left, Tensor right) {
    Tensor extent() {
      return right.sub(left);
    }
  }

  private Knots knots(Tensor raw, double least) {
    Tensor parts = raw.softmax(-1).mul(1 - least * bins).add(least);
    // The sum of all bins up to one, as a product with a triangle of ones.
    Tensor ones = Tensor.fill(1, new TensorType(raw.dtype(), Shape.of(bins, bins)));
    Tensor ends = parts.slice(-1, 0, bins - 1);
    Tensor flat = ends.reshape(-1, bins - 1);
    Tensor sums =
        flat.matmul(ones.upperTriangle().slice(0, 0, bins - 1).slice(1, 0, bins - 1))
            .reshape(ends.shape());
    Tensor inner = sums.mul(2 * bound).sub(bound);
    return new Knots(inner.pad(-1, 1, 0, 0, -bound), inner.pad(-1, 0, 1, 0, bound));
  }

  /** The numbers of the bin that a value lies in. */
  private record Bin(Tensor x, Tensor y, Tensor w, Tensor h, Tensor left, Tensor right) {
    Tensor s() {
      return h.div(w);
    }

    Tensor bend() {
      return left.add(right).sub(s().mul(2));
    }
  }

  private Bin bin(Tensor value, Knots among) {
    Tensor v = value.unsqueeze(-1);
    Tensor in = v.greaterEqual(among.left).and(v.less(among.right));
    return new Bin(
        pick(in, x.left),
        pick(in, y.left),
        pick(in, x.extent()),
        pick(in, y.extent()),
        pick(in, slopes.slice(-1, 0, bins)),
        pick(in, slopes.slice(-1, 1, bins + 1)));
  }

  private static Tensor pick(Tensor in, Tensor of) {
    return in.select(of, of.zerosLike()).sum(-1);
  }

  /** The value clamped into the bins, so that no branch that is not taken meets other numbers. */
  private Tensor clamped(Tensor value) {
    // The largest float32 below the bound, so that it lies in the last bin.
    return value.clamp(-bound, Math.nextDown((float) bound));
  }

  private Tensor inside(Tensor value) {
    return value.abs().less(bound);
  }

  /** Values and the logarithms of slopes there, number by number. */
  Bijector.Mapped at(Tensor value) {
    Bin bin = bin(clamped(value), x);
    Tensor xi = clamped(value).sub(bin.x).div(bin.w);
    Tensor both = xi.mul(xi.neg().add(1));
    Tensor rise = bin.s().mul(xi.square()).add(bin.left.mul(both));
    Tensor below = bin.s().add(bin.bend().mul(both));
    Tensor result = bin.y.add(bin.h.mul(rise).div(below));
    return outsideIdentity(value, result, logSlope(bin, xi));
  }

  /** The values that give these, and the logarithms of the inverse's slopes there. */
  Bijector.Mapped inverseAt(Tensor value) {
    Bin bin = bin(clamped(value), y);
    Tensor up = clamped(value).sub(bin.y);
    Tensor a = bin.h.mul(bin.s().sub(bin.left)).add(up.mul(bin.bend()));
    Tensor b = bin.h.mul(bin.left).sub(up.mul(bin.bend()));
    Tensor c = bin.s().mul(up).neg();
    Tensor root = b.square().sub(a.mul(c).mul(4)).maximum(0).sqrt();
    Tensor xi = c.mul(2).div(b.add(root).neg());
    Tensor result = bin.x.add(xi.mul(bin.w));
    return outsideIdentity(value, result, logSlope(bin, xi).neg());
  }

  private static Tensor logSlope(Bin bin, Tensor xi) {
    Tensor rest = xi.neg().add(1);
    Tensor both = xi.mul(rest);
    Tensor above =
        bin.right.mul(xi.square()).add(bin.s().mul(both).mul(2)).add(bin.left.mul(rest.square()));
    Tensor below = bin.s().add(bin.bend().mul(both));
    return bin.s().log().mul(2).add(above.log()).sub(below.log().mul(2));
  }

  private Bijector.Mapped outsideIdentity(Tensor value, Tensor result, Tensor logSlope) {
    Tensor inside = inside(value);
    return new Bijector.Mapped(
        inside.select(result, value), inside.select(logSlope, logSlope.zerosLike()));
  }
}
