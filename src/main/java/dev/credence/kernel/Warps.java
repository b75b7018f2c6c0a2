package dev.credence.kernel;

import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds printed for warps of 32 work items that see each other's values. The 256 lanes of a sum's
 * fixed shape are folded as a tree, 128 with 128 first: the three widest steps join what stands in
 * shared memory or in a work item's own registers, the others what its neighbours have.
 */
final class Warps {
  private Warps() {}

  static boolean isArg(Fold fold) {
    return fold.kind() == FoldKind.ARGMAX || fold.kind() == FoldKind.ARGMIN;
  }

  /** The type of what is folded, which for positions is that of the values. */
  static String type(Fold fold) {
    return Expressions.type(fold.value().type());
  }

  private static boolean isReal(Fold fold) {
    return fold.value().type() == DType.FLOAT32;
  }

  /** What a fold begins with; of positions, the value. */
  static String nothing(Fold fold) {
    boolean bool = fold.value().type() == DType.BOOL;
    return switch (fold.kind()) {
      case MAX -> isReal(fold) ? "-CR_INF" : bool ? "0" : "(-2147483647 - 1)";
      case MIN -> isReal(fold) ? "CR_INF" : bool ? "1" : "2147483647";
      case SUM, RUNNING_SUM, CHAIN -> isReal(fold) ? "0.0f" : "0";
      case ARGMAX, ARGMIN -> "0";
    };
  }

  /** A statement that folds one more value; not for positions. */
  static String take(Fold fold, String so, String value) {
    String call = "%s = %s(%s, %s);";
    return switch (fold.kind()) {
      case MAX -> call.formatted(so, isReal(fold) ? "cr_max" : "cr_max_i32", so, value);
      case MIN -> call.formatted(so, isReal(fold) ? "cr_min" : "cr_min_i32", so, value);
      case SUM ->
          isReal(fold)
              ? so + " = " + so + " + " + value + ";"
              : call.formatted(so, "cr_add_i32", so, value);
      case RUNNING_SUM, CHAIN, ARGMAX, ARGMIN ->
          throw new IllegalArgumentException("there is no tree of " + fold.kind());
    };
  }

  /**
   * A statement that folds a value and its position; -1 stands for none, and the lower one wins.
   */
  static String takeAt(Fold fold, String so, String at, String value, String position) {
    String name = fold.kind() == FoldKind.ARGMAX ? "cr_above" : "cr_below";
    String beats = name + (isReal(fold) ? "" : "_i32") + "(%s, %s)";
    String draws = "!" + beats.formatted(so, value) + " && " + position + " < " + at;
    return "if (%s >= 0 && (%s < 0 || %s || (%s))) { %s = %s; %s = %s; }"
        .formatted(position, at, beats.formatted(value, so), draws, so, value, at, position);
  }

  /**
   * Statements that fold 256 lanes in shared memory; afterwards every work item has the result.
   *
   * @param so the variable of the result
   * @param shared the lanes
   */
  static List<String> lanes(Fold fold, String so, String shared) {
    List<String> lines = new ArrayList<>();
    lines.add("{");
    lines.add("  " + type(fold) + " q[8];");
    lines.add(
        "  CR_UNROLL for (cr_i32 k = 0; k < 8; k++) q[k] = "
            + shared
            + "[(CR_LANE & 31) + 32 * k];");
    registers(fold, "q", 8).forEach(line -> lines.add("  " + line));
    lines.add("  " + so + " = q[0];");
    lines.add("}");
    lines.addAll(warp(fold, so, 32));
    return lines;
  }

  /** Statements that fold lanes 32 apart, of which each work item has some; not for positions. */
  static List<String> registers(Fold fold, String so, int count) {
    List<String> lines = new ArrayList<>();
    for (int span = count / 2; span > 0; span /= 2) {
      for (int k = 0; k < span; k++) {
        lines.add(take(fold, so + "[" + k + "]", so + "[" + (k + span) + "]"));
      }
    }
    return lines;
  }

  /**
   * Statements that fold the lanes of a team; afterwards all of it have the result.
   *
   * @param team how many neighbours, at most a warp
   */
  static List<String> warp(Fold fold, String so, int team) {
    String step = take(fold, so, "CR_SHUFFLE_DOWN(" + so + ", span)");
    return List.of(spans(team) + " { " + step + " }", toAll(so, team));
  }

  /** The same for a fold of positions, of which all have the position. */
  static List<String> warpAt(Fold fold, String so, String at, int team) {
    return List.of(
        spans(team) + " {",
        "  const " + type(fold) + " other = CR_SHUFFLE_DOWN(" + so + ", span);",
        "  const cr_i32 otherAt = CR_SHUFFLE_DOWN(" + at + ", span);",
        "  " + takeAt(fold, so, at, "other", "otherAt"),
        "}",
        toAll(at, team));
  }

  private static String spans(int team) {
    return "CR_UNROLL for (cr_i32 span = " + team / 2 + "; span > 0; span /= 2)";
  }

  private static String toAll(String so, int team) {
    return so + " = CR_SHUFFLE(" + so + ", CR_LANE & " + (32 - team) + ");";
  }
}
