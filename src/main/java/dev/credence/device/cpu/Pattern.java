package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import java.util.List;

/**
 * The offsets that an index takes while some axes run, written down: a table serves where runs of
 * neighbours are short (pooling windows), and where an index divides its axes.
 */
final class Pattern {
  /** The longest table. */
  static final long MOST = 4096;

  private Pattern() {}

  /** Whether an index mentions only these axes. */
  static boolean within(Index index, List<Integer> axes) {
    return index.terms().stream().allMatch(t -> within(t.atom(), axes));
  }

  static boolean within(Index.Atom atom, List<Integer> axes) {
    return switch (atom) {
      case Index.Axis axis -> axes.contains(axis.axis());
      case Index.Div div -> within(div.of(), axes);
      case Index.Mod mod -> within(mod.of(), axes);
      case Index.Loaded loaded -> false;
    };
  }

  /**
   * The values of an index.
   *
   * @param axes those that run, slowest first; the index mentions no other
   */
  static int[] table(Index index, List<Integer> axes, List<Integer> extents) {
    int size = 1;
    for (int extent : extents) {
      size *= extent;
    }
    int[] table = new int[size];
    for (int i = 0; i < size; i++) {
      table[i] = (int) value(index, i, axes, extents);
    }
    return table;
  }

  private static long value(Index index, int at, List<Integer> axes, List<Integer> extents) {
    long value = index.constant();
    for (Index.Term term : index.terms()) {
      value += term.factor() * value(term.atom(), at, axes, extents);
    }
    return value;
  }

  private static long value(Index.Atom atom, int at, List<Integer> axes, List<Integer> extents) {
    return switch (atom) {
      case Index.Axis axis -> coordinate(axes.indexOf(axis.axis()), at, extents);
      case Index.Div div -> Math.floorDiv(value(div.of(), at, axes, extents), div.by());
      case Index.Mod mod -> Math.floorMod(value(mod.of(), at, axes, extents), mod.by());
      case Index.Loaded loaded -> throw new IllegalArgumentException(loaded + " is not known");
    };
  }

  private static int coordinate(int axis, int at, List<Integer> extents) {
    int rest = at;
    for (int faster = extents.size() - 1; faster > axis; faster--) {
      rest /= extents.get(faster);
    }
    return rest % extents.get(axis);
  }
}
