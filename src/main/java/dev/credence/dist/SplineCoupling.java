package dev.credence.dist;

import dev.credence.nn.Activation;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * A coupling by rational-quadratic splines (Durkan et al. 2019, "Neural Spline Flows", section
 * 3.2): half of a row is kept and decides a monotonic spline for each number of the other half. The
 * spline itself leads from data to noise, where training goes; its closed inverse leads back.
 *
 * @param conditioner from the kept half to 3 bins - 1 raw numbers for each number moved
 * @param swapped whether the second half is the one kept
 * @param bins of each spline, K
 * @param bound the splines act on [-bound, bound], outside stands the identity
 */
public record SplineCoupling(Conditioner conditioner, boolean swapped, int bins, double bound)
    implements Bijector {
  /**
   * A coupling of rows that starts as the identity.
   *
   * @param width numbers of a row
   * @param context numbers of the context; 0 for none
   * @param hidden widths of the net's hidden layers
   */
  public static SplineCoupling init(
      Key key, int width, boolean swapped, int bins, double bound, int context, int... hidden) {
    int kept = Halves.kept(width, swapped);
    int out = (width - kept) * (3 * bins - 1);
    return new SplineCoupling(
        Conditioner.init(key, Activation.RELU, kept, context, hidden, out), swapped, bins, bound);
  }

  private RationalQuadraticSpline spline(Halves halves) {
    Shape each = halves.moved().shape().concat(Shape.of(3 * bins - 1));
    return new RationalQuadraticSpline(conditioner.apply(halves.kept()).reshape(each), bins, bound);
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Halves halves = Halves.of(z, 1, swapped);
    return joined(halves, spline(halves).inverseAt(halves.moved()));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Halves halves = Halves.of(x, 1, swapped);
    return joined(halves, spline(halves).at(halves.moved()));
  }

  private static Mapped joined(Halves halves, Mapped moved) {
    return new Mapped(halves.joined(halves.kept(), moved.value()), moved.logDet().sum(-1));
  }

  @Override
  public SplineCoupling given(Tensor context) {
    return new SplineCoupling(conditioner.given(context), swapped, bins, bound);
  }
}
