package dev.credence.kernel;

import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar.NoiseKind;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * Prints a loop for a GPU's memory: neighbouring float32 elements travel four at a time. Where the
 * loop draws, a work item takes four neighbouring blocks of the generator, which are 16 elements,
 * four by four at a distance of 16: each block is computed once and used whole, where a work item
 * an element would compute it four times. The bits are those of {@link LoopSource}.
 *
 * <p>A loop may fold whole tiles, which is how {@link SplitFolds} cuts a long sum: a work group has
 * a tile, each work item puts the values of 16 of its elements into shared memory, and then takes
 * one lane of the fold. What is stored beside the fold travels in the same pass.
 */
public final class WideSource {
  /** Elements of 16 blocks. */
  private static final int NOISE_TILE = 64;

  /** Elements of a tile of a fold. */
  private static final int FOLD_TILE = 4096;

  /** Folds for whose values shared memory has room. */
  private static final int MOST_FOLDS = 2;

  /** Draws whose numbers still fit into registers. */
  private static final int MOST_DRAWS = 2;

  private final StringBuilder text = new StringBuilder();
  private final Loop loop;
  private final String symbol;

  /** Whether the work items of a warp see each other's values. */
  private final boolean warps;

  private final Lines lines;
  private final List<Store> stores;
  private final List<Fold> folds;

  /** The kept axes, and those of a tile. */
  private final List<Integer> axes;

  private final long extent;

  /** Arguments that are read, or written, element by element in order. */
  private final SequencedSet<Integer> read = new LinkedHashSet<>();

  private final SequencedSet<Integer> written = new LinkedHashSet<>();

  /** Lines that draw. */
  private final List<Integer> draws = new ArrayList<>();

  private WideSource(Loop loop, String symbol, boolean warps) {
    this.loop = loop;
    this.symbol = symbol;
    this.warps = warps;
    Phase phase = loop.phases().get(0);
    lines = Lines.of(phase);
    stores = phase.stores();
    folds = phase.folds();
    axes = Stream.concat(loop.kept().stream(), phase.inner().stream()).toList();
    extent = Loop.size(axes);
    Index flat = flat(0);
    for (int v = 0; v < lines.lines().size(); v++) {
      Scalar scalar = lines.lines().get(v).scalar();
      if (scalar instanceof Scalar.Noise) {
        draws.add(v);
      } else if (dense(scalar, flat)) {
        read.add(((Scalar.Load) scalar).argument());
      }
    }
    for (Store store : stores) {
      if (store.value().type() == DType.FLOAT32 && store.at().equals(flat)) {
        written.add(store.argument());
      }
    }
  }

  /** The source of a loop without folds, if it is one for this form. */
  public static Optional<WideSource> of(Loop loop, String symbol) {
    boolean pointwise = loop.phases().size() == 1 && loop.phases().get(0).folds().isEmpty();
    return pointwise && loop.phases().get(0).inner().isEmpty()
        ? print(loop, symbol, false)
        : Optional.empty();
  }

  /**
   * The source of a loop that folds whole tiles, if it is one, for a device whose warps have 32
   * work items that can see each other's values.
   */
  public static Optional<WideSource> ofTiles(Loop loop, String symbol) {
    return ofTiles(loop, symbol, true);
  }

  /** The same for a device of which nothing is known but its local memory. */
  public static Optional<WideSource> ofTilesInLocalMemory(Loop loop, String symbol) {
    return ofTiles(loop, symbol, false);
  }

  private static Optional<WideSource> ofTiles(Loop loop, String symbol, boolean warps) {
    Phase first = loop.phases().get(0);
    boolean tiles =
        loop.phases().size() == 2
            && first.extent() == FOLD_TILE
            && !first.folds().isEmpty()
            && first.folds().size() <= MOST_FOLDS
            && first.folds().stream().allMatch(WideSource::folds)
            && loop.phases().get(1).folds().isEmpty()
            && loop.phases().get(1).extent() == 1;
    return tiles ? print(loop, symbol, warps) : Optional.empty();
  }

  private static boolean folds(Fold fold) {
    return switch (fold.kind()) {
      case SUM, MAX, MIN -> fold.value().type() == DType.FLOAT32;
      case RUNNING_SUM, CHAIN, ARGMAX, ARGMIN -> false;
    };
  }

  private static Optional<WideSource> print(Loop loop, String symbol, boolean warps) {
    WideSource source = new WideSource(loop, symbol, warps);
    boolean dense = !source.written.isEmpty() || (source.byGroups() && !source.read.isEmpty());
    boolean wide =
        dense
            && source.extent > 0
            && source.extent <= Integer.MAX_VALUE - NOISE_TILE
            && loop.arguments().stream().noneMatch(a -> a.type() == DType.FLOAT64)
            && source.draws.size() <= MOST_DRAWS
            && source.draws.stream().allMatch(v -> source.rowOf(v) >= 0);
    return wide ? Optional.of(source.print()) : Optional.empty();
  }

