package dev.credence.train;

import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;

/** Keeping gradients in bounds. */
public final class Clip {
  private Clip() {}

  /** The square root of the sum of squares over all leaves of a tree, a scalar. */
  public static Tensor norm(Object tree) {
    return Tree.list(tree).stream()
        .map(leaf -> leaf.square().sumAll())
        .reduce(Tensor::add)
        .orElseThrow(() -> new IllegalArgumentException("the tree has no tensors"))
        .sqrt();
  }

  /**
   * Gradients whose norm over all leaves is at most a bound; longer ones are shortened and keep
   * their direction (Pascanu, Mikolov and Bengio 2013, algorithm 1).
   */
  public static <T> T byGlobalNorm(T gradients, double bound) {
    if (!(bound > 0)) {
      throw new IllegalArgumentException("a norm's bound is positive, but " + bound + " was given");
    }
    Tensor norm = norm(gradients);
    // A norm of zero needs no shortening; 0 / 0 must not arise.
    Tensor factor = norm.zerosLike().add(bound).div(norm.maximum(bound));
    return Tree.map(gradients, (path, g) -> g.mul(as(factor, g.dtype())));
  }

  private static Tensor as(Tensor factor, DType dtype) {
    return factor.cast(dtype);
  }
}
