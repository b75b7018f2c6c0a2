package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * A linear map by its triangular factors (Kingma and Dhariwal 2018, "Glow", equation 10): z = L U x
 * + b with unit lower triangular L and upper triangular U of positive diagonal, so that log |det dz
 * / dx| is the sum of that diagonal's logarithms. From data to noise it is two products; from noise
 * to data, two triangular systems.
 *
 * @param lower shape (D, D), read below the diagonal
 * @param upper shape (D, D), read above the diagonal
 * @param logDiagonal of U, shape (D)
 * @param bias b, shape (D)
 */
public record LuLinear(Tensor lower, Tensor upper, Tensor logDiagonal, Tensor bias)
    implements Bijector {
  /** The identity, to start with. */
  public static LuLinear identity(int width) {
    Tensor square = Tensor.zeros(TensorType.of(DType.FLOAT32, width, width));
    Tensor row = Tensor.zeros(TensorType.of(DType.FLOAT32, width));
    return new LuLinear(square, square, row, row);
  }

  private Tensor l() {
    Tensor diagonal = lower.zerosLike().add(1).diagonalOnly();
    return lower.lowerTriangle().sub(lower.diagonalOnly()).add(diagonal);
  }

  private Tensor u() {
    Tensor diagonal = logDiagonal.exp().broadcast(upper.shape()).diagonalOnly();
    return upper.upperTriangle().sub(upper.diagonalOnly()).add(diagonal);
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Tensor columns = rows(z.sub(bias)).transpose();
    Tensor x = columns.triangularSolve(l(), true, false).triangularSolve(u(), false, false);
    return new Mapped(x.transpose().reshape(z.shape()), logDet(z).neg());
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Tensor z = rows(x).matmul(u().transpose()).matmul(l().transpose()).add(bias);
    return new Mapped(z.reshape(x.shape()), logDet(x));
  }

  private static Tensor rows(Tensor x) {
    return x.reshape(-1, x.shape().dim(-1));
  }

  private Tensor logDet(Tensor x) {
    return logDiagonal.sumAll().broadcast(Events.batch(x, 1));
  }
}
