package dev.credence.dist;

import dev.credence.nn.Activation;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * An affine coupling (Dinh, Sohl-Dickstein and Bengio 2017, "Density Estimation Using Real NVP",
 * equations 4 and 5): half of an outcome is kept and decides how the other half is scaled and
 * shifted, x_b = z_b exp(s(z_a)) + t(z_a), x_a = z_a. Scales are bounded, s = 2 tanh(raw / 2).
 *
 * @param conditioner from the kept half to raw scale and shift, one after the other
 * @param swapped whether the second half is the one kept
 * @param eventRank 1 for rows, 3 for images, whose channels are halved
 */
public record AffineCoupling(Conditioner conditioner, boolean swapped, int eventRank)
    implements Bijector {
  private static final double BOUND = 2;

  /**
   * A coupling of rows that starts as the identity.
   *
   * @param width numbers of a row
   * @param context numbers of the context; 0 for none
   * @param hidden widths of the net's hidden layers
   */
  public static AffineCoupling init(
      Key key, int width, boolean swapped, int context, int... hidden) {
    int kept = Halves.kept(width, swapped);
    return new AffineCoupling(
        Conditioner.init(key, Activation.RELU, kept, context, hidden, 2 * (width - kept)),
        swapped,
        1);
  }

  private record Move(Tensor logScale, Tensor shift) {}

  private Move move(Halves halves) {
    Tensor raw = conditioner.apply(halves.kept());
    int n = halves.moved().shape().dim(halves.axis());
    Tensor logScale = raw.slice(halves.axis(), 0, n).mul(1 / BOUND).tanh().mul(BOUND);
    return new Move(logScale, raw.slice(halves.axis(), n, 2 * n));
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Halves halves = Halves.of(z, eventRank, swapped);
    Move move = move(halves);
    Tensor moved = halves.moved().mul(move.logScale.exp()).add(move.shift);
    return new Mapped(halves.joined(halves.kept(), moved), Events.sum(move.logScale, eventRank));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Halves halves = Halves.of(x, eventRank, swapped);
    Move move = move(halves);
    Tensor moved = halves.moved().sub(move.shift).mul(move.logScale.neg().exp());
    Tensor logDet = Events.sum(move.logScale, eventRank).neg();
    return new Mapped(halves.joined(halves.kept(), moved), logDet);
  }

  @Override
  public AffineCoupling given(Tensor context) {
    return new AffineCoupling(conditioner.given(context), swapped, eventRank);
  }
}
