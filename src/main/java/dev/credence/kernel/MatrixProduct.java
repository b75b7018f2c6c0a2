package dev.credence.kernel;

import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A loop seen as a matrix product: c[m, n] = sum over k ascending of a[m, k] * b[k, n], for two
 * outer axes of independent products. Found from the loop's structure, so that every device can
 * hand it to a kernel of its own; such a kernel keeps the chain, hence the bits.
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
    static final Axis NONE = new Axis(1, 0, 0, 0);

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
    int phases = loop.phases().size();
    Phase phase = loop.phases().get(0);
    if (phases > 2
        || phase.folds().size() != 1
        || phase.extent() == 0
        || !phase.stores().isEmpty()) {
      // In the phase that folds, the sum is not there yet, so the store stands in the next one.
      return Optional.empty();
    }
    Fold fold = phase.folds().get(0);
    Optional<Store> store = phases == 2 ? onlyStore(loop.phases().get(1)) : Optional.empty();
    if (fold.kind() != FoldKind.CHAIN
        || store.isEmpty()
        || !(fold.value() instanceof Scalar.Load a)
        || !(fold.factor() instanceof Scalar.Load b)
        || !plain(a)
        || !plain(b)
        || !store.get().at().isAffine()) {
      return Optional.empty();
    }
    return of(loop, phase, a, b, store.get());
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

  private static boolean plain(Scalar.Load load) {
    return load.type() == DType.FLOAT32
        && load.at().isAffine()
        && load.guard().stream().allMatch(Index.Bound::always);
  }

  private static Optional<MatrixProduct> of(
      Loop loop, Phase phase, Scalar.Load a, Scalar.Load b, Store store) {
    List<Axis> rows = new ArrayList<>();
    List<Axis> columns = new ArrayList<>();
    List<Axis> batches = new ArrayList<>();
    List<Axis> sums = new ArrayList<>();
    int kept = loop.kept().size();
    for (int i = 0; i < kept + phase.inner().size(); i++) {
      int extent = i < kept ? loop.kept().get(i) : phase.inner().get(i - kept);
      long alongC = i < kept ? store.at().stride(i) : 0;
      Axis axis = new Axis(extent, a.at().stride(i), b.at().stride(i), alongC);
      if (extent != 1) {
        join(i >= kept ? sums : axis.b == 0 ? rows : axis.a == 0 ? columns : batches, axis);
      }
    }
    // An axis too many among the rows or the columns is an outer axis as well.
    keepOne(rows, batches);
    keepOne(columns, batches);
    if (batches.size() > 2 || sums.size() > 1) {
      return Optional.empty();
    }
    Axis batch1 = batches.isEmpty() ? Axis.NONE : batches.get(batches.size() - 1);
    Axis batch0 = batches.size() == 2 ? batches.get(0) : Axis.NONE;
    return Optional.of(
        new MatrixProduct(
            new Array(a.argument(), a.at().constant()),
            new Array(b.argument(), b.at().constant()),
            new Array(store.argument(), store.at().constant()),
            batch0,
            batch1,
            only(rows),
            only(columns),
            only(sums)));
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

  /** Leaves the longest axis and moves the others to the outer ones. */
  private static void keepOne(List<Axis> axes, List<Axis> batches) {
    while (axes.size() > 1) {
      Axis shortest = axes.get(0);
      for (Axis axis : axes) {
        shortest = axis.extent < shortest.extent ? axis : shortest;
      }
      axes.remove(shortest);
      batches.add(shortest);
    }
  }

  private static Axis only(List<Axis> axes) {
    return axes.isEmpty() ? Axis.NONE : axes.get(0);
  }

  /** Multiplications with an addition each. */
  public long steps() {
    return batch0.extent * batch1.extent * m.extent * n.extent * k.extent;
  }
}
