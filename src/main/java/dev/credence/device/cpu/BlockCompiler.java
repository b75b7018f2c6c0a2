package dev.credence.device.cpu;

import static dev.credence.device.cpu.BlockSteps.reg;

import dev.credence.device.cpu.BlockProgram.Draw;
import dev.credence.device.cpu.BlockProgram.Fused;
import dev.credence.device.cpu.BlockProgram.Number;
import dev.credence.device.cpu.BlockProgram.Operand;
import dev.credence.device.cpu.BlockProgram.Reg;
import dev.credence.device.cpu.BlockProgram.Register;
import dev.credence.device.cpu.BlockProgram.Step;
import dev.credence.device.cpu.BlockSteps.Value;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Compiles a loop for the block interpreter. Every value is computed at the lowest rate that it
 * allows: once for the call (constants, parameters, what is made of them), once for each kept
 * element, or for every inner element.
 */
final class BlockCompiler {
  private final Loop loop;
  private final BlockLayout layout;
  private final BlockWords words;
  private final List<Integer> tileArguments;
  private final boolean direct;
  private final BlockProgram program = new BlockProgram();
  private final BlockSteps out;
  private final List<List<Value>> folded = new ArrayList<>();

  // The phase now compiled.
  private BlockProgram.Phase phase = new BlockProgram.Phase();
  private Rates rates = new Rates(List.of(), List.of());
  private BlockMemory memory;

  private BlockCompiler(
      Loop loop,
      BlockLayout layout,
      BlockWords words,
      List<Integer> tileArguments,
      boolean direct) {
    this.loop = loop;
    this.layout = layout;
    this.words = words;
    this.tileArguments = tileArguments;
    this.direct = direct;
    out = new BlockSteps(program, layout, words);
    memory = new BlockMemory(loop, layout, out, rates, direct);
  }

  /**
   * Compiles a loop.
   *
   * @param tileArguments for a loop whose inner elements are split among units: for each fold of
   *     its one phase the argument that takes what the units folded; else empty
   * @param direct whether values may be computed straight into the arrays they are stored in; not
   *     so if an array written shares memory with one that is read
   */
  static BlockProgram compile(
      Loop loop,
      BlockLayout layout,
      BlockWords words,
      List<Integer> tileArguments,
      boolean direct) {
    return new BlockCompiler(loop, layout, words, tileArguments, direct).compile();
  }

  private BlockProgram compile() {
    program.kept = loop.extent();
    program.chunk = layout.chunk();
    for (Phase next : loop.phases()) {
      compile(next);
    }
    if (layout.split() > 0) {
      program.split = layout.split();
      program.splits = Math.ceilDiv(loop.phases().get(0).extent(), layout.split());
    }
    if (program.phases.stream()
        .anyMatch(p -> stores(p.head).contains("stream") || stores(p.body).contains("stream"))) {
      out.emit(program.last, "fence", null, null, null, null, null);
    }
    program.nanos = nanos();
    BlockRegisters.assign(program);
    return program;
  }

  private double nanos() {
    double nanos = nanos(program.once, 1);
    for (BlockProgram.Phase each : program.phases) {
      nanos += nanos(each.head, program.kept) + nanos(each.tail, program.kept);
      nanos += nanos(each.body, (double) program.kept * each.extent);
    }
    return nanos;
  }

  private static double nanos(List<Step> steps, double values) {
    return steps.stream().mapToDouble(s -> values * BlockWords.nanos(s.word(), s.more())).sum();
  }

  private static List<String> stores(List<Step> steps) {
    return steps.stream().map(Step::word).toList();
  }

