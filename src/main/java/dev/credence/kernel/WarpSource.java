package dev.credence.kernel;

import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.type.DType;
import java.util.List;
import java.util.Optional;

/**
 * Prints a loop that folds for a GPU. A warp of 32 work items computes a kept element, each having
 * up to eight lanes of a fold in registers; several short rows share a warp, and a long row has a
 * group of eight warps, a lane a work item. Where the work items of a warp see each other's values,
 * nobody waits and a warp uses no shared memory; elsewhere a fold goes through local memory. The
 * bits are those of {@link LoopSource}.
 */
public final class WarpSource {
  private static final int WARP = 32;

  /** Work items in a group. */
  public static final int ITEMS = LoopSource.LANES;

  private static final int TILE = 4096;

  /** Longest row of a warp; a longer one has eight. */
  private static final int LONG = 1024;

  /** Longest row whose tiles make one tile. */
  private static final long LONGEST = (long) TILE * TILE;

  private final StringBuilder text = new StringBuilder();
  private final Loop loop;

  /** Whether the work items of a warp see each other's values. */
  private final boolean seeing;

  /** Whether a warp alone computes a kept element, or several of them. */
  private final boolean alone;

  /** Work items that compute a kept element: 256, 32, or as few as its row wants. */
  private final int team;

  private int depth;

  /** Folds that went through local memory, of which two in turn have a part of it each. */
  private int turn;

  private WarpSource(Loop loop, boolean seeing) {
    this.loop = loop;
    this.seeing = seeing;
    long longest = loop.phases().stream().mapToLong(Phase::extent).max().orElse(1);
    alone = longest <= LONG;
    int few = 1;
    while (few < WARP && few < longest) {
      few *= 2;
    }
    team = alone ? few : ITEMS;
  }

  /** The loop's source, if it is one for this form, for CUDA's warps. */
  public static Optional<WarpSource> of(Loop loop, String symbol) {
    return of(loop, symbol, true);
  }

  /** The same for a device of which nothing is known but its local memory. */
  public static Optional<WarpSource> inLocalMemory(Loop loop, String symbol) {
    return of(loop, symbol, false);
  }

  private static Optional<WarpSource> of(Loop loop, String symbol, boolean seeing) {
    boolean folds = loop.phases().stream().anyMatch(phase -> !phase.folds().isEmpty());
    boolean fits =
        loop.extent() > 0
            && loop.extent() <= Integer.MAX_VALUE
            && loop.phases().stream().allMatch(WarpSource::fits)
            && loop.arguments().stream().noneMatch(a -> a.type() == DType.FLOAT64);
    if (!folds || !fits) {
      return Optional.empty();
    }
    WarpSource source = new WarpSource(loop, seeing);
    source.print(symbol);
    return Optional.of(source);
  }

  private static boolean fits(Phase phase) {
    return phase.extent() > 0
        && phase.extent() <= LONGEST
        && phase.folds().stream().allMatch(WarpSource::fits);
  }

  private static boolean fits(Fold fold) {
    boolean bool = fold.value().type() == DType.BOOL;
    return switch (fold.kind()) {
      case MAX, MIN -> true;
      case SUM, ARGMAX, ARGMIN -> !bool;
      case RUNNING_SUM, CHAIN -> false;
    };
  }

  /** The source of the kernel, to be printed in place of that of {@link LoopSource}. */
  public String text() {
    return text.toString();
  }

  /** Groups of {@link #ITEMS} work items. */
  public long groups() {
    return Math.ceilDiv(loop.extent(), (long) ITEMS / team);
  }

  // ---- Text ----

  private void print(String symbol) {
    StringBuilder arrays = new StringBuilder("CR_GLOBAL cr_i32 *params");
    for (int a = 0; a < loop.arguments().size(); a++) {
      String element = Expressions.element(loop.arguments().get(a));
      arrays.append(", CR_ARRAY(").append(element).append(", p").append(a).append(")");
    }
    open("CR_KERNEL void " + symbol + "(" + arrays + ")");
    if (!alone || !seeing) {
      shared();
    }
    line("const cr_i32 lane = CR_LANE & " + (team - 1) + ";");
    line("const cr_i64 own = CR_GROUP * " + ITEMS / team + " + CR_LANE / " + team + ";");
    // Who has no element goes along with the last one, since its warp waits for it.
    line("const cr_i32 here = own < " + loop.extent() + ";");
    line("const cr_i64 item = here ? own : " + (loop.extent() - 1) + ";");
    for (int a = 0; a < loop.arguments().size(); a++) {
      String pointer = Expressions.pointer(loop.arguments().get(a));
      line("CR_GLOBAL " + pointer + "a" + a + " = CR_START(p" + a + ");");
    }
    decode("item", loop.kept(), 0);
    for (int p = 0; p < loop.phases().size(); p++) {
      line("/* phase " + p + " */");
      phase(loop.phases().get(p), p);
    }
    close();
  }

