package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The last axes of a tensor, taken as one outcome. */
final class Events {
  private Events() {}

  /** The axes of an outcome. */
  static int[] axes(int rank) {
    return IntStream.rangeClosed(-rank, -1).toArray();
  }

  /** The sum over an outcome, which leaves the leading axes. */
  static Tensor sum(Tensor x, int rank) {
    return x.sum(axes(rank));
  }

  /** The leading axes. */
  static Shape batch(Tensor x, int rank) {
    return x.shape().without(axes(rank));
  }

  /** The axes of an outcome, as a shape. */
  static Shape event(Tensor x, int rank) {
    int[] dims = x.shape().dims();
    return Shape.of(Arrays.copyOfRange(dims, dims.length - rank, dims.length));
  }

  /** A log-determinant of zero for each outcome. */
  static Tensor noStretch(Tensor x, int rank) {
    return sum(x.zerosLike(), rank);
  }
}