  private void compile(Phase source) {
    phase = new BlockProgram.Phase();
    program.phases.add(phase);
    rates = Rates.of(loop, source);
    memory = new BlockMemory(loop, layout, out, rates, direct);
    out.begin(phase);
    long extent = source.extent();
    if (extent == 0) {
      folded.add(source.folds().stream().map(f -> nothing(f)).toList());
      return;
    }
    if (extent > 1) {
      phase.extent = extent;
      phase.block = layout.block(extent);
      phase.keptStride = layout.keptStride(extent);
      phase.innerStride = layout.innerStride();
    }
    Lines lines = Lines.of(source);
    int folds = lines.roots().size() - source.stores().size();
    List<Integer> stored = lines.roots().subList(folds, lines.roots().size());
    List<Value> values = new ArrayList<>();
    List<FusedBody> bodies = fusedBodies(lines);
    for (Line line : lines.lines()) {
      int at = values.size();
      if (bodies.stream().anyMatch(body -> body.has(at))) {
        values.add(out.room(line.type(), rates.highest()));
        continue;
      }
      // What is stored as it was loaded is copied first: an earlier store may overwrite it.
      boolean mayPoint = direct || !stored.contains(at);
      List<Value> operands = line.operands().stream().map(values::get).toList();
      values.add(value(line.scalar(), operands, mayPoint));
    }
    bodies.forEach(body -> fused(body, lines, values));
    // A single body reads what lies at an element before it writes there.
    boolean mayAim =
        direct || (bodies.size() == 1 && bodies.get(0).results().containsAll(lines.roots()));
    List<Value> roots = lines.roots().stream().map(values::get).toList();
    List<Value> results = new ArrayList<>();
    int root = 0;
    for (Fold fold : source.folds()) {
      Value value = roots.get(root++);
      Value factor = fold.kind() == FoldKind.CHAIN ? roots.get(root++) : value;
      int argument = tileArguments.isEmpty() ? -1 : tileArguments.get(results.size());
      results.add(extent == 1 ? foldOne(fold, value, factor) : fold(fold, value, factor, argument));
    }
    folded.add(results);
    for (Store store : source.stores()) {
      memory.store(store, roots.get(root++), mayAim);
    }
  }

  // Fused bodies.

  /** What of the phase the library has passes for. */
  private List<FusedBody> fusedBodies(Lines lines) {
    List<List<Rate>> before =
        folded.stream().map(phase -> phase.stream().map(Value::rate).toList()).toList();
    List<FusedBody> found = new ArrayList<>();
    for (FusedBody body : FusedBody.of(lines, rates.of(lines, before), rates.highest())) {
      // The whole comes before its parts.
      boolean within = found.stream().anyMatch(other -> other.has(body.computed().get(0)));
      if (!within && words.body(body.text()).isPresent()) {
        found.add(body);
      }
    }
    return found;
  }

  private void fused(FusedBody body, Lines lines, List<Value> values) {
    Rate rate = rates.highest();
    String name = words.body(body.text()).orElseThrow();
    List<Draw> draws = new ArrayList<>();
    double nanos = 0;
    for (int line : body.draws()) {
      if (lines.lines().get(line).scalar() instanceof Scalar.Noise noise) {
        draws.add(memory.draw(noise, rate));
        nanos += BlockWords.nanos(BlockWords.draw(noise.kind()), draws.getLast());
      }
    }
    for (int line : body.computed()) {
      nanos += nanos(lines.lines().get(line).scalar());
    }
    Fused operands =
        new Fused(
            name,
            nanos,
            draws,
            out.register(new Register.Parameter(0)),
            registers(body.arrays(), line -> out.vector(values.get(line), rate)),
            registers(body.numbers(), values::get),
            registers(body.results(), values::get));
    out.emit(out.steps(rate), BlockWords.fused(name), null, null, null, null, operands);
  }

  private static double nanos(Scalar scalar) {
    String word =
        switch (scalar) {
          case Scalar.Unary u -> u.word().name().toLowerCase(Locale.ROOT) + suffix(u.type());
          case Scalar.Binary b ->
              b.word().name().toLowerCase(Locale.ROOT) + suffix(b.a().type()) + "_vv";
          default -> "";
        };
    return BlockWords.nanos(word, null);
  }

  private static List<Register> registers(List<Integer> lines, IntFunction<Value> value) {
    return lines.stream().map(line -> value.apply(line).register()).toList();
  }

  // Values.

