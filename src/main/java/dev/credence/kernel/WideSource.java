package dev.credence.kernel;

import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar.NoiseKind;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Prints a loop without folds for a GPU's memory: neighbouring float32 elements travel four at a
 * time. Where the loop draws, a work item takes four neighbouring blocks of the generator, which
 * are 16 elements, four by four at a distance of 16: each block is computed once and used whole,
 * where a work item an element would compute it four times. The bits are those of {@link
 * LoopSource}.
 */
public final class WideSource {
  /** Elements of 16 blocks. */
  private static final int NOISE_TILE = 64;

  /** Draws whose numbers still fit into registers. */
  private static final int MOST_DRAWS = 2;

  private final StringBuilder text = new StringBuilder();
  private final Loop loop;
  private final String symbol;
  private final Lines lines;
  private final List<Store> stores;

  /** Arguments that are read, or written, element by element in order. */
  private final SequencedSet<Integer> read = new LinkedHashSet<>();

  private final SequencedSet<Integer> written = new LinkedHashSet<>();

  /** Lines that draw. */
  private final List<Integer> draws = new ArrayList<>();

  private WideSource(Loop loop, String symbol) {
    this.loop = loop;
    this.symbol = symbol;
    Phase phase = loop.phases().get(0);
    lines = Lines.of(phase);
    stores = phase.stores();
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

  /** The loop's source, if it is one for this form, and how many work items it wants. */
  public static Optional<WideSource> of(Loop loop, String symbol) {
    boolean pointwise =
        loop.phases().size() == 1
            && loop.phases().get(0).folds().isEmpty()
            && loop.phases().get(0).inner().isEmpty()
            && loop.extent() > 0
            && loop.extent() <= Integer.MAX_VALUE - NOISE_TILE
            && loop.arguments().stream().noneMatch(a -> a.type() == DType.FLOAT64);
    if (!pointwise) {
      return Optional.empty();
    }
    WideSource source = new WideSource(loop, symbol);
    boolean wide =
        !source.written.isEmpty()
            && source.draws.size() <= MOST_DRAWS
            && source.draws.stream().allMatch(v -> source.rowOf(v) >= 0);
    return wide ? Optional.of(source.print()) : Optional.empty();
  }

  /** The source of the kernel, to be printed in place of that of {@link LoopSource}. */
  public String text() {
    return text.toString();
  }

  /** Work items: each has 16 elements with draws, and 4 without. */
  public long items() {
    return draws.isEmpty()
        ? Math.ceilDiv(loop.extent(), 4L)
        : 4 * Math.ceilDiv(loop.extent(), (long) NOISE_TILE);
  }

  // ---- What can be taken four at a time ----

  /** The position along the kept axes from one on. */
  private Index flat(int from) {
    Index flat = Index.ZERO;
    for (int axis = from; axis < loop.kept().size(); axis++) {
      int extent = loop.kept().get(axis);
      flat = flat.times(extent).plus(Index.axis(axis, extent));
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
    if (noise.rowSize() != 0) {
      return -1;
    }
    for (int from = 0; from <= loop.kept().size(); from++) {
      long size = Loop.size(loop.kept().subList(from, loop.kept().size()));
      boolean whole = size == loop.extent() || size % NOISE_TILE == 0;
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

  private void coordinates(String indent, String of) {
    if (loop.kept().isEmpty()) {
      return;
    }
    line(indent + "cr_u32 rest = (cr_u32)" + of + ";");
    for (int axis = loop.kept().size() - 1; axis >= 0; axis--) {
      int extent = loop.kept().get(axis);
      String coordinate = axis == 0 ? "rest" : "(rest % " + extent + "u)";
      line(indent + "const cr_i32 i" + axis + " = (cr_i32)" + coordinate + ";");
      if (axis > 0) {
        line(indent + "rest /= " + extent + "u;");
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
    line("CR_FN void " + symbol + "_at(cr_i64 item, " + arrays(false) + more + ") {");
    coordinates("  ", "item");
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
    for (int s = 0; s < stores.size(); s++) {
      Store store = stores.get(s);
      String value = "v" + lines.roots().get(s);
      if (written.contains(store.argument())) {
        line("  *y" + store.argument() + " = " + value + ";");
      } else {
        String cast = store.value().type() == DType.BOOL ? "(unsigned char)" : "";
        String at = Expressions.index(store.at());
        line("  a" + store.argument() + "[" + at + "] = " + cast + value + ";");
      }
    }
    line("}");
  }

  private void entry() {
    int rounds = draws.isEmpty() ? 1 : 4;
    line("CR_KERNEL void " + symbol + "(" + arrays(true) + ") {");
    line("  const cr_i64 item = CR_ITEM;");
    line("  if (item < " + items() + ") {");
    line(
        draws.isEmpty()
            ? "    const cr_i64 first = item * 4;"
            : "    const cr_i64 first = (item >> 2) * 64 + (item & 3) * 4;");
    if (!draws.isEmpty()) {
      // Elements past the end have no coordinates; their draws are not used.
      coordinates("    ", "(first < " + loop.extent() + " ? first : 0)");
    }
    draws.forEach(this::draws);
    StringBuilder addresses = new StringBuilder();
    SequencedSet<Integer> dense = new LinkedHashSet<>(read);
    dense.addAll(written);
    dense.forEach(a -> addresses.append(" | (cr_u64)p").append(a));
    for (int a = 0; a < loop.arguments().size(); a++) {
      line(
          "    CR_GLOBAL "
              + Expressions.pointer(loop.arguments().get(a))
              + "p"
              + a
              + " = CR_START(a"
              + a
              + ");");
    }
    line("    const cr_i32 aligned = ((" + addresses.substring(3) + ") & 15u) == 0u;");
    line("    CR_UNROLL for (cr_i32 k = 0; k < " + rounds + "; k++) {");
    line("      const cr_i64 e = first + 16 * k;");
    line("      const cr_i32 whole = aligned && e + 4 <= " + loop.extent() + ";");
    read.forEach(a -> line("      float x" + a + "[4];"));
    written.forEach(a -> line("      float y" + a + "[4];"));
    each(read, "CR_LOAD4(p%1$d + e, x%1$d);", "x%1$d[j] = p%1$d[e + j];");
    line("      CR_UNROLL for (cr_i32 j = 0; j < 4; j++) {");
    line("        if (whole || e + j < " + loop.extent() + ") {");
    StringBuilder call = new StringBuilder(symbol + "_at(e + j, params");
    for (int a = 0; a < loop.arguments().size(); a++) {
      call.append(", p").append(a);
    }
    read.forEach(a -> call.append(", x").append(a).append("[j]"));
    draws.forEach(v -> call.append(", n").append(v).append("[k][j]"));
    written.forEach(a -> call.append(", &y").append(a).append("[j]"));
    line("          " + call + ");");
    line("        }");
    line("      }");
    each(written, "CR_STORE4(p%1$d + e, y%1$d);", "p%1$d[e + j] = y%1$d[j];");
    line("    }");
    line("  }");
    line("}");
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
    line("          if (e + j < " + loop.extent() + ") {");
    arrays.forEach(a -> line("            " + one.formatted(a)));
    line("          }");
    line("        }");
    line("      }");
  }

  /** The 16 numbers of a draw: four blocks, whose words lie 16 elements apart. */
  private void draws(int line) {
    Scalar.Noise noise = draw(line);
    String n = "n" + line;
    long row = rowOf(line);
    String start = row == loop.extent() ? "first" : "(first % " + row + ")";
    String block = "(" + start + " >> 6) * 16 + (item & 3) * 4 + j";
    String words =
        "cr_noise_words((cr_u32)params[%d], (cr_u32)params[%d], (cr_u32)params[%d], "
                .formatted(noise.keyWord(), noise.keyWord() + 1, Params.STEP)
            + "(cr_u32)params[%d] + (cr_u32)(%s), 0u, %s, w);"
                .formatted(Params.FIRST_SAMPLE, Expressions.index(noise.sample()), block);
    line("    " + Expressions.type(noise.type()) + " " + n + "[4][4];");
    line("    CR_UNROLL for (cr_i32 j = 0; j < 4; j++) {");
    line("      cr_u32 w[4];");
    line("      " + words);
    if (noise.kind() == NoiseKind.NORMAL) {
      line("      cr_normal_pair(w[0], w[1], &%1$s[0][j], &%1$s[1][j]);".formatted(n));
      line("      cr_normal_pair(w[2], w[3], &%1$s[2][j], &%1$s[3][j]);".formatted(n));
    } else {
      for (int k = 0; k < 4; k++) {
        line("      %s[%d][j] = (cr_i32)w[%d];".formatted(n, k, k));
      }
    }
    line("    }");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
