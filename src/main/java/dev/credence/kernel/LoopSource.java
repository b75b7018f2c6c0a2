package dev.credence.kernel;

import static dev.credence.kernel.Expressions.call;
import static dev.credence.kernel.Expressions.whole;

import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Prints loops and routines in the common dialect: one text that is OpenCL C, CUDA C and plain C,
 * to be compiled after a prelude and after math.h, philox.h, loops.h and routines.h of kernels/.
 *
 * <p>In OpenCL and CUDA the kernel takes the parameter block (int32 words) and the arrays, in
 * order; truth values are unsigned char. OpenCL has no pointers into a buffer, so that there an
 * array is two arguments: the buffer, and the element at which the array begins (64 bit). It is
 * started with a work item for each kept element ({@link Form#ITEM}; surplus items do nothing) or
 * with a work group of {@link #LANES} for each ({@link Form#GROUP}). In C it is {@code void
 * name(cr_i32 *params, void **args, cr_i64 lo, cr_i64 hi)} over the kept elements in [lo, hi), its
 * lanes emulated by loops.
 */
public final class LoopSource {
  /** Work items in a group, and lanes of a sum. */
  public static final int LANES = 256;

  /** Values in a tile of a sum. */
  static final int TILE = 4096;

  /** Binary digits of that. */
  static final int TILE_BITS = 12;

  /** Longest fold that a work item does alone. */
  private static final int SHORT = 64;

  /** How a kernel's work is handed out. */
  public enum Form {
    /** A work item computes a kept element. */
    ITEM,
    /** A work group of {@link LoopSource#LANES} computes a kept element. */
    GROUP
  }

  private final StringBuilder text = new StringBuilder();
  private int depth;

  private LoopSource() {}

  /** The source of a loop or routine, the kernel being named by {@link #symbol}. */
  public static String of(Work work) {
    return of(work, symbol(work));
  }

  /**
   * The source of a loop or routine.
   *
   * @param symbol the kernel's name
   * @throws UnsupportedOperationException in one sentence if the dialect lacks what it needs
   */
  public static String of(Work work, String symbol) {
    LoopSource source = new LoopSource();
    switch (work) {
      case Loop loop -> source.loop(loop, symbol);
      case Routine routine -> source.routine(routine, symbol);
    }
    return source.text.toString();
  }

  /** A name for the kernel made from the work's own: an identifier of C. */
  public static String symbol(Work work) {
    return "k_" + work.name().replaceAll("[^A-Za-z0-9]+", "_");
  }

  /** The form that the work is printed in. */
  public static Form form(Work work) {
    boolean wide = work instanceof Loop loop && loop.phases().stream().anyMatch(LoopSource::isWide);
    return wide ? Form.GROUP : Form.ITEM;
  }

  private static boolean isWide(Phase phase) {
    return phase.extent() > SHORT && phase.folds().stream().anyMatch(f -> !inSequence(f));
  }

  /** Whether a fold is sequential by nature. */
  static boolean inSequence(Fold fold) {
    return fold.kind() == FoldKind.CHAIN || fold.kind() == FoldKind.RUNNING_SUM;
  }

  static boolean isArg(Fold fold) {
    return fold.kind() == FoldKind.ARGMAX || fold.kind() == FoldKind.ARGMIN;
  }

  /** Whether a fold is summed as a tree; sums of integers may take any order. */
  static boolean isTree(Fold fold) {
    return fold.kind() == FoldKind.SUM && fold.value().type() == DType.FLOAT32;
  }

  // ---- Kernels ----

  private void loop(Loop loop, String symbol) {
    refuseTooLarge(loop);
    boolean group = form(loop) == Form.GROUP;
    List<String> shared = group ? shared(loop) : List.of();
    List<String> parameters = new ArrayList<>(List.of("cr_i64 item"));
    parameters.addAll(parameters(loop));
    shared.forEach(name -> parameters.add("CR_SHARED " + sharedType(name) + " *" + name));
    open("CR_FN void " + call(symbol + "_at", parameters));
    decode("item", loop.kept(), 0);
    for (int p = 0; p < loop.phases().size(); p++) {
      line("/* phase " + p + " */");
      if (group) {
        groupPhase(loop, p);
      } else {
        itemPhase(loop, p);
      }
    }
    close();
    entry(loop, symbol, symbol + "_at", List.of("item", "params"), loop.extent(), shared);
  }

  private void routine(Routine routine, String symbol) {
    List<String> head = new ArrayList<>(List.of("item"));
    routine.numbers().forEach(number -> head.add(whole(number)));
    entry(routine, symbol, "cr_" + routine.name(), head, routine.items(), List.of());
  }

  private static void refuseTooLarge(Loop loop) {
    boolean fits = loop.phases().stream().allMatch(p -> p.extent() <= Integer.MAX_VALUE);
    if (!fits || loop.extent() > Integer.MAX_VALUE) {
      throw new UnsupportedOperationException(
          "Loop " + loop.name() + " has 2^31 elements or more along its kept or inner axes.");
    }
  }

  /** The function that is started, in its two shapes. */
  private void entry(
      Work work,
      String symbol,
      String function,
      List<String> head,
      long items,
      List<String> shared) {
    List<Loop.Argument> arguments = work.arguments();
    List<String> casts =
        range(arguments)
            .mapToObj(a -> "(" + Expressions.pointer(arguments.get(a)) + ")args[" + a + "]")
            .toList();
    line("#ifdef CR_PLAIN_C");
    open("void " + symbol + "(cr_i32 *params, void **args, cr_i64 lo, cr_i64 hi)");
    shared.forEach(name -> line(sharedType(name) + " " + name + "[" + LANES + "];"));
    open("for (cr_i64 item = lo; item < hi; item++)");
    line(call(function, join(head, casts, shared)) + ";");
    close();
    close();
    line("#else");
    List<String> taken = new ArrayList<>(List.of("CR_GLOBAL cr_i32 *params"));
    range(arguments).forEach(a -> taken.add(array(arguments.get(a), a)));
    open("CR_KERNEL void " + call(symbol, taken));
    shared.forEach(name -> line("CR_LOCAL " + sharedType(name) + " " + name + "[" + LANES + "];"));
    line("const cr_i64 item = " + (form(work) == Form.GROUP ? "CR_GROUP;" : "CR_ITEM;"));
    open("if (item < " + whole(items) + ")");
    List<String> starts = range(arguments).mapToObj(a -> "CR_START(a" + a + ")").toList();
    line(call(function, join(head, starts, shared)) + ";");
    close();
    close();
    line("#endif");
  }

  private static List<String> parameters(Work work) {
    List<String> parameters = new ArrayList<>(List.of("CR_GLOBAL cr_i32 *params"));
    for (int a = 0; a < work.arguments().size(); a++) {
      parameters.add("CR_GLOBAL " + Expressions.pointer(work.arguments().get(a)) + "a" + a);
    }
    return parameters;
  }

  private static IntStream range(List<Loop.Argument> arguments) {
    return IntStream.range(0, arguments.size());
  }

  /** An array as a kernel takes it. */
  private static String array(Loop.Argument argument, int a) {
    return "CR_ARRAY(" + Expressions.element(argument) + ", a" + a + ")";
  }

  /** Names the coordinates of an element, the last axis running fastest. */
  private void decode(String element, List<Integer> extents, int firstAxis) {
    if (extents.isEmpty()) {
      return;
    }
    line("cr_u32 rest = (cr_u32)" + element + ";");
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      String by = Math.max(1, extents.get(axis)) + "u";
      String coordinate = axis == 0 ? "rest" : "(rest % " + by + ")";
      line("const cr_i32 i" + (firstAxis + axis) + " = (cr_i32)" + coordinate + ";");
      if (axis > 0) {
        line("rest /= " + by + ";");
      }
    }
  }

  /** Prints all lines that some roots need; gives what the roots are called. */
  private List<String> body(List<Scalar> roots) {
    Lines lines = Lines.of(roots);
    for (int v = 0; v < lines.lines().size(); v++) {
      Line line = lines.lines().get(v);
      List<String> operands = line.operands().stream().map(o -> "v" + o).toList();
      String value = Expressions.expression(line, operands);
      line("const " + Expressions.type(line.type()) + " v" + v + " = " + value + ";");
    }
    return lines.roots().stream().map(r -> "v" + r).toList();
  }

  private void stores(List<Store> stores, List<String> values) {
    for (int s = 0; s < stores.size(); s++) {
      line(Expressions.store("a", stores.get(s), values.get(s)));
    }
  }

  // ---- Folds ----

  static String valueType(Fold fold) {
    return Expressions.type(fold.value().type());
  }

  /** What a fold gives over nothing. */
  static String nothing(Fold fold) {
    boolean real = fold.value().type() == DType.FLOAT32;
    boolean bool = fold.value().type() == DType.BOOL;
    return switch (fold.kind()) {
      case MAX -> real ? "-CR_INF" : whole(bool ? 0 : Integer.MIN_VALUE);
      case MIN -> real ? "CR_INF" : whole(bool ? 1 : Integer.MAX_VALUE);
      case SUM, RUNNING_SUM, CHAIN, ARGMAX, ARGMIN -> real && !isArg(fold) ? "0.0f" : "0";
    };
  }

  /** What has been folded, with one more value; not for positions. */
  static String with(Fold fold, String so, String value, String factor) {
    boolean real = fold.value().type() == DType.FLOAT32;
    if (fold.value().type() == DType.BOOL
        && fold.kind() != FoldKind.MAX
        && fold.kind() != FoldKind.MIN) {
      throw new IllegalArgumentException(
          "there is no " + fold.kind() + " of bool; cast to int32 first");
    }
    return switch (fold.kind()) {
      case SUM, RUNNING_SUM -> real ? so + " + " + value : call("cr_add_i32", so, value);
      case CHAIN ->
          real
              ? call("cr_fma", value, factor, so)
              : call("cr_add_i32", so, call("cr_mul_i32", value, factor));
      case MAX -> call(real ? "cr_max" : "cr_max_i32", so, value);
      case MIN -> call(real ? "cr_min" : "cr_min_i32", so, value);
      case ARGMAX, ARGMIN -> throw new IllegalArgumentException("positions are not combined");
    };
  }

  /** Whether value a takes b's place in a fold of positions. */
  static String beats(Fold fold, String a, String b) {
    String name = fold.kind() == FoldKind.ARGMAX ? "cr_above" : "cr_below";
    return call(fold.value().type() == DType.FLOAT32 ? name : name + "_i32", a, b);
  }

  /** Folds one value into the variable so, whose position is kept in at. */
  private void take(Fold fold, String so, String at, String value, String factor) {
    if (isArg(fold)) {
      open("if (" + at + " < 0 || " + beats(fold, value, so) + ")");
      line(so + " = " + value + ";");
      line(at + " = (cr_i32)j;");
      close();
    } else {
      line(so + " = " + with(fold, so, value, factor) + ";");
    }
  }

  private void foldNothing(Phase phase, int p) {
    for (int f = 0; f < phase.folds().size(); f++) {
      Fold fold = phase.folds().get(f);
      String type = Expressions.type(fold.type());
      line("const " + type + " " + Expressions.folded(p, f) + " = " + nothing(fold) + ";");
    }
  }

  // ---- A work item for a kept element ----

  private void itemPhase(Loop loop, int p) {
    Phase phase = loop.phases().get(p);
    if (phase.extent() == 0) {
      foldNothing(phase, p);
      return;
    }
    for (int f = 0; f < phase.folds().size(); f++) {
      beginItem(phase, p, f);
    }
    loops(loop, phase);
    List<String> roots = body(Loop.roots(phase));
    int root = 0;
    for (int f = 0; f < phase.folds().size(); f++) {
      Fold fold = phase.folds().get(f);
      String value = roots.get(root++);
      String factor = fold.kind() == FoldKind.CHAIN ? roots.get(root++) : value;
      String result = Expressions.folded(p, f);
      if (isTree(fold)) {
        take(fold, lanes(p, f) + "[j]", "", value, factor);
      } else if (isArg(fold)) {
        take(fold, best(p, f), result, value, factor);
      } else {
        take(fold, result, "", value, factor);
      }
    }
    stores(phase.stores(), roots.subList(root, roots.size()));
    closeLoops(phase);
    for (int f = 0; f < phase.folds().size(); f++) {
      if (isTree(phase.folds().get(f))) {
        endTree(phase, p, f);
      }
    }
  }

  private static String lanes(int phase, int fold) {
    return "s" + phase + "_" + fold;
  }

  private static String best(int phase, int fold) {
    return "x" + phase + "_" + fold;
  }

  private void beginItem(Phase phase, int p, int f) {
    Fold fold = phase.folds().get(f);
    if (isTree(fold)) {
      int width = width(phase.extent());
      line("float " + lanes(p, f) + "[" + width + "];");
      line("for (cr_i32 l = 0; l < " + width + "; l++) " + lanes(p, f) + "[l] = 0.0f;");
    } else if (isArg(fold)) {
      line(valueType(fold) + " " + best(p, f) + " = 0;");
      line("cr_i32 " + Expressions.folded(p, f) + " = -1;");
    } else {
      line(valueType(fold) + " " + Expressions.folded(p, f) + " = " + nothing(fold) + ";");
    }
  }

  /** The lanes that can hold anything but 0, as a power of two: the others change no sum. */
  static int width(long extent) {
    int width = 1;
    while (width < extent) {
      width *= 2;
    }
    return width;
  }

  private void endTree(Phase phase, int p, int f) {
    String lanes = lanes(p, f);
    open("for (cr_i32 span = " + width(phase.extent()) / 2 + "; span > 0; span /= 2)");
    line("for (cr_i32 l = 0; l < span; l++) " + lanes + "[l] += " + lanes + "[l + span];");
    close();
    line("const float " + Expressions.folded(p, f) + " = " + lanes + "[0];");
  }

  /** Opens the loops over the inner axes; j is the position that trees and arguments ask for. */
  private void loops(Loop loop, Phase phase) {
    open("");
    if (counts(phase)) {
      line("cr_i32 j = -1;");
    }
    for (int axis = 0; axis < phase.inner().size(); axis++) {
      String i = "i" + (loop.kept().size() + axis);
      open("for (cr_i32 " + i + " = 0; " + i + " < " + phase.inner().get(axis) + "; " + i + "++)");
    }
    if (counts(phase)) {
      line("j++;");
    }
  }

  private void closeLoops(Phase phase) {
    phase.inner().forEach(axis -> close());
    close();
  }

  private static boolean counts(Phase phase) {
    return phase.folds().stream().anyMatch(f -> isTree(f) || isArg(f));
  }

  // ---- A work group for a kept element ----

  private void groupPhase(Loop loop, int p) {
    Phase phase = loop.phases().get(p);
    if (phase.extent() == 0) {
      foldNothing(phase, p);
      return;
    }
    List<List<String>> slots = slots(phase);
    List<Integer> wide = new ArrayList<>();
    List<Integer> sequential = new ArrayList<>();
    for (int f = 0; f < phase.folds().size(); f++) {
      (inSequence(phase.folds().get(f)) ? sequential : wide).add(f);
    }
    if (!wide.isEmpty() || !phase.stores().isEmpty()) {
      sideBySide(loop, phase, wide, slots);
    }
    if (!sequential.isEmpty()) {
      oneLane(loop, phase, sequential, slots);
    }
    for (int f = 0; f < phase.folds().size(); f++) {
      String type = Expressions.type(phase.folds().get(f).type());
      String result = slots.get(f).getLast();
      line("const " + type + " " + Expressions.folded(p, f) + " = " + result + "[0];");
    }
    if (p + 1 < loop.phases().size() && !phase.folds().isEmpty()) {
      // All lanes have read the results before the next phase takes their memory.
      openLanes();
      closeLanes();
    }
  }

  /**
   * Local arrays of each fold of a phase: one a level of a sum's tree; values and positions; or the
   * values alone. The last holds the result in the end. Those of float32 are called s, others t.
   */
  private static List<List<String>> slots(Phase phase) {
    List<List<String>> slots = new ArrayList<>();
    int floats = 0;
    int ints = 0;
    for (Fold fold : phase.folds()) {
      List<String> names = new ArrayList<>();
      int arrays = isTree(fold) ? levels(phase.extent()) : 1;
      for (int a = 0; a < arrays; a++) {
        names.add(fold.value().type() == DType.FLOAT32 ? "s" + floats++ : "t" + ints++);
      }
      if (isArg(fold)) {
        names.add("t" + ints++);
      }
      slots.add(names);
    }
    return slots;
  }

  private static List<String> shared(Loop loop) {
    SequencedSet<String> names = new TreeSet<>();
    loop.phases().stream()
        .filter(phase -> phase.extent() > 0)
        .forEach(phase -> slots(phase).forEach(names::addAll));
    return List.copyOf(names);
  }

  private static String sharedType(String name) {
    return name.startsWith("s") ? "float" : "cr_i32";
  }

  /** How often sums are summed until one is left. */
  static int levels(long extent) {
    int levels = 1;
    for (long left = extent; left > TILE; left = tiles(left)) {
      levels++;
    }
    return levels;
  }

  private static long tiles(long extent) {
    return (extent + TILE - 1) / TILE;
  }

  /** All lanes take their elements of one tile after the other. */
  private void sideBySide(Loop loop, Phase phase, List<Integer> wide, List<List<String>> slots) {
    List<Scalar> roots = new ArrayList<>();
    wide.forEach(f -> roots.add(phase.folds().get(f).value()));
    phase.stores().forEach(store -> roots.add(store.value()));
    long rows = Math.min(TILE / LANES, (phase.extent() + LANES - 1) / LANES);

    open("for (cr_i32 tile = 0; tile < " + tiles(phase.extent()) + "; tile++)");
    openLanes();
    wide.forEach(f -> beginLane(phase.folds().get(f), f, slots.get(f)));
    open("for (cr_i32 row = 0; row < " + rows + "; row++)");
    line("const cr_u32 j = (cr_u32)tile * 4096u + (cr_u32)row * 256u + (cr_u32)l;");
    open("if (j < " + phase.extent() + "u)");
    decode("j", phase.inner(), loop.kept().size());
    List<String> values = body(roots);
    for (int i = 0; i < wide.size(); i++) {
      int f = wide.get(i);
      take(phase.folds().get(f), "x" + f, "q" + f, values.get(i), "");
    }
    stores(phase.stores(), values.subList(wide.size(), values.size()));
    close();
    close();
    wide.forEach(f -> endLane(phase.folds().get(f), f, slots.get(f)));
    closeLanes();
    wide.stream()
        .filter(f -> isTree(phase.folds().get(f)))
        .forEach(f -> endTile(phase.folds().get(f), phase.extent(), slots.get(f)));
    close();
    for (int f : wide) {
      Fold fold = phase.folds().get(f);
      if (!isTree(fold) || slots.get(f).size() > 1) {
        reduce(fold, isTree(fold) ? List.of(slots.get(f).getLast()) : slots.get(f));
      }
    }
  }

  private void beginLane(Fold fold, int f, List<String> slots) {
    if (isTree(fold)) {
      line("float x" + f + " = 0.0f;");
      for (int level = 1; level < slots.size(); level++) {
        long mask = (1L << (TILE_BITS * level)) - 1;
        line("if ((tile & " + mask + ") == 0) " + slots.get(level) + "[l] = 0.0f;");
      }
    } else {
      String first = isArg(fold) ? "0" : nothing(fold);
      String before = slots.get(0) + "[l]";
      line(valueType(fold) + " x" + f + " = tile == 0 ? " + first + " : " + before + ";");
      if (isArg(fold)) {
        line("cr_i32 q" + f + " = tile == 0 ? -1 : " + slots.get(1) + "[l];");
      }
    }
  }

  private void endLane(Fold fold, int f, List<String> slots) {
    line(slots.get(0) + "[l] = x" + f + ";");
    if (isArg(fold)) {
      line(slots.get(1) + "[l] = q" + f + ";");
    }
  }

  /**
   * A finished tile's sum becomes a value of the next level, and so on while tiles are finished.
   */
  private void endTile(Fold fold, long extent, List<String> slots) {
    reduce(fold, slots.subList(0, 1));
    for (int level = 1; level < slots.size(); level++) {
      if (level > 1) {
        long mask = (1L << (TILE_BITS * (level - 1))) - 1;
        open("if ((tile & " + mask + ") == " + mask + " || tile == " + (tiles(extent) - 1) + ")");
        reduce(fold, slots.subList(level - 1, level));
      }
      String lane = "((tile >> " + TILE_BITS * (level - 1) + ") & 255)";
      openLanes();
      line(
          "if (l == " + lane + ") " + slots.get(level) + "[l] += " + slots.get(level - 1) + "[0];");
      closeLanes();
    }
    for (int level = 2; level < slots.size(); level++) {
      close();
    }
  }

  /** Folds the lanes into lane 0, the upper half into the lower, until one is left. */
  private void reduce(Fold fold, List<String> slots) {
    String mine = slots.get(0) + "[l]";
    String other = slots.get(0) + "[l + span]";
    open("for (cr_i32 span = 128; span > 0; span /= 2)");
    openLanes();
    if (isArg(fold)) {
      String at = slots.get(1) + "[l]";
      String otherAt = slots.get(1) + "[l + span]";
      String wins = beats(fold, other, mine);
      String draws = "!" + beats(fold, mine, other) + " && " + otherAt + " < " + at;
      String takes = at + " < 0 || " + wins + " || (" + draws + ")";
      open("if (l < span && " + otherAt + " >= 0 && (" + takes + "))");
      line(mine + " = " + other + ";");
      line(at + " = " + otherAt + ";");
    } else {
      open("if (l < span)");
      line(mine + " = " + with(fold, mine, other, "") + ";");
    }
    close();
    closeLanes();
    close();
  }

  /** One lane alone takes all elements in ascending order. */
  private void oneLane(Loop loop, Phase phase, List<Integer> folds, List<List<String>> slots) {
    openLanes();
    open("if (l == 0)");
    List<Scalar> roots = new ArrayList<>();
    for (int f : folds) {
      Fold fold = phase.folds().get(f);
      roots.add(fold.value());
      roots.add(fold.factor());
      line(valueType(fold) + " x" + f + " = " + nothing(fold) + ";");
    }
    loops(loop, phase);
    List<String> values = body(roots);
    for (int i = 0; i < folds.size(); i++) {
      int f = folds.get(i);
      take(phase.folds().get(f), "x" + f, "", values.get(2 * i), values.get(2 * i + 1));
    }
    closeLoops(phase);
    folds.forEach(f -> line(slots.get(f).get(0) + "[0] = x" + f + ";"));
    close();
    closeLanes();
  }

  // ---- Text ----

  private static List<String> join(List<String> a, List<String> b, List<String> c) {
    return Stream.of(a, b, c).flatMap(List::stream).toList();
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

  private void openLanes() {
    line("CR_FOR_LANES(l)");
    depth++;
  }

  private void closeLanes() {
    depth--;
    line("CR_END_LANES");
  }
}