  private Value value(Scalar scalar, List<Value> of, boolean mayPoint) {
    return switch (scalar) {
      case Scalar.Const c -> out.constant(c.type(), c.value());
      case Scalar.Position p -> memory.index(p.index(), null);
      case Scalar.Within w -> {
        Value holds = memory.guard(w.bounds(), null);
        yield holds == null ? out.truth(true) : holds;
      }
      case Scalar.Load load -> memory.load(load, mayPoint);
      case Scalar.Param p ->
          new Value(p.type(), Rate.ONCE, out.register(new Register.Parameter(p.word())));
      case Scalar.Unary u -> unary(u, of.get(0));
      case Scalar.Binary b -> binary(b, of.get(0), of.get(1));
      case Scalar.Select s -> select(of.get(0), of.get(1), of.get(2));
      case Scalar.Cast c -> cast(c.type(), of.get(0));
      case Scalar.Noise n -> memory.noise(n);
      case Scalar.Folded f -> folded.get(f.phase()).get(f.fold());
    };
  }

  private Value unary(Scalar.Unary unary, Value of) {
    String word = unary.word().name().toLowerCase(Locale.ROOT) + suffix(of.type());
    if (of.type() == DType.BOOL ? unary.word() != Word1.NOT : !words.known(word)) {
      throw none(unary.word(), of.type());
    }
    return out.word1(word, of.type(), of);
  }

  private Value binary(Scalar.Binary binary, Value a, Value b) {
    boolean bool = a.type() == DType.BOOL;
    String suffix = bool ? "_i" : suffix(a.type());
    String word = binary.word().name().toLowerCase(Locale.ROOT) + suffix;
    if (bool ? !hasBool(binary.word()) : !words.known(word + "_vv")) {
      throw none(binary.word(), a.type());
    }
    return out.word2(word, binary.type(), a, b);
  }

  private static boolean hasBool(Word2 word) {
    return switch (word) {
      case MIN, MAX, AND, OR, LT, LE, EQ, NE -> true;
      case ADD, SUB, MUL, DIV, POW, SHR, ULT -> false;
    };
  }

  private Value select(Value condition, Value yes, Value no) {
    Rate rate = condition.rate().max(yes.rate()).max(no.rate());
    Value result = out.room(yes.type(), rate);
    Value when = out.vector(condition, rate);
    Value x = out.operand(yes, rate);
    Value y = out.operand(no, rate);
    String form = out.form(x, y, rate);
    out.emit(out.steps(rate), "select" + form, reg(result), reg(when), reg(x), reg(y), null);
    return result;
  }

  private Value cast(DType type, Value of) {
    if (type == DType.FLOAT64) {
      throw BlockSteps.unsupported(type);
    }
    return switch (of.type()) {
      case FLOAT32 ->
          switch (type) {
            case INT32 -> out.word1("f_to_i", type, of);
            case BOOL -> out.word1("f_to_b", type, of);
            default -> of;
          };
      case INT32 ->
          switch (type) {
            case FLOAT32 -> out.word1("i_to_f", type, of);
            case BOOL -> out.word1("i_to_b", type, of);
            default -> of;
          };
      case BOOL ->
          type == DType.FLOAT32
              ? out.word1("i_to_f", type, of)
              : new Value(type, of.rate(), of.register());
      case FLOAT64 -> throw BlockSteps.unsupported(of.type());
    };
  }

  private static String suffix(DType type) {
    return switch (type) {
      case FLOAT32 -> "_f";
      case INT32 -> "_i";
      case BOOL -> "_b";
      case FLOAT64 -> throw BlockSteps.unsupported(type);
    };
  }

  private static IllegalArgumentException none(Enum<?> word, DType type) {
    return new IllegalArgumentException("there is no " + word + " of " + type);
  }

  // Folds.

  /** A fold over nothing. */
  private Value nothing(Fold fold) {
    return switch (fold.kind()) {
      case SUM, RUNNING_SUM, CHAIN, ARGMAX, ARGMIN -> out.constant(fold.type(), 0);
      case MAX, MIN -> out.bits(fold.type(), start(fold));
    };
  }

  /** The bits that a largest or smallest value starts from. */
  private static int start(Fold fold) {
    boolean max = fold.kind() == FoldKind.MAX;
    return switch (fold.value().type()) {
      case FLOAT32 ->
          Float.floatToRawIntBits(max ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY);
      case INT32 -> max ? Integer.MIN_VALUE : Integer.MAX_VALUE;
      case BOOL -> max ? 0 : 1;
      case FLOAT64 -> throw BlockSteps.unsupported(DType.FLOAT64);
    };
  }

