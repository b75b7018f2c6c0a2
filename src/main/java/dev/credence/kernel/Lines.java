package dev.credence.kernel;

import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A body written down line by line: every distinct value once, operands before their use. Each
 * device and each printer walks this list.
 *
 * @param lines the values, line i computing value i
 * @param roots the line of each root, in the order given
 */
public record Lines(List<Line> lines, List<Integer> roots) {
  /**
   * One value.
   *
   * @param scalar what is computed; its operands are those of this record, not its own
   * @param operands lines of the operands
   */
  public record Line(Scalar scalar, List<Integer> operands) {
    /** Kind of the value. */
    public DType type() {
      return scalar.type();
    }
  }

  /** What makes two lines the same value. */
  private record Same(Object what, List<Integer> operands) {}

  /** The lines of some roots. */
  public static Lines of(List<Scalar> roots) {
    List<Line> lines = new ArrayList<>();
    Map<Scalar, Integer> seen = new IdentityHashMap<>();
    Map<Same, Integer> known = new HashMap<>();
    List<Integer> at = new ArrayList<>();
    for (Scalar root : roots) {
      at.add(write(root, lines, seen, known));
    }
    return new Lines(List.copyOf(lines), List.copyOf(at));
  }

  /** The lines of a phase: its folds (value, then factor of a chain), then its stores. */
  public static Lines of(Loop.Phase phase) {
    return of(Loop.roots(phase));
  }

  private static int write(
      Scalar scalar, List<Line> lines, Map<Scalar, Integer> seen, Map<Same, Integer> known) {
    Integer before = seen.get(scalar);
    if (before != null) {
      return before;
    }
    List<Integer> operands = new ArrayList<>();
    for (Scalar operand : scalar.operands()) {
      operands.add(write(operand, lines, seen, known));
    }
    Same same = new Same(identity(scalar), operands);
    Integer line = known.get(same);
    if (line == null) {
      line = lines.size();
      lines.add(new Line(scalar, List.copyOf(operands)));
      known.put(same, line);
    }
    seen.put(scalar, line);
    return line;
  }

  /** What a scalar computes, apart from its operands. */
  private static Object identity(Scalar scalar) {
    return switch (scalar) {
      case Scalar.Unary u -> u.word();
      case Scalar.Binary b -> b.word();
      case Scalar.Select s -> "select";
      case Scalar.Cast c -> c.type();
      default -> scalar;
    };
  }
}
