package dev.credence.kernel;

import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.MatrixProduct.Array;
import dev.credence.kernel.MatrixProduct.Axis;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * A loop seen as a sum of products of two arrays: c[outer, row, column] = sum over k of a[outer,
 * row, k] * b[outer, column, k], where outer, row, column and k each stand for several axes. A
 * convolution is one, and a matrix product is one in which no more than an axis of each is left.
 * Found from the loop's structure, so that every device can hand it to a kernel of its own; such a
 * kernel keeps the chain over k in row-major order, hence the bits.
 *
 * @param a the argument of the first factor, b of the second, c of the result
 * @param outer axes that both factors move along, slowest first as in all these lists
 * @param rows axes that only a and c move along
 * @param columns axes that only b and c move along
 * @param sums the axes summed over
 */
public record ChainProduct(
    Array a,
    Array b,
    Array c,
    List<Axis> outer,
    List<Axis> rows,
    List<Axis> columns,
    List<Axis> sums) {
  /** A chain of two arrays' elements, and the store of what it gives. */
  public record Chain(Scalar.Load a, Scalar.Load b, Store store) {
    /** The chain that a loop is, if it does nothing else. */
    public static Optional<Chain> of(Loop loop) {
      int phases = loop.phases().size();
      Phase phase = loop.phases().get(0);
      if (phases != 2 || phase.folds().size() != 1 || !phase.stores().isEmpty()) {
        // In the phase that folds, the sum is not there yet, so the store stands in the next one.
        return Optional.empty();
      }
      Fold fold = phase.folds().get(0);
      Optional<Store> store = onlyStore(loop.phases().get(1));
      boolean chain = phase.extent() > 0 && store.isPresent() && fold.kind() == FoldKind.CHAIN;
      return chain
              && fold.value() instanceof Scalar.Load a
              && fold.factor() instanceof Scalar.Load b
              && a.type() == DType.FLOAT32
              && b.type() == DType.FLOAT32
              && store.get().at().isAffine()
          ? Optional.of(new Chain(a, b, store.get()))
          : Optional.empty();
    }

    /** The store of the fold, if a phase does nothing else. */
    private static Optional<Store> onlyStore(Phase phase) {
      boolean only =
          phase.extent() == 1
              && phase.folds().isEmpty()
              && phase.stores().size() == 1
              && phase.stores().get(0).value() instanceof Scalar.Folded;
      return only ? Optional.of(phase.stores().get(0)) : Optional.empty();
    }
  }

  /** The sum of products that a loop is, if it is one and both factors lie in plain strides. */
  public static Optional<ChainProduct> of(Loop loop) {
    return Chain.of(loop)
        .filter(chain -> plain(chain.a) && plain(chain.b))
        .map(chain -> of(loop, chain));
  }

  private static boolean plain(Scalar.Load load) {
    return load.at().isAffine() && load.guard().stream().allMatch(Index.Bound::always);
  }

  private static ChainProduct of(Loop loop, Chain chain) {
    List<Axis> rows = new ArrayList<>();
    List<Axis> columns = new ArrayList<>();
    List<Axis> outer = new ArrayList<>();
    List<Axis> sums = new ArrayList<>();
    Scalar.Load a = chain.a;
    Scalar.Load b = chain.b;
    Store store = chain.store;
    List<Integer> inner = loop.phases().get(0).inner();
    int kept = loop.kept().size();
    for (int i = 0; i < kept + inner.size(); i++) {
      int extent = i < kept ? loop.kept().get(i) : inner.get(i - kept);
      long alongC = i < kept ? store.at().stride(i) : 0;
      Axis axis = new Axis(extent, a.at().stride(i), b.at().stride(i), alongC);
      if (extent != 1) {
        join(i >= kept ? sums : axis.b() == 0 ? rows : axis.a() == 0 ? columns : outer, axis);
      }
    }
    return new ChainProduct(
        new Array(a.argument(), a.at().constant()),
        new Array(b.argument(), b.at().constant()),
        new Array(store.argument(), store.at().constant()),
        List.copyOf(outer),
        List.copyOf(rows),
        List.copyOf(columns),
        List.copyOf(sums));
  }

  /** Adds an axis faster than those before it, as part of the last one if it can be. */
  private static void join(List<Axis> axes, Axis axis) {
    Optional<Axis> merged =
        axes.isEmpty() ? Optional.empty() : axes.get(axes.size() - 1).merge(axis);
    if (merged.isPresent()) {
      axes.set(axes.size() - 1, merged.get());
    } else {
      axes.add(axis);
    }
  }

  /** The same chains with the factors, and with them rows and columns, in each other's place. */
  public ChainProduct transposed() {
    return new ChainProduct(
        b, a, c, swapped(outer), swapped(columns), swapped(rows), swapped(sums));
  }

  private static List<Axis> swapped(List<Axis> axes) {
    return axes.stream().map(Axis::swapped).toList();
  }

  /** Multiplications with an addition each. */
  public long steps() {
    return size(outer) * size(rows) * size(columns) * size(sums);
  }

  /** The number of elements of some axes. */
  public static long size(List<Axis> axes) {
    long size = 1;
    for (Axis axis : axes) {
      size *= axis.extent();
    }
    return size;
  }

  /**
   * Macros of the common dialect that say where elements lie: CR_GEMM_ROW_a(i0) for row i0 of the
   * first factor, CR_GEMM_COLUMN_b, CR_GEMM_STEP_a, CR_GEMM_OUTER_c and so on, to be added up.
   */
  public String places() {
    return place("ROW_a", rows, Axis::a)
        + place("ROW_c", rows, Axis::c)
        + place("COLUMN_b", columns, Axis::b)
        + place("COLUMN_c", columns, Axis::c)
        + place("STEP_a", sums, Axis::a)
        + place("STEP_b", sums, Axis::b)
        + place("OUTER_a", outer, Axis::a)
        + place("OUTER_b", outer, Axis::b)
        + place("OUTER_c", outer, Axis::c);
  }

  private static String place(String name, List<Axis> axes, ToLongFunction<Axis> stride) {
    Index element = Index.axis(0, (int) size(axes));
    Index place = Index.ZERO;
    long below = 1;
    for (Axis axis : axes.reversed()) {
      Index coordinate = element.div(below).mod(axis.extent());
      place = place.plus(coordinate.times(stride.applyAsLong(axis)));
      below *= axis.extent();
    }
    return "#define CR_GEMM_%s(i0) (%s)\n".formatted(name, Expressions.index(place));
  }
}