  /** The source of the kernel, to be printed in place of that of {@link LoopSource}. */
  public String text() {
    return text.toString();
  }

  /** Whether a work group of {@link LoopSource#LANES} computes a kept element. */
  public boolean byGroups() {
    return !folds.isEmpty();
  }

  /** Work items of a loop without folds: each has 16 elements with draws, and 4 without. */
  public long items() {
    return draws.isEmpty() ? Math.ceilDiv(extent, 4L) : 4 * Math.ceilDiv(extent, (long) NOISE_TILE);
  }

  // ---- What can be taken four at a time ----

  /** The position along the axes from one on. */
  private Index flat(int from) {
    Index flat = Index.ZERO;
    for (int axis = from; axis < axes.size(); axis++) {
      flat = flat.times(axes.get(axis)).plus(Index.axis(axis, axes.get(axis)));
    }
    return flat;
  }

  private static boolean dense(Scalar scalar, Index flat) {
    return scalar instanceof Scalar.Load load
        && load.type() == DType.FLOAT32
        && load.guard().isEmpty()
        && load.at().equals(flat);
  }

  private Scalar.Noise draw(int line) {
    return (Scalar.Noise) lines.lines().get(line).scalar();
  }

  /**
   * The size of the rows that each hold one sample of a draw, its elements in order; -1 if there
   * are none. A work item's elements must lie in one row.
   */
  private long rowOf(int line) {
    Scalar.Noise noise = draw(line);
    for (int from = 0; from <= axes.size(); from++) {
      long size = Loop.size(axes.subList(from, axes.size()));
      boolean whole = size == extent || size % NOISE_TILE == 0;
      if (whole && noise.element().equals(flat(from)) && before(noise.sample(), from)) {
        return size;
      }
    }
    return -1;
  }

  /** Whether an index is made of axes before one. */
  private boolean before(Index index, int axis) {
    return index.isAffine()
        && index.terms().stream().allMatch(t -> ((Index.Axis) t.atom()).axis() < axis);
  }

  // ---- Text ----

  private WideSource print() {
    body();
    entry();
    return this;
  }

  private String arrays(boolean taken) {
    StringBuilder arrays = new StringBuilder("CR_GLOBAL cr_i32 *params");
    for (int a = 0; a < loop.arguments().size(); a++) {
      Loop.Argument argument = loop.arguments().get(a);
      arrays.append(
          taken
              ? ", CR_ARRAY(%s, a%d)".formatted(Expressions.element(argument), a)
              : ", CR_GLOBAL %sa%d".formatted(Expressions.pointer(argument), a));
    }
    return arrays.toString();
  }