  private void shared() {
    boolean floats = false;
    boolean ints = false;
    boolean places = false;
    for (Phase phase : loop.phases()) {
      for (Fold fold : phase.folds()) {
        boolean real = fold.value().type() == DType.FLOAT32;
        floats |= real;
        ints |= !real || (seeing && Warps.isArg(fold));
        places |= !seeing && Warps.isArg(fold);
      }
    }
    int size = seeing ? LoopSource.LANES : alone ? 2 * LoopSource.LANES : Teams.ROOM;
    if (floats) {
      line("CR_LOCAL float floats[" + size + "];");
    }
    if (ints) {
      line("CR_LOCAL cr_i32 ints[" + size + "];");
    }
    if (places) {
      line("CR_LOCAL cr_i32 places[" + size + "];");
    }
  }

  /** Lanes that a work item has. */
  private int width(Phase phase) {
    if (!alone) {
      return 1;
    }
    int width = 1;
    while (width < LoopSource.LANES / WARP && width * team < phase.extent()) {
      width *= 2;
    }
    return width;
  }

  private static boolean isTree(Fold fold) {
    return fold.kind() == FoldKind.SUM && fold.value().type() == DType.FLOAT32;
  }

  private void phase(Phase phase, int p) {
    int width = width(phase);
    boolean tiles = phase.extent() > TILE;
    for (int f = 0; f < phase.folds().size(); f++) {
      begin(phase.folds().get(f), name("x", p, f), name("at", p, f), width);
      if (tiles && isTree(phase.folds().get(f))) {
        line("float " + name("y", p, f) + " = 0.0f;");
      }
    }
    long count = Math.ceilDiv(phase.extent(), (long) TILE);
    long rows = Math.ceilDiv(Math.min(phase.extent(), TILE), (long) LoopSource.LANES);
    open("for (cr_i32 tile = 0; tile < " + count + "; tile++)");
    open("for (cr_i32 row = 0; row < " + rows + "; row++)");
    open("CR_UNROLL for (cr_i32 k = 0; k < " + width + "; k++)");
    line(
        "const cr_u32 j = (cr_u32)tile * 4096u + (cr_u32)row * 256u + (cr_u32)k * 32u"
            + " + (cr_u32)lane;");
    open("if (here && j < " + phase.extent() + "u)");
    element(phase, p);
    close();
    close();
    close();
    if (tiles) {
      // A tile's sum is a value of the next level.
      for (int f = 0; f < phase.folds().size(); f++) {
        Fold fold = phase.folds().get(f);
        if (isTree(fold)) {
          String x = name("x", p, f);
          whole(fold, x);
          line("if (lane == (tile & 255)) " + name("y", p, f) + " += " + x + "[0];");
          line(x + "[0] = 0.0f;");
        }
      }
    }
    close();
    for (int f = 0; f < phase.folds().size(); f++) {
      end(phase.folds().get(f), p, f, width, tiles);
    }
  }

  private static String name(String what, int phase, int fold) {
    return what + phase + "_" + fold;
  }

  private void begin(Fold fold, String x, String at, int width) {
    // Of a position every work item has one, since which lane it is in does not matter.
    int lanes = Warps.isArg(fold) ? 1 : width;
    line(Warps.type(fold) + " " + x + "[" + lanes + "];");
    for (int k = 0; k < lanes; k++) {
      line(x + "[" + k + "] = " + Warps.nothing(fold) + ";");
    }
    if (Warps.isArg(fold)) {
      line("cr_i32 " + at + " = -1;");
    }
  }

  /** Folds and stores of the element j. */
  private void element(Phase phase, int p) {
    decode("j", phase.inner(), loop.kept().size());
    Lines lines = Lines.of(phase);
    for (int v = 0; v < lines.lines().size(); v++) {
      Line line = lines.lines().get(v);
      List<String> operands = line.operands().stream().map(o -> "v" + o).toList();
      String value = Expressions.expression(line, operands);
      line("const " + Expressions.type(line.type()) + " v" + v + " = " + value + ";");
    }
    int root = 0;
    for (int f = 0; f < phase.folds().size(); f++) {
      Fold fold = phase.folds().get(f);
      String value = "v" + lines.roots().get(root++);
      String x = name("x", p, f);
      line(
          Warps.isArg(fold)
              ? Warps.takeAt(fold, x + "[0]", name("at", p, f), value, "(cr_i32)j")
              : Warps.take(fold, x + "[k]", value));
    }
    for (Loop.Store store : phase.stores()) {
      line(Expressions.store("a", store, "v" + lines.roots().get(root++)));
    }
  }

