package dev.credence.kernel;

import static dev.credence.kernel.Expressions.call;

import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar.NoiseKind;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Prints a loop for a processor, whose speed is in its vectors: innermost are loops over
 * neighbouring lanes, each of which loads or stores but never both, so that a compiler need know
 * nothing about the arrays to make vectors of the lanes. They are kept elements or, where the loop
 * folds along its arrays, inner ones. A block of random words is computed once for the four
 * elements that it serves. The bits are those of {@link LoopSource}, whose words it prints.
 */
public final class LaneSource {
  /** Neighbouring kept elements; also those of a block's words that lie side by side. */
  private static final int LANES = 16;

  /** Neighbouring kept elements that share 16 blocks of random words. */
  private static final int NOISE_TILE = 4 * LANES;

  /** Draws whose numbers stay in the nearest memory. */
  private static final int MOST_DRAWS = 8;

  /** Bytes of partial sums that a work item may keep in the nearest memory. */
  private static final int MOST_BYTES = 1 << 15;

  /** Inner elements from which on they make lanes of their own. */
  private static final int LONG = 64;

  private final StringBuilder text = new StringBuilder();
  private final Loop loop;
  private final String symbol;
  private final boolean across;
  private final Index flat;

  /** Draws of the kept elements in order, and their numbers. */
  private final Map<Scalar.Noise, Integer> draws = new LinkedHashMap<>();

  private int depth;

  private LaneSource(Loop loop, String symbol, boolean across) {
    this.loop = loop;
    this.symbol = symbol;
    this.across = across;
    flat = flat(0);
    for (Phase phase : loop.phases()) {
      for (Line line : Lines.of(phase).lines()) {
        boolean inOrder =
            across && line.scalar() instanceof Scalar.Noise noise && rowOf(noise) >= 0;
        if (inOrder && draws.size() < MOST_DRAWS) {
          draws.putIfAbsent((Scalar.Noise) line.scalar(), draws.size());
        }
      }
    }
  }

  /** The source of a loop, if it gains by lanes. */
  public static Optional<LaneSource> of(Loop loop, String symbol) {
    boolean holds =
        loop.extent() > 0
            && loop.extent() <= Integer.MAX_VALUE - NOISE_TILE
            && loop.phases().stream()
                .allMatch(p -> p.extent() <= Integer.MAX_VALUE - LoopSource.TILE)
            && loop.arguments().stream().noneMatch(a -> a.type() == DType.FLOAT64)
            && stores(loop).noneMatch(s -> s.at().contains(Index.Loaded.class));
    boolean across = loop.extent() >= LANES && fitsAcross(loop) && !runsAlongInner(loop);
    boolean along = loop.phases().stream().anyMatch(LaneSource::isLong);
    return holds && (across || along)
        ? Optional.of(new LaneSource(loop, symbol, across).print())
        : Optional.empty();
  }

  private static Stream<Store> stores(Loop loop) {
    return loop.phases().stream().flatMap(phase -> phase.stores().stream());
  }

  /** The source of the kernel, to be printed in place of that of {@link LoopSource}. */
  public String text() {
    return text.toString();
  }

  /** Work items. */
  public long items() {
    return across
        ? Math.ceilDiv(loop.extent(), (long) (draws.isEmpty() ? LANES : NOISE_TILE))
        : loop.extent();
  }

  // ---- Which elements are lanes ----

  /** Whether the partial sums of neighbouring kept elements have room. */
  private static boolean fitsAcross(Loop loop) {
    long bytes = 0;
    for (Phase phase : loop.phases()) {
      for (Fold fold : phase.folds()) {
        if (LoopSource.isTree(fold)) {
          if (phase.extent() > LoopSource.TILE) {
            return false;
          }
          bytes += 4L * LANES * width(phase);
        }
      }
    }
    return bytes <= MOST_BYTES;
  }