  private void coordinates(String indent, String of, List<Integer> extents) {
    if (extents.isEmpty()) {
      return;
    }
    line(indent + "cr_u32 rest = (cr_u32)" + of + ";");
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      String by = extents.get(axis) + "u";
      String coordinate = axis == 0 ? "rest" : "(rest % " + by + ")";
      line(indent + "const cr_i32 i" + axis + " = (cr_i32)" + coordinate + ";");
      if (axis > 0) {
        line(indent + "rest /= " + by + ";");
      }
    }
  }

  /**
   * One element: what was read before, and what was drawn, are handed in; results are handed out.
   */
  private void body() {
    StringBuilder more = new StringBuilder();
    read.forEach(a -> more.append(", const float x").append(a));
    draws.forEach(
        v ->
            more.append(", const ")
                .append(Expressions.type(draw(v).type()))
                .append(" n")
                .append(v));
    written.forEach(a -> more.append(", float *y").append(a));
    for (int f = 0; f < folds.size(); f++) {
      more.append(", float *z").append(f);
    }
    line("CR_FN void " + symbol + "_at(cr_i64 item, " + arrays(false) + more + ") {");
    coordinates("  ", "item", axes);
    Index flat = flat(0);
    for (int v = 0; v < lines.lines().size(); v++) {
      Line line = lines.lines().get(v);
      List<String> operands = line.operands().stream().map(o -> "v" + o).toList();
      String value =
          draws.contains(v)
              ? "n" + v
              : dense(line.scalar(), flat)
                  ? "x" + ((Scalar.Load) line.scalar()).argument()
                  : Expressions.expression(line, operands);
      line("  const " + Expressions.type(line.type()) + " v" + v + " = " + value + ";");
    }
    for (int f = 0; f < folds.size(); f++) {
      line("  *z" + f + " = v" + lines.roots().get(f) + ";");
    }
    for (int s = 0; s < stores.size(); s++) {
      Store store = stores.get(s);
      String value = "v" + lines.roots().get(folds.size() + s);
      if (written.contains(store.argument())) {
        line("  *y" + store.argument() + " = " + value + ";");
      } else {
        line("  " + Expressions.store("a", store, value));
      }
    }
    line("}");
  }

  private void entry() {
    line("CR_KERNEL void " + symbol + "(" + arrays(true) + ") {");
    String first =
        draws.isEmpty()
            ? "const cr_i64 first = begin + item * 4;"
            : "const cr_i64 first = begin + (item >> 2) * 64 + (item & 3) * 4;";
    if (folds.isEmpty()) {
      line("  const cr_i64 item = CR_ITEM;");
      line("  const cr_i64 begin = 0;");
      places();
      line("  if (item < " + items() + ") {");
      line("    " + first);
      elements(16, draws.isEmpty() ? 1 : 4);
    } else {
      for (int f = 0; f < folds.size(); f++) {
        line("  CR_LOCAL CR_ALIGNED16 float s" + f + "[" + FOLD_TILE + "];");
      }
      line("  const cr_i32 item = CR_LANE;");
      line("  const cr_i64 begin = CR_GROUP * " + FOLD_TILE + ";");
      places();
      line("  {");
      line("    " + first);
      elements(draws.isEmpty() ? 4 * LoopSource.LANES : 16, 4);
    }
    line("  }");
    if (!folds.isEmpty()) {
      lanes();
    }
    line("}");
  }

  /** Where the arrays begin. */
  private void places() {
    for (int a = 0; a < loop.arguments().size(); a++) {
      String pointer = Expressions.pointer(loop.arguments().get(a));
      line("  CR_GLOBAL " + pointer + "p" + a + " = CR_START(a" + a + ");");
    }
  }

  /** Rounds of four elements each, a step apart. */
  private void elements(int step, int rounds) {
    if (!draws.isEmpty()) {
      // Elements past the end have no coordinates; their draws are not used.
      coordinates("    ", "(first < " + extent + " ? first : 0)", axes);
    }
    draws.forEach(this::draws);
    StringBuilder addresses = new StringBuilder();
    SequencedSet<Integer> dense = new LinkedHashSet<>(read);
    dense.addAll(written);
    dense.forEach(a -> addresses.append(" | (cr_u64)p").append(a));
    line("    const cr_i32 aligned = ((" + addresses.substring(3) + ") & 15u) == 0u;");
    line("    CR_UNROLL for (cr_i32 k = 0; k < " + rounds + "; k++) {");
    line("      const cr_i64 e = first + " + step + " * k;");
    line("      const cr_i32 whole = aligned && e + 4 <= " + extent + ";");
    read.forEach(a -> line("      float x" + a + "[4];"));
    written.forEach(a -> line("      float y" + a + "[4];"));
    for (int f = 0; f < folds.size(); f++) {
      line("      float z" + f + "[4];");
    }
    each(read, "CR_LOAD4(p%1$d + e, x%1$d);", "x%1$d[j] = p%1$d[e + j];");
    line("      CR_UNROLL for (cr_i32 j = 0; j < 4; j++) {");
    line("        if (whole || e + j < " + extent + ") {");
    StringBuilder call = new StringBuilder(symbol + "_at(e + j, params");
    for (int a = 0; a < loop.arguments().size(); a++) {
      call.append(", p").append(a);
    }
    read.forEach(a -> call.append(", x").append(a).append("[j]"));
    draws.forEach(v -> call.append(", n").append(v).append("[k][j]"));
    written.forEach(a -> call.append(", &y").append(a).append("[j]"));
    for (int f = 0; f < folds.size(); f++) {
      call.append(", &z").append(f).append("[j]");
    }
    line("          " + call + ");");
    line("        }");
    line("      }");
    each(written, "CR_STORE4(p%1$d + e, y%1$d);", "p%1$d[e + j] = y%1$d[j];");
    for (int f = 0; f < folds.size(); f++) {
      line("      CR_STORE4_LOCAL(s%1$d + (e - begin), z%1$d);".formatted(f));
    }
    line("    }");
  }

  /** Each work item folds a lane, every warp folds the lanes, and one work item stores. */
  private void lanes() {
    line("  CR_BARRIER;");
    for (int f = 0; f < folds.size(); f++) {
      String so = "x" + f;
      String value = "s" + f + "[row * " + LoopSource.LANES + " + item]";
      line("  float " + so + " = " + Warps.nothing(folds.get(f)) + ";");
      line("  CR_UNROLL for (cr_i32 row = 0; row < " + FOLD_TILE / LoopSource.LANES + "; row++) {");
      line("    " + Warps.take(folds.get(f), so, value));
      line("  }");
    }
    line("  CR_BARRIER;");
    for (int f = 0; f < folds.size(); f++) {
      line("  s" + f + "[item] = x" + f + ";");
    }
    line("  CR_BARRIER;");
    for (int f = 0; f < folds.size(); f++) {
      List<String> fold =
          warps
              ? Warps.lanes(folds.get(f), "x" + f, "s" + f)
              : Teams.lanes(folds.get(f), "x" + f, "s" + f);
      fold.forEach(line -> line("  " + line));
      line("  const float " + Expressions.folded(0, f) + " = x" + f + ";");
    }
    line("  if (item == 0) {");
    coordinates("    ", "CR_GROUP", loop.kept());
    for (int a = 0; a < loop.arguments().size(); a++) {
      // Under the names that expressions have for them.
      String pointer = Expressions.pointer(loop.arguments().get(a));
      line("    CR_GLOBAL " + pointer + "a" + a + " = p" + a + ";");
    }
    Phase last = loop.phases().get(1);
    Lines ends = Lines.of(last);
    for (int v = 0; v < ends.lines().size(); v++) {
      Line line = ends.lines().get(v);
      List<String> operands = line.operands().stream().map(o -> "v" + o).toList();
      String value = Expressions.expression(line, operands);
      line("    const " + Expressions.type(line.type()) + " v" + v + " = " + value + ";");
    }
    for (int s = 0; s < last.stores().size(); s++) {
      line("    " + Expressions.store("a", last.stores().get(s), "v" + ends.roots().get(s)));
    }
    line("  }");
  }

  /** Moves all four elements of some arrays, or those that there are. */
  private void each(SequencedSet<Integer> arrays, String four, String one) {
    if (arrays.isEmpty()) {
      return;
    }
    line("      if (whole) {");
    arrays.forEach(a -> line("        " + four.formatted(a)));
    line("      } else {");
    line("        CR_UNROLL for (cr_i32 j = 0; j < 4; j++) {");
    line("          if (e + j < " + extent + ") {");
    arrays.forEach(a -> line("            " + one.formatted(a)));
    line("          }");
    line("        }");
    line("      }");
  }

  /**
   * The 16 numbers of a draw: four blocks, whose words lie 16 elements apart. Rows drawn before may
   * leave the first block unfinished; then each element is drawn for itself.
   */
  private void draws(int line) {
    Scalar.Noise noise = draw(line);
    boolean normal = noise.kind() == NoiseKind.NORMAL;
    String n = "n" + line;
    String from = "from" + line;
    long row = rowOf(line);
    String start = row == extent ? "first" : "first % " + row;
    boolean always = noise.rowSize() % NOISE_TILE == 0;
    String moved =
        "(cr_i64)params[" + Params.FIRST_ROW + "] * " + Math.max(noise.rowSize(), 0) + " + ";
    line("    " + Expressions.type(noise.type()) + " " + n + "[4][4];");
    line("    const cr_i64 " + from + " = " + (noise.rowSize() == 0 ? "" : moved) + start + ";");
    line(always ? "    {" : "    if ((" + from + " & 63) == (item & 3) * 4) {");
    line("      CR_UNROLL for (cr_i32 j = 0; j < 4; j++) {");
    line("        cr_u32 w[4];");
    String block = "(" + from + " >> 6) * 16 + (item & 3) * 4 + j";
    line("        cr_noise_words(" + counter(noise) + ", " + block + ", w);");
    if (normal) {
      line("        cr_normal_pair(w[0], w[1], &%1$s[0][j], &%1$s[1][j]);".formatted(n));
      line("        cr_normal_pair(w[2], w[3], &%1$s[2][j], &%1$s[3][j]);".formatted(n));
    } else {
      for (int k = 0; k < 4; k++) {
        line("        %s[%d][j] = (cr_i32)w[%d];".formatted(n, k, k));
      }
    }
    line("      }");
    if (!always) {
      String drawn = normal ? "cr_noise_normal(" : "(cr_i32)cr_noise_bits(";
      line("    } else {");
      line("      CR_UNROLL for (cr_i32 k = 0; k < 4; k++) {");
      line("        CR_UNROLL for (cr_i32 j = 0; j < 4; j++) {");
      line(
          "          "
              + n
              + "[k][j] = "
              + drawn
              + counter(noise)
              + ", "
              + from
              + " + 16 * k + j);");
      line("        }");
      line("      }");
    }
    line("    }");
  }

  /** Key, step, sample and attempt of a draw. */
  private static String counter(Scalar.Noise noise) {
    return "(cr_u32)params[%d], (cr_u32)params[%d], (cr_u32)params[%d], "
            .formatted(noise.keyWord(), noise.keyWord() + 1, Params.STEP)
        + "(cr_u32)params[%d] + (cr_u32)(%s), 0u"
            .formatted(Params.FIRST_SAMPLE, Expressions.index(noise.sample()));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