  /** Joins what all work items have into what they all know. */
  private void end(Fold fold, int p, int f, int width, boolean tiles) {
    String x = name("x", p, f);
    String result = "const " + Expressions.type(fold.type()) + " " + Expressions.folded(p, f);
    if (Warps.isArg(fold)) {
      String at = name("at", p, f);
      if (!seeing) {
        wholeAt(fold, x + "[0]", at);
        line(result + " = " + at + ";");
        return;
      }
      Warps.warpAt(fold, x + "[0]", at, Math.min(team, WARP)).forEach(this::line);
      if (!alone) {
        open("");
        warpsAt(fold, x + "[0]", at);
        close();
      }
      line(result + " = " + at + ";");
      return;
    }
    if (tiles && isTree(fold)) {
      line(x + "[0] = " + name("y", p, f) + ";");
    }
    Warps.registers(fold, x, width).forEach(this::line);
    whole(fold, x);
    line(result + " = " + x + "[0];");
  }

  /**
   * Folds lanes of which each work item has one, or the first of which it has joined with others.
   */
  private void whole(Fold fold, String x) {
    if (!seeing && team == 1) {
      return;
    }
    if (seeing && alone) {
      Warps.warp(fold, x + "[0]", team).forEach(this::line);
      return;
    }
    String shared = shared(fold);
    if (!seeing) {
      String part = part();
      line(shared + "[" + part + "CR_LANE] = " + x + "[0];");
      line("CR_BARRIER;");
      String from = alone ? "(" + part + shared + ")" : shared;
      (alone ? Teams.team(fold, x + "[0]", from, team) : Teams.lanes(fold, x + "[0]", from))
          .forEach(this::line);
      return;
    }
    line("CR_BARRIER;");
    line(shared + "[lane] = " + x + "[0];");
    line("CR_BARRIER;");
    Warps.lanes(fold, x + "[0]", shared).forEach(this::line);
  }

  private static String shared(Fold fold) {
    return fold.value().type() == DType.FLOAT32 ? "floats" : "ints";
  }

  /**
   * Where the lanes of teams begin in local memory. Who comes to the next fold may be ahead of
   * others who still read this one's, but not ahead of those who still read the one before.
   */
  private String part() {
    return alone && turn++ % 2 == 1 ? LoopSource.LANES + " + " : "";
  }

  /** Joins the positions that work items have, and their values, through local memory. */
  private void wholeAt(Fold fold, String x, String at) {
    if (team == 1) {
      return;
    }
    String part = part();
    String shared = shared(fold);
    line(shared + "[" + part + "CR_LANE] = " + x + ";");
    line("places[" + part + "CR_LANE] = " + at + ";");
    line("CR_BARRIER;");
    String values = "(" + part + shared + ")";
    String places = "(" + part + "places)";
    (alone
            ? Teams.teamAt(fold, x, at, values, places, team)
            : Teams.lanesAt(fold, x, at, shared, "places"))
        .forEach(this::line);
  }

  /** Joins the positions that eight warps have, and their values. */
  private void warpsAt(Fold fold, String x, String at) {
    String type = Warps.type(fold);
    String shared = type.equals("float") ? "floats" : "ints";
    line(x + " = CR_SHUFFLE(" + x + ", 0);");
    line(type + " best[8];");
    share(shared, x, "best");
    line("cr_i32 places[8];");
    share("ints", at, "places");
    for (int warp = 0; warp < 8; warp++) {
      String place = "places[" + warp + "]";
      line(Warps.takeAt(fold, x, at, "best[" + warp + "]", place));
    }
  }

  /** Hands what each warp has to all. */
  private void share(String shared, String mine, String all) {
    line("CR_BARRIER;");
    line("if ((lane & 31) == 0) " + shared + "[lane >> 5] = " + mine + ";");
    line("CR_BARRIER;");
    line("CR_UNROLL for (cr_i32 k = 0; k < 8; k++) " + all + "[k] = " + shared + "[k];");
  }

  private void decode(String element, List<Integer> extents, int firstAxis) {
    if (extents.isEmpty()) {
      return;
    }
    String rest = "rest_" + element;
    line("cr_u32 " + rest + " = (cr_u32)" + element + ";");
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      String by = extents.get(axis) + "u";
      String coordinate = axis == 0 ? rest : "(" + rest + " % " + by + ")";
      line("const cr_i32 i" + (firstAxis + axis) + " = (cr_i32)" + coordinate + ";");
      if (axis > 0) {
        line(rest + " /= " + by + ";");
      }
    }
  }

  private void line(String line) {
    text.repeat("  ", depth).append(line).append('\n');
  }

  private void open(String head) {
    line(head.isEmpty() ? "{" : head + " {");
    depth++;
  }

  private void close() {
    depth--;
    line("}");
  }
}