  private static void check(Fold fold) {
    boolean adds =
        switch (fold.kind()) {
          case SUM, RUNNING_SUM, CHAIN -> true;
          case MAX, MIN, ARGMAX, ARGMIN -> false;
        };
    if (adds && fold.value().type() == DType.BOOL) {
      throw new IllegalArgumentException(
          "there is no " + fold.kind() + " of bool; cast to int32 first");
    }
  }

  /** A fold over one value: for the sake of -0 a sum still adds it to 0. */
  private Value foldOne(Fold fold, Value value, Value factor) {
    check(fold);
    boolean real = value.type() == DType.FLOAT32;
    return switch (fold.kind()) {
      case SUM, RUNNING_SUM ->
          real ? out.word2("add_f", value.type(), value, out.constant(value.type(), 0)) : value;
      case CHAIN -> {
        if (!real) {
          yield out.word2("mul_i", value.type(), value, factor);
        }
        Rate rate = value.rate().max(factor.rate());
        Value result = out.room(value.type(), rate);
        Operand a = reg(out.vector(value, rate));
        Operand b = reg(out.vector(factor, rate));
        out.emit(out.steps(rate), "chain_one", reg(result), a, b, null, null);
        yield result;
      }
      case MAX, MIN -> value;
      case ARGMAX, ARGMIN -> out.constant(DType.INT32, 0);
    };
  }

  private Value fold(Fold fold, Value given, Value factor, int tiles) {
    check(fold);
    Value value = out.vector(given, Rate.INNER);
    String suffix = value.type() == DType.FLOAT32 ? "_f" : "_i";
    String word =
        switch (fold.kind()) {
          case SUM -> "sum";
          case RUNNING_SUM -> suffix.equals("_i") ? "sum" : "running";
          case CHAIN -> "chain";
          case MAX -> "max_fold";
          case MIN -> "min_fold";
          case ARGMAX -> "argmax";
          case ARGMIN -> "argmin";
        };
    Value result = out.room(fold.type(), Rate.KEPT);
    Operand d = reg(result);
    Operand a = reg(value);
    if (layout.narrow()) {
      Operand b =
          switch (fold.kind()) {
            case CHAIN -> reg(out.vector(factor, Rate.INNER));
            case MAX, MIN -> reg(out.bits(fold.type(), start(fold)));
            default -> null;
          };
      out.emit(phase.body, word + suffix + "_narrow", d, a, b, null, null);
      return result;
    }
    switch (word) {
      case "sum" -> sum(word + suffix, d, a, tiles);
      case "argmax", "argmin" -> {
        Operand best = reg(out.room(value.type(), Rate.KEPT));
        begin(d, 0);
        begin(best, 0);
        out.emit(phase.body, word + suffix, d, a, best, null, null);
      }
      default -> {
        Operand b = fold.kind() == FoldKind.CHAIN ? reg(out.vector(factor, Rate.INNER)) : null;
        boolean extreme = fold.kind() == FoldKind.MAX || fold.kind() == FoldKind.MIN;
        begin(d, extreme ? start(fold) : 0);
        out.emit(phase.body, word + suffix, d, a, b, null, null);
      }
    }
    if (tiles >= 0 && !word.equals("sum")) {
      Number split = new Number((int) layout.split());
      out.emit(phase.tail, "store_split", null, d, null, split, BlockPositions.array(tiles, 4));
    }
    return result;
  }

  private void begin(Operand d, int bits) {
    out.emit(phase.head, "begin", d, null, null, new Number(bits), null);
  }

  private void sum(String word, Operand d, Operand a, int tiles) {
    Register lanes =
        out.register(
            new Register.Room(BlockLayout.roomFor(layout.chunk() * layout.lanes(phase.extent))));
    Operand c = new Reg(lanes);
    if (tiles >= 0) {
      Operand b = new Reg(out.register(new Register.Element(tiles, 0)));
      out.emit(phase.body, word, null, a, b, c, null);
      out.emit(phase.tail, word + "_end_tiles", null, null, b, c, null);
      return;
    }
    long count = Math.ceilDiv(phase.extent, BlockLayout.SUM_TILE) * layout.chunk();
    Operand b = new Reg(out.register(new Register.Room(BlockLayout.roomFor(count))));
    out.emit(phase.body, word, null, a, b, c, null);
    out.emit(phase.tail, word + "_end", d, null, b, c, null);
  }
}
