package dev.credence.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A loop seen as a matrix product: c[m, n] = sum over k ascending of a[m, k] * b[k, n], for two
 * outer axes of independent products. It is the {@link ChainProduct} whose axes need no more than
 * one stride each.
 *
 * @param a the argument of the first factor, b of the second, c of the result
 * @param batch0 the slower outer axis, batch1 the faster one; extent 1 where unused
 * @param m the axis that only a and c move along
 * @param n the axis that only b and c move along
 * @param k the axis that is summed
 */
public record MatrixProduct(
    Array a, Array b, Array c, Axis batch0, Axis batch1, Axis m, Axis n, Axis k) {
  /** An argument and the element where the walk begins. */
  public record Array(int argument, long first) {}

  /** An axis with its strides in elements; 0 where an array does not move. */
  public record Axis(long extent, long a, long b, long c) {
    private static final Axis NONE = new Axis(1, 0, 0, 0);

    /** The same with the factors in each other's place. */
    Axis swapped() {
      return new Axis(extent, b, a, c);
    }

    /** The one axis that walks this slower and the other faster axis, if one stride does. */
    Optional<Axis> merge(Axis fast) {
      boolean walks =
          a == fast.extent * fast.a && b == fast.extent * fast.b && c == fast.extent * fast.c;
      return walks
          ? Optional.of(new Axis(extent * fast.extent, fast.a, fast.b, fast.c))
          : Optional.empty();
    }
  }

  /** The product that a loop is, if it is one. */
  public static Optional<MatrixProduct> of(Loop loop) {
    return ChainProduct.of(loop).flatMap(MatrixProduct::of);
  }

  /** The matrix product that a sum of products is, if it is one. */
  public static Optional<MatrixProduct> of(ChainProduct chain) {
    List<Axis> rows = new ArrayList<>(chain.rows());
    List<Axis> columns = new ArrayList<>(chain.columns());
    List<Axis> batches = new ArrayList<>(chain.outer());
    // An axis too many among the rows or the columns is an outer axis as well.
    keepOne(rows, batches);
    keepOne(columns, batches);
    if (batches.size() > 2 || chain.sums().size() > 1) {
      return Optional.empty();
    }
    Axis batch1 = batches.isEmpty() ? Axis.NONE : batches.get(batches.size() - 1);
    Axis batch0 = batches.size() == 2 ? batches.get(0) : Axis.NONE;
    return Optional.of(
        new MatrixProduct(
            chain.a(),
            chain.b(),
            chain.c(),
            batch0,
            batch1,
            only(rows),
            only(columns),
            only(chain.sums())));
  }

  /** Leaves the longest axis and moves the others to the outer ones. */
  private static void keepOne(List<Axis> axes, List<Axis> batches) {
    while (axes.size() > 1) {
      Axis shortest = axes.get(0);
      for (Axis axis : axes) {
        shortest = axis.extent() < shortest.extent() ? axis : shortest;
      }
      axes.remove(shortest);
      batches.add(shortest);
    }
  }

  private static Axis only(List<Axis> axes) {
    return axes.isEmpty() ? Axis.NONE : axes.get(0);
  }

  /** The transpose of this product, which computes the same chains. */
  public MatrixProduct transposed() {
    return new MatrixProduct(
        b, a, c, batch0.swapped(), batch1.swapped(), n.swapped(), m.swapped(), k.swapped());
  }

  /**
   * Extents and strides as the kernels of gemm.h and panels.h take them: m, n, k, the faster outer
   * axis; then those of a along the outer axes, m and k; of b along the outer axes, k and n; of c.
   */
  public List<Long> numbers() {
    return List.of(
        m.extent,
        n.extent,
        k.extent,
        batch1.extent,
        batch0.a,
        batch1.a,
        m.a,
        k.a,
        batch0.b,
        batch1.b,
        k.b,
        n.b,
        batch0.c,
        batch1.c,
        m.c,
        n.c);
  }

  /**
   * The extents for listings, such as {@code 3 x 128x1200x784 NT}: the independent products, m, n,
   * k, and for each factor N where its own order is [m, k] or [k, n], T where it is the other one.
   */
  public String shape() {
    return (outer() == 1 ? "" : outer() + " x ")
        + "%dx%dx%d ".formatted(m.extent, n.extent, k.extent)
        + (m.a == 1 && k.a != 1 ? 'T' : 'N')
        + (k.b == 1 && n.b != 1 ? 'T' : 'N');
  }

  /** Independent products. */
  public long outer() {
    return batch0.extent * batch1.extent;
  }

  /** Multiplications with an addition each. */
  public long steps() {
    return outer() * m.extent() * n.extent() * k.extent();
  }
}