  private static boolean isLong(Phase phase) {
    return phase.extent() >= LONG && !phase.folds().stream().allMatch(LoopSource::inSequence)
        || phase.extent() >= LONG && phase.folds().isEmpty();
  }

  /** Whether long phases walk their arrays along their inner axes rather than the kept ones. */
  private static boolean runsAlongInner(Loop loop) {
    int inner = 0;
    int kept = 0;
    for (Phase phase : loop.phases()) {
      if (isLong(phase)) {
        int last = loop.kept().size() + phase.inner().size() - 1;
        List<Index> places = new ArrayList<>();
        for (Line line : Lines.of(phase).lines()) {
          if (line.scalar() instanceof Scalar.Load load) {
            places.add(load.at());
          }
        }
        phase.stores().forEach(store -> places.add(store.at()));
        for (Index at : places) {
          inner += Math.abs(at.stride(last)) == 1 ? 1 : 0;
          kept += Math.abs(at.stride(loop.kept().size() - 1)) == 1 ? 1 : 0;
        }
      }
    }
    return inner > kept;
  }

  /** The position along the kept axes from one on. */
  private Index flat(int from) {
    Index sum = Index.ZERO;
    for (int axis = from; axis < loop.kept().size(); axis++) {
      int extent = loop.kept().get(axis);
      sum = sum.times(extent).plus(Index.axis(axis, extent));
    }
    return sum;
  }

  /**
   * The size of the rows that each hold one sample of a draw, its elements in order; -1 if there
   * are none.
   */
  private long rowOf(Scalar.Noise noise) {
    for (int from = 0; from <= loop.kept().size(); from++) {
      int first = from;
      long size = Loop.size(loop.kept().subList(from, loop.kept().size()));
      boolean whole = size == loop.extent() || size % NOISE_TILE == 0;
      boolean before =
          noise.sample().isAffine()
              && noise.sample().terms().stream()
                  .allMatch(t -> ((Index.Axis) t.atom()).axis() < first);
      if (whole && before && noise.element().equals(flat(from))) {
        return size;
      }
    }
    return -1;
  }

  // ---- The kernel ----

  private LaneSource print() {
    List<String> parameters = new ArrayList<>(List.of("const cr_i32 first"));
    parameters.add("CR_GLOBAL cr_i32 *params");
    for (int a = 0; a < loop.arguments().size(); a++) {
      parameters.add("CR_GLOBAL " + Expressions.pointer(loop.arguments().get(a)) + "a" + a);
    }
    draws.forEach((noise, n) -> parameters.add("const " + type(noise) + " *n" + n));
    open("CR_FN void " + call(symbol + "_at", parameters));
    if (across) {
      if (!isWhole()) {
        line("const cr_i32 count = " + least(LANES, loop.extent() + " - first") + ";");
      }
      if (neighbours(loop.kept(), LANES)) {
        decode("first", loop.kept(), 0, "b");
      }
    } else {
      decode("first", loop.kept(), 0, "i");
    }
    for (int p = 0; p < loop.phases().size(); p++) {
      line("/* phase " + p + " */");
      if (across) {
        phaseAcross(p);
      } else {
        phaseAlong(p);
      }
    }
    close();
    entry();
    return this;
  }

  private void entry() {
    List<String> taken = new ArrayList<>(List.of("CR_GLOBAL cr_i32 *params"));
    List<String> given = new ArrayList<>(List.of("params"));
    for (int a = 0; a < loop.arguments().size(); a++) {
      Argument argument = loop.arguments().get(a);
      taken.add("CR_ARRAY(" + Expressions.element(argument) + ", a" + a + ")");
      given.add("CR_START(a" + a + ")");
    }
    open("CR_KERNEL void " + call(symbol, taken));
    line("const cr_i64 item = CR_ITEM;");
    open("if (item < " + items() + ")");
    String function = symbol + "_at";
    if (draws.isEmpty()) {
      given.addFirst("(cr_i32)item" + (across ? " * " + LANES : ""));
      line(call(function, given) + ";");
    } else {
      line("const cr_i32 tile = (cr_i32)item * " + NOISE_TILE + ";");
      decode("tile", loop.kept(), 0, "i");
      draws.forEach(this::draw);
      open("for (cr_i32 k = 0; k < 4; k++)");
      line("const cr_i32 first = tile + " + LANES + " * k;");
      boolean all = loop.extent() % NOISE_TILE == 0;
      open(all ? "" : "if (first < " + loop.extent() + ")");
      given.addFirst("first");
      draws.values().forEach(n -> given.add("n%1$d + (o%1$d & 63) + %2$d * k".formatted(n, LANES)));
      line(call(function, given) + ";");
      close();
      close();
    }
    close();
    close();
  }

