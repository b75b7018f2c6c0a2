package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * Shift and scale of each number, x = shift + exp(logScale) z.
 *
 * @param shift of the event's rank; extents of 1 are repeated, as (C, 1, 1) for images
 * @param logScale shaped like the shift
 */
public record Affine(Tensor shift, Tensor logScale) implements Bijector {
  /**
   * The identity, to start with.
   *
   * @param dims shape of shift and scale
   */
  public static Affine identity(int... dims) {
    Tensor zeros = Tensor.zeros(TensorType.of(DType.FLOAT32, dims));
    return new Affine(zeros, zeros);
  }

  @Override
  public int eventRank() {
    return shift.shape().rank();
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return new Mapped(z.mul(logScale.exp()).add(shift), logDet(z));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    return new Mapped(x.sub(shift).mul(logScale.neg().exp()), logDet(x).neg());
  }

  private Tensor logDet(Tensor x) {
    int rank = eventRank();
    Tensor once = Events.sum(logScale.broadcast(Events.event(x, rank)), rank);
    return once.broadcast(Events.batch(x, rank));
  }
}
