package dev.credence.type;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The extents of a tensor, outermost first; row-major order throughout. Rank 0 is a scalar and any
 * extent may be 0. Immutable.
 */
public final class Shape {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final int size;

  private Shape(int[] dims) {
    long size = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "a shape has no negative extents, but " + Arrays.toString(dims) + " was given");
      }
    }
    for (int dim : dims) {
      size *= dim;
      if (size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape "
                + Arrays.toString(dims)
                + " has 2^31 elements or more; split it into smaller arrays");
      }
    }
    this.dims = dims;
    this.size = (int) size;
  }

  private Shape(int[] dims, int size) {
    this.dims = dims;
    this.size = size;
  }

  /**
   * A shape of these extents.
   *
   * @throws IllegalArgumentException if an extent is negative or the size reaches 2^31
   */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** Number of axes. */
  public int rank() {
    return dims.length;
  }

  /** Extent of an axis; negative axes count from the last. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** The extents, a fresh array. */
  public int[] dims() {
    return dims.clone();
  }

  /**
   * A non-negative axis from one that may count from the end.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public int axis(int axis) {
    int positive = axis < 0 ? axis + dims.length : axis;
    if (positive < 0 || positive >= dims.length) {
      throw new IllegalArgumentException("shape " + this + " has no axis " + axis);
    }
    return positive;
  }

  /** Row-major strides in elements. */
  public int[] strides() {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /** This shape with the given axes removed. */
  public Shape without(int... axes) {
    boolean[] gone = new boolean[dims.length];
    for (int axis : axes) {
      gone[axis(axis)] = true;
    }
    return new Shape(
        IntStream.range(0, dims.length).filter(i -> !gone[i]).map(i -> dims[i]).toArray());
  }

  /** This shape with the extent of one axis replaced. */
  public Shape with(int axis, int extent) {
    int[] changed = dims.clone();
    changed[axis(axis)] = extent;
    return new Shape(changed);
  }

  /** These extents followed by those of another shape. */
  public Shape concat(Shape other) {
    int[] all = Arrays.copyOf(dims, dims.length + other.dims.length);
    System.arraycopy(other.dims, 0, all, dims.length, other.dims.length);
    return new Shape(all);
  }

  /**
   * The extents of a loop over these axes and, within, others. No array has that shape: where the
   * elements are 2^31 or more, the size counts as 2^31 - 1.
   */
  public Shape around(Shape inner) {
    int[] all = Arrays.copyOf(dims, dims.length + inner.dims.length);
    System.arraycopy(inner.dims, 0, all, dims.length, inner.dims.length);
    return new Shape(all, (int) Math.min((long) size * inner.size, Integer.MAX_VALUE));
  }

  /**
   * The shape two operands broadcast to, by the usual rule: aligned at the last axis, extents must
   * be equal or one of them 1.
   *
   * @throws IllegalArgumentException naming both shapes if they do not broadcast
   */
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      int x = i < rank - a.rank() ? 1 : a.dims[i - rank + a.rank()];
      int y = i < rank - b.rank() ? 1 : b.dims[i - rank + b.rank()];
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException("shapes " + a + " and " + b + " do not broadcast");
      }
      dims[i] = x == 1 ? y : x;
    }
    return new Shape(dims);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.stream(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