  /** A draw's numbers of a tile: those of 16 blocks, unless the rows begin within a block. */
  private void draw(Scalar.Noise noise, int number) {
    long row = rowOf(noise);
    String n = "n" + number;
    String at = "o" + number;
    String rows = "(cr_i64)params[" + Params.FIRST_ROW + "] * " + noise.rowSize() + " + ";
    line(
        "const cr_i64 "
            + at
            + " = "
            + (noise.rowSize() == 0 ? "" : rows)
            + (row == loop.extent() ? "tile;" : "tile % " + row + ";"));
    String counter =
        "(cr_u32)params[%d], (cr_u32)params[%d], (cr_u32)params[%d], "
                .formatted(noise.keyWord(), noise.keyWord() + 1, Params.STEP)
            + "(cr_u32)params[%d] + (cr_u32)(%s), 0u, "
                .formatted(Params.FIRST_SAMPLE, Expressions.index(noise.sample()));
    // A tile that begins within one of the generator's needs the next one as well.
    boolean shifted = noise.rowSize() % NOISE_TILE != 0;
    String tiles = shifted ? "((" + at + " & 63) == 0 ? 1 : 2)" : "1";
    line(type(noise) + " " + n + "[" + (shifted ? 2 : 1) * NOISE_TILE + "];");
    open("for (cr_i32 t = 0; t < " + tiles + "; t++)");
    lanes("c", Integer.toString(LANES));
    line("cr_u32 w[4];");
    line("cr_noise_words(" + counter + "((" + at + " >> 6) + t) * 16 + c, w);");
    List<String> places = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      places.add("%s[64 * t + %d + c]".formatted(n, LANES * k));
    }
    for (int k = 0; k < 4; k++) {
      if (noise.kind() != NoiseKind.NORMAL) {
        line("%s = (cr_i32)w[%d];".formatted(places.get(k), k));
      } else if (k % 2 == 0) {
        String pair = "cr_normal_pair(w[%d], w[%d], &%s, &%s);";
        line(pair.formatted(k, k + 1, places.get(k), places.get(k + 1)));
      }
    }
    close();
    close();
  }

  // ---- Lanes of kept elements ----

  private boolean isWhole() {
    return loop.extent() % LANES == 0;
  }

  /** Whether lanes differ in the last coordinate alone. */
  private static boolean neighbours(List<Integer> extents, int lanes) {
    return extents.size() <= 1 || extents.getLast() % lanes == 0;
  }

  /** Opens a loop over kept elements, each with its coordinates. */
  private void openAcross() {
    lanes("c", isWhole() ? Integer.toString(LANES) : "count");
    line("const cr_i32 e = first + c;");
    List<Integer> kept = loop.kept();
    if (neighbours(kept, LANES)) {
      for (int axis = 0; axis < kept.size(); axis++) {
        String lane = axis == kept.size() - 1 ? " + c" : "";
        line("const cr_i32 i" + axis + " = b" + axis + lane + ";");
      }
    } else {
      decode("e", kept, 0, "i");
    }
  }

  private void phaseAcross(int p) {
    Phase phase = loop.phases().get(p);
    for (int f = 0; f < phase.folds().size(); f++) {
      beginAcross(phase, p, f);
    }
    if (phase.extent() > 0) {
      boolean counts =
          phase.folds().stream().anyMatch(x -> LoopSource.isTree(x) || LoopSource.isArg(x));
      open("");
      if (counts) {
        line("cr_i32 j = -1;");
      }
      for (int axis = 0; axis < phase.inner().size(); axis++) {
        String i = "i" + (loop.kept().size() + axis);
        open(
            "for (cr_i32 " + i + " = 0; " + i + " < " + phase.inner().get(axis) + "; " + i + "++)");
      }
      if (counts) {
        line("j++;");
      }
      for (Store store : phase.stores()) {
        line(type(store.value()) + " y" + phase.stores().indexOf(store) + "[" + LANES + "];");
      }
      openAcross();
      List<String> roots = body(Loop.roots(phase), "[c]");
      int root = 0;
      for (int f = 0; f < phase.folds().size(); f++) {
        Fold fold = phase.folds().get(f);
        String value = roots.get(root++);
        String factor = fold.kind() == FoldKind.CHAIN ? roots.get(root++) : value;
        String sum = LoopSource.isTree(fold) ? partial(p, f) + lane(phase) : result(p, f);
        take(fold, sum + "[c]", best(p, f) + "[c]", result(p, f) + "[c]", value, factor, "j");
      }
      for (int s = 0; s < phase.stores().size(); s++) {
        line("y" + s + "[c] = " + roots.get(root + s) + ";");
      }
      close();
      for (int s = 0; s < phase.stores().size(); s++) {
        openAcross();
        store(phase.stores().get(s), "y" + s + "[c]");
        close();
      }
      phase.inner().forEach(axis -> close());
      close();
    }
    for (int f = 0; f < phase.folds().size(); f++) {
      if (LoopSource.isTree(phase.folds().get(f))) {
        endAcross(phase, p, f);
      }
    }
  }

  /** Sums of a tree that can hold anything but 0, as a power of two: the others change no sum. */
  private static int width(Phase phase) {
    return (int) Math.min(LoopSource.LANES, LoopSource.width(phase.extent()));
  }

  private static String lane(Phase phase) {
    return phase.extent() > LoopSource.LANES ? "[j & 255]" : "[j]";
  }

  private void beginAcross(Phase phase, int p, int f) {
    Fold fold = phase.folds().get(f);
    line(Expressions.type(fold.type()) + " " + result(p, f) + "[" + LANES + "];");
    if (LoopSource.isTree(fold)) {
      int width = width(phase);
      line("float " + partial(p, f) + "[" + width + "][" + LANES + "];");
      open("for (cr_i32 w = 0; w < " + width + "; w++)");
      fill(LANES, partial(p, f) + "[w]", "0.0f");
      close();
    } else {
      fill(LANES, result(p, f), LoopSource.isArg(fold) ? "-1" : LoopSource.nothing(fold));
      if (LoopSource.isArg(fold)) {
        line(LoopSource.valueType(fold) + " " + best(p, f) + "[" + LANES + "];");
        fill(LANES, best(p, f), "0");
      }
    }
  }

  private void endAcross(Phase phase, int p, int f) {
    String sums = partial(p, f);
    open("for (cr_i32 span = " + width(phase) / 2 + "; span > 0; span /= 2)");
    open("for (cr_i32 w = 0; w < span; w++)");
    lanes("c", Integer.toString(LANES));
    line(sums + "[w][c] += " + sums + "[w + span][c];");
    close();
    close();
    close();
    fill(LANES, result(p, f), sums + "[0][l]");
  }

  // ---- Lanes of inner elements ----

  private void phaseAlong(int p) {
    Phase phase = loop.phases().get(p);
    List<Integer> wide = new ArrayList<>();
    List<Integer> sequential = new ArrayList<>();
    for (int f = 0; f < phase.folds().size(); f++) {
      (LoopSource.inSequence(phase.folds().get(f)) ? sequential : wide).add(f);
    }
    wide.forEach(f -> beginAlong(phase, p, f));
    if (phase.extent() > 0 && (!wide.isEmpty() || !phase.stores().isEmpty())) {
      tilesAlong(phase, p, wide);
    }
    wide.forEach(f -> endAlong(phase, p, f));
    oneByOne(phase, p, sequential);
  }

  /** The array of a sum's tree at a level: values, tiles' sums, sums of those. */
  private static String level(int p, int f, int level) {
    return partial(p, f) + (level == 0 ? "" : "_" + level);
  }

  private void beginAlong(Phase phase, int p, int f) {
    Fold fold = phase.folds().get(f);
    String size = "[" + LoopSource.LANES + "];";
    if (LoopSource.isTree(fold)) {
      for (int level = 0; level < LoopSource.levels(phase.extent()); level++) {
        line("float " + level(p, f, level) + size);
        fill(LoopSource.LANES, level(p, f, level), "0.0f");
      }
    } else {
      line(LoopSource.valueType(fold) + " " + best(p, f) + size);
      boolean isArg = LoopSource.isArg(fold);
      fill(LoopSource.LANES, best(p, f), isArg ? "0" : LoopSource.nothing(fold));
      if (isArg) {
        line("cr_i32 " + result(p, f) + size);
        fill(LoopSource.LANES, result(p, f), "-1");
      }
    }
  }

  private void tilesAlong(Phase phase, int p, List<Integer> wide) {
    List<Scalar> roots = new ArrayList<>();
    wide.forEach(f -> roots.add(phase.folds().get(f).value()));
    phase.stores().forEach(store -> roots.add(store.value()));
    long tiles = Math.ceilDiv(phase.extent(), (long) LoopSource.TILE);
    boolean whole = phase.extent() % LoopSource.LANES == 0;
    String count = whole ? Integer.toString(LoopSource.LANES) : "count";
    int firstInner = loop.kept().size();
    boolean near = neighbours(phase.inner(), LoopSource.LANES);

    open("for (cr_i32 tile = 0; tile < " + tiles + "; tile++)");
    line("const cr_i32 end = " + least(LoopSource.TILE, phase.extent() + " - tile * 4096") + ";");
    open("for (cr_i32 row = 0; row < end; row += " + LoopSource.LANES + ")");
    if (!whole) {
      line("const cr_i32 count = " + least(LoopSource.LANES, "end - row") + ";");
    }
    line("const cr_i32 start = tile * 4096 + row;");
    if (near) {
      decode("start", phase.inner(), firstInner, "b");
    }
    for (int s = 0; s < phase.stores().size(); s++) {
      line(type(phase.stores().get(s).value()) + " y" + s + "[" + LoopSource.LANES + "];");
    }
    openAlong(phase, count, near);
    List<String> values = body(roots, "");
    for (int i = 0; i < wide.size(); i++) {
      int f = wide.get(i);
      Fold fold = phase.folds().get(f);
      String sum = LoopSource.isTree(fold) ? partial(p, f) : best(p, f);
      take(fold, sum + "[c]", sum + "[c]", result(p, f) + "[c]", values.get(i), "", "(start + c)");
    }
    for (int s = 0; s < phase.stores().size(); s++) {
      line("y" + s + "[c] = " + values.get(wide.size() + s) + ";");
    }
    close();
    for (int s = 0; s < phase.stores().size(); s++) {
      openAlong(phase, count, near);
      store(phase.stores().get(s), "y" + s + "[c]");
      close();
    }
    close();
    for (int f : wide) {
      if (LoopSource.isTree(phase.folds().get(f))) {
        endTile(phase, p, f, tiles);
      }
    }
    close();
  }

  private void openAlong(Phase phase, String count, boolean near) {
    int firstInner = loop.kept().size();
    lanes("c", count);
    if (near) {
      for (int axis = 0; axis < phase.inner().size(); axis++) {
        int number = firstInner + axis;
        String lane = axis == phase.inner().size() - 1 ? " + c" : "";
        line("const cr_i32 i" + number + " = b" + number + lane + ";");
      }
    } else {
      decode("start + c", phase.inner(), firstInner, "i");
    }
  }

  /** A tile's sum becomes a value of the next level, and so on while tiles are finished. */
  private void endTile(Phase phase, int p, int f, long tiles) {
    int levels = LoopSource.levels(phase.extent());
    int opened = 0;
    for (int level = 1; level < levels; level++) {
      if (level > 1) {
        long mask = (1L << (LoopSource.TILE_BITS * (level - 1))) - 1;
        open("if ((tile & " + mask + ") == " + mask + " || tile == " + (tiles - 1) + ")");
        opened++;
      }
      String below = level(p, f, level - 1);
      reduce(phase.folds().get(f), below, below);
      String lane = "[(tile >> " + LoopSource.TILE_BITS * (level - 1) + ") & 255]";
      line(level(p, f, level) + lane + " += " + below + "[0];");
      fill(LoopSource.LANES, below, "0.0f");
    }
    for (int i = 0; i < opened; i++) {
      close();
    }
  }

  private void endAlong(Phase phase, int p, int f) {
    Fold fold = phase.folds().get(f);
    String type = "const " + Expressions.type(fold.type()) + " ";
    String values =
        LoopSource.isTree(fold) ? level(p, f, LoopSource.levels(phase.extent()) - 1) : best(p, f);
    reduce(fold, values, result(p, f));
    String last = LoopSource.isArg(fold) ? result(p, f) : values;
    line(type + Expressions.folded(p, f) + " = " + last + "[0];");
  }

  /** Folds the lanes into lane 0, the upper half into the lower, until one is left. */
  private void reduce(Fold fold, String values, String places) {
    open("for (cr_i32 span = 128; span > 0; span /= 2)");
    lanes("c", "span");
    String mine = values + "[c]";
    String other = values + "[c + span]";
    if (LoopSource.isArg(fold)) {
      String at = places + "[c]";
      String otherAt = places + "[c + span]";
      line("const cr_i32 wins = " + LoopSource.beats(fold, other, mine) + ";");
      line("const cr_i32 loses = " + LoopSource.beats(fold, mine, other) + ";");
      line("const cr_i32 earlier = !loses & (" + otherAt + " < " + at + ");");
      line("const cr_i32 takes = (" + otherAt + " >= 0) & ((" + at + " < 0) | wins | earlier);");
      line(mine + " = takes ? " + other + " : " + mine + ";");
      line(at + " = takes ? " + otherAt + " : " + at + ";");
    } else {
      line(mine + " = " + LoopSource.with(fold, mine, other, "") + ";");
    }
    close();
    close();
  }

  /** Folds that are chains by nature. */
  private void oneByOne(Phase phase, int p, List<Integer> folds) {
    if (folds.isEmpty()) {
      return;
    }
    List<Scalar> roots = new ArrayList<>();
    for (int f : folds) {
      Fold fold = phase.folds().get(f);
      roots.add(fold.value());
      roots.add(fold.factor());
      String name = Expressions.folded(p, f);
      line(LoopSource.valueType(fold) + " " + name + " = " + LoopSource.nothing(fold) + ";");
    }
    if (phase.extent() == 0) {
      return;
    }
    for (int axis = 0; axis < phase.inner().size(); axis++) {
      String i = "i" + (loop.kept().size() + axis);
      open("for (cr_i32 " + i + " = 0; " + i + " < " + phase.inner().get(axis) + "; " + i + "++)");
    }
    List<String> values = body(roots, "");
    for (int i = 0; i < folds.size(); i++) {
      int f = folds.get(i);
      String name = Expressions.folded(p, f);
      String sum =
          LoopSource.with(phase.folds().get(f), name, values.get(2 * i), values.get(2 * i + 1));
      line(name + " = " + sum + ";");
    }
    phase.inner().forEach(axis -> close());
  }

  // ---- Words of both ----

  private static String partial(int p, int f) {
    return "s" + p + "_" + f;
  }

  private static String best(int p, int f) {
    return "x" + p + "_" + f;
  }

  private static String result(int p, int f) {
    return "r" + p + "_" + f;
  }

  private static String type(Scalar scalar) {
    return Expressions.type(scalar.type());
  }

  private static String least(int most, String other) {
    return "(" + other + ") < " + most + " ? (" + other + ") : " + most;
  }

  /** Folds one value into the variable sum, or, for a position, into best and at. */
  private void take(
      Fold fold, String sum, String best, String at, String value, String factor, String j) {
    if (LoopSource.isArg(fold)) {
      String name = "takes_" + at.substring(0, at.length() - 3);
      String wins = LoopSource.beats(fold, value, best);
      line("const cr_i32 " + name + " = (" + at + " < 0) | " + wins + ";");
      line(best + " = " + name + " ? " + value + " : " + best + ";");
      line(at + " = " + name + " ? " + j + " : " + at + ";");
    } else {
      line(sum + " = " + LoopSource.with(fold, sum, value, factor) + ";");
    }
  }

  /**
   * Prints all lines that some roots need; gives what the roots are called.
   *
   * @param lane where in its array the result of an earlier fold is; empty if it is a variable
   */
  private List<String> body(List<Scalar> roots, String lane) {
    Lines lines = Lines.of(roots);
    for (int v = 0; v < lines.lines().size(); v++) {
      Line line = lines.lines().get(v);
      List<String> operands = line.operands().stream().map(o -> "v" + o).toList();
      line("const " + type(line.scalar()) + " v" + v + " = " + value(line, operands, lane) + ";");
    }
    return lines.roots().stream().map(r -> "v" + r).toList();
  }

  private String value(Line line, List<String> operands, String lane) {
    return switch (line.scalar()) {
      case Scalar.Folded f when !lane.isEmpty() -> result(f.phase(), f.fold()) + lane;
      case Scalar.Load l when across && l.guard().isEmpty() && l.at().equals(flat) ->
          "a" + l.argument() + "[e]";
      case Scalar.Noise n when draws.containsKey(n) -> "n" + draws.get(n) + "[c]";
      default -> Expressions.expression(line, operands);
    };
  }

  private void store(Store store, String value) {
    String at = across && store.at().equals(flat) ? "e" : Expressions.index(store.at());
    String cast = store.value().type() == DType.BOOL ? "(unsigned char)" : "";
    line("a" + store.argument() + "[" + at + "] = " + cast + value + ";");
  }

  /** Names the coordinates of an element, the last axis running fastest. */
  private void decode(String element, List<Integer> extents, int firstAxis, String name) {
    if (extents.isEmpty()) {
      return;
    }
    String rest = "rest" + (name.equals("b") ? "_b" : "");
    line("cr_u32 " + rest + firstAxis + " = (cr_u32)(" + element + ");");
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      String by = Math.max(1, extents.get(axis)) + "u";
      String left = rest + firstAxis;
      String coordinate = axis == 0 ? left : "(" + left + " % " + by + ")";
      line("const cr_i32 " + name + (firstAxis + axis) + " = (cr_i32)" + coordinate + ";");
      if (axis > 0) {
        line(left + " /= " + by + ";");
      }
    }
  }

  /** Sets all of an array; the value may name the lane l. */
  private void fill(int lanes, String array, String value) {
    line("CR_LANES for (cr_i32 l = 0; l < " + lanes + "; l++) " + array + "[l] = " + value + ";");
  }

  private void lanes(String lane, String count) {
    open("CR_LANES for (cr_i32 %1$s = 0; %1$s < %2$s; %1$s++)".formatted(lane, count));
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
