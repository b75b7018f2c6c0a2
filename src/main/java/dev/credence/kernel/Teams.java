package dev.credence.kernel;

import dev.credence.kernel.Loop.Fold;
import java.util.ArrayList;
import java.util.List;

/**
 * Folds printed for work items that see each other's values through local memory alone. The 256
 * lanes of a sum's fixed shape are folded as a tree, 128 with 128 first, but not step by step, each
 * with a wait of its own: every work item folds 16 lanes that lie 16 apart, and then the 16 that
 * this leaves.
 */
final class Teams {
  /** Lanes that a work item folds at a time. */
  private static final int FEW = 16;

  /** Elements of the local array that a group's folds need: the lanes, and what they leave. */
  static final int ROOM = LoopSource.LANES + FEW;

  private Teams() {}

  /**
   * Statements that fold 256 lanes in local memory, for which the group has waited; afterwards
   * every work item has the result, and the lanes' memory is free.
   *
   * @param so the variable of the result
   * @param shared the lanes, with {@link #ROOM}
   */
  static List<String> lanes(Fold fold, String so, String shared) {
    List<String> lines = new ArrayList<>();
    lines.add("{");
    few(fold, FEW, shared + "[(CR_LANE & 15) + 16 * k]").forEach(line -> lines.add("  " + line));
    lines.add("  if (CR_LANE < 16) " + shared + "[256 + CR_LANE] = q[0];");
    lines.add("}");
    lines.add("CR_BARRIER;");
    lines.add("{");
    few(fold, FEW, shared + "[256 + k]").forEach(line -> lines.add("  " + line));
    lines.add("  " + so + " = q[0];");
    lines.add("}");
    return lines;
  }

  /**
   * Statements that fold the lanes of a team, for which the group has waited.
   *
   * @param team how many neighbours
   * @param shared the lanes
   */
  static List<String> team(Fold fold, String so, String shared, int team) {
    List<String> lines = new ArrayList<>();
    lines.add("{");
    String first = "(CR_LANE & " + (LoopSource.LANES - team) + ")";
    few(fold, team, shared + "[" + first + " + k]").forEach(line -> lines.add("  " + line));
    lines.add("  " + so + " = q[0];");
    lines.add("}");
    return lines;
  }

  /** Statements that put lanes into q and fold them. */
  private static List<String> few(Fold fold, int count, String lane) {
    List<String> lines = new ArrayList<>();
    lines.add(Warps.type(fold) + " q[" + count + "];");
    lines.add(each(count, "q[k] = " + lane + ";"));
    lines.addAll(Warps.registers(fold, "q", count));
    return lines;
  }

  /** As {@link #lanes}, for positions and their values. */
  static List<String> lanesAt(Fold fold, String so, String at, String shared, String places) {
    String lane = "[(CR_LANE & 15) + 16 * k]";
    String rest = "[256 + k]";
    return List.of(
        each(FEW, Warps.takeAt(fold, so, at, shared + lane, places + lane)),
        "if (CR_LANE < 16) " + shared + "[256 + CR_LANE] = " + so + ";",
        "if (CR_LANE < 16) " + places + "[256 + CR_LANE] = " + at + ";",
        "CR_BARRIER;",
        each(FEW, Warps.takeAt(fold, so, at, shared + rest, places + rest)));
  }

  /** As {@link #team}, for positions and their values. */
  static List<String> teamAt(
      Fold fold, String so, String at, String shared, String places, int team) {
    String lane = "[(CR_LANE & " + (LoopSource.LANES - team) + ") + k]";
    return List.of(each(team, Warps.takeAt(fold, so, at, shared + lane, places + lane)));
  }

  private static String each(int count, String statement) {
    return "CR_UNROLL for (cr_i32 k = 0; k < " + count + "; k++) { " + statement + " }";
  }
}
