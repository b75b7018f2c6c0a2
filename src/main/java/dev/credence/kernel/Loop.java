package dev.credence.kernel;

import dev.credence.type.DType;
import java.util.Arrays;
import java.util.List;

/**
 * A fused kernel as data. For every element of the kept axes its phases run in order; a phase runs
 * over its own inner axes, folding values and storing others, and a later phase reads what an
 * earlier one folded (maximum, then sum, then write). Inner axes are numbered after the kept ones.
 *
 * <p>A written argument may be bound to the memory of a read one if the loop reads that one only at
 * the very index it stores: an update in place. So whoever runs a loop reads all an element needs
 * before it stores any of that element's results.
 *
 * @param name what the kernel is called in listings and errors
 * @param kept extents of the kept axes
 * @param phases at least one
 * @param arguments the arrays it reads and writes; no array written is also read
 */
public record Loop(String name, List<Integer> kept, List<Phase> phases, List<Argument> arguments)
    implements Work {
  /**
   * An array.
   *
   * @param type kind of its elements
   * @param size number of its elements
   * @param written whether the loop writes it
   */
  public record Argument(DType type, long size, boolean written) {}

  /** One pass over the inner axes. */
  public record Phase(List<Integer> inner, List<Fold> folds, List<Store> stores) {
    public Phase {
      inner = List.copyOf(inner);
      folds = List.copyOf(folds);
      stores = List.copyOf(stores);
    }

    /** Number of inner elements. */
    public long extent() {
      return size(inner);
    }
  }

  /**
   * How values are folded over the inner elements, in row-major order of the inner axes. Sums of
   * int32 wrap around; truth values have no sums, their MAX is "any" and their MIN is "all".
   */
  public enum FoldKind {
    /**
     * Sum in a fixed shape, a function of the number of values alone: tiles of 4096 values; within
     * a tile value i joins lane i mod 256 in ascending order, the 256 lanes are added as a binary
     * tree (lane l and l + 128, then 64, ... 1), and the tiles' sums are summed by the same rule
     * again until one is left. Missing values count as +0, and every lane starts from it.
     */
    SUM,
    /** Sum in ascending order, one after the other, from +0. */
    RUNNING_SUM,
    /** Sum of products: one fused multiply-add after the other in ascending order, from +0. */
    CHAIN,
    /** Largest value, NaN if any is NaN; minus infinity (smallest integer) over nothing. */
    MAX,
    /** Smallest value, NaN if any is NaN; infinity (largest integer) over nothing. */
    MIN,
    /**
     * Position of the largest value, the lowest if it occurs twice, the first NaN if any; 0 over
     * nothing.
     */
    ARGMAX,
    /** Position of the smallest value, by the same rules. */
    ARGMIN
  }

  /**
   * A fold.
   *
   * @param kind how
   * @param value what is folded; for CHAIN the first factor
   * @param factor the second factor of CHAIN, for the others equal to value
   */
  public record Fold(FoldKind kind, Scalar value, Scalar factor) {
    /** A fold of one value. */
    public Fold(FoldKind kind, Scalar value) {
      this(kind, value, value);
    }

    /** Kind of the result. */
    public DType type() {
      return kind == FoldKind.ARGMAX || kind == FoldKind.ARGMIN ? DType.INT32 : value.type();
    }
  }

  /** Writes a value into an argument. Every element is written at most once. */
  public record Store(int argument, Index at, Scalar value) {}

  public Loop {
    kept = List.copyOf(kept);
    phases = List.copyOf(phases);
    arguments = List.copyOf(arguments);
    if (phases.isEmpty()) {
      throw new IllegalArgumentException("loop " + name + " has no phase");
    }
  }

  /** Number of kept elements. */
  public long extent() {
    return size(kept);
  }

  @Override
  public long items() {
    return extent();
  }

  /** Number of elements of these extents. */
  public static long size(List<Integer> extents) {
    long size = 1;
    for (int extent : extents) {
      size *= extent;
    }
    return size;
  }

  /** Bytes that must move at least: every argument once. */
  @Override
  public long bytes() {
    return arguments.stream().mapToLong(a -> a.size() * a.type().bytes()).sum();
  }

  @Override
  public String toString() {
    return LoopText.of(this);
  }

  /** All roots of a phase, in the order folds (value, factor), then stores. */
  public static List<Scalar> roots(Phase phase) {
    List<Scalar> roots = new java.util.ArrayList<>();
    for (Fold fold : phase.folds()) {
      roots.add(fold.value());
      if (fold.kind() == FoldKind.CHAIN) {
        roots.add(fold.factor());
      }
    }
    for (Store store : phase.stores()) {
      roots.add(store.value());
    }
    return roots;
  }

  /** Extents as an array. */
  public static int[] array(List<Integer> extents) {
    return extents.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Extents as a list. */
  public static List<Integer> list(int... extents) {
    return Arrays.stream(extents).boxed().toList();
  }
}
