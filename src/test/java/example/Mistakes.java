package example;

import dev.credence.grad.Gradients;
import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Origin;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;

/** A user of the library, outside its packages, who errs: a mistake a line. */
public final class Mistakes {
  private static final Tensor X = real(2, 3);
  private static final Tensor N = Tensor.input("n", TensorType.of(DType.INT32, 2, 3));
  private static final Tensor T = Tensor.input("t", TensorType.of(DType.BOOL, 2, 3));
  private static final Tensor IMAGES = real(1, 3, 8, 8);

  private Mistakes() {}

  private static Tensor real(int... dims) {
    return Tensor.input("x", TensorType.of(DType.FLOAT32, dims));
  }

  /** All of them; each throws when run. */
  public static List<Runnable> all() {
    return List.of(
        () -> X.add(real(4)),
        () -> X.mul(N),
        () -> X.less(T),
        () -> N.exp(),
        () -> T.neg(),
        () -> X.not(),
        () -> X.select(X, X),
        () -> X.sum(2),
        () -> X.max(0, 0),
        () -> T.sum(0),
        () -> real(2, 0).max(1),
        () -> X.reshape(4, 2),
        () -> X.reshape(-1, 4),
        () -> X.permute(0, 0),
        () -> X.broadcast(3, 2),
        () -> X.slice(1, 2, 5),
        () -> X.pad(0, -1, 0, 0, 0),
        () -> Tensor.concat(0, X, real(2, 4)),
        () -> X.windows(1, 4, 1, 1),
        () -> X.take(X, 0),
        () -> X.takeAlong(Tensor.iota(Shape.of(3, 3), 0), 1),
        () -> X.matmul(real(4, 5)),
        () -> N.matmul(N.transpose()),
        () -> Tensor.einsum("ab,bc->ac", X, real(4, 5)),
        () -> Tensor.einsum("ab,bc", X, X),
        () -> Convolution.conv2d(IMAGES, real(4, 2, 3, 3)),
        () -> Convolution.conv2d(IMAGES, real(4, 3, 9, 9)),
        () -> Convolution.maxPool2d(X, 2, 2),
        () -> X.cholesky(),
        () -> X.triangularSolve(real(3, 3), true, false),
        () -> Tensor.literal(TensorType.of(DType.FLOAT32, 2), 1, 2, 3),
        () -> Tensor.bernoulli(Key.ROOT, 1.5, 2),
        () -> real(1 << 16, 1).mul(real(1 << 15)),
        () -> Gradients.of(X, List.of(X)),
        () -> Gradients.of(X.sumAll(), List.of(N)),
        () -> Origin.within("encoder", () -> Origin.within("layers.0", () -> X.add(real(4)))));
  }
}
