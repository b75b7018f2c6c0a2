package dev.credence.device.cpu;

import dev.credence.device.cpu.BlockProgram.At;
import dev.credence.device.cpu.BlockProgram.Axis;
import dev.credence.device.cpu.BlockProgram.Draw;
import dev.credence.device.cpu.BlockProgram.Fused;
import dev.credence.device.cpu.BlockProgram.Guarded;
import dev.credence.device.cpu.BlockProgram.Limit;
import dev.credence.device.cpu.BlockProgram.Number;
import dev.credence.device.cpu.BlockProgram.Operand;
import dev.credence.device.cpu.BlockProgram.Patterned;
import dev.credence.device.cpu.BlockProgram.Reg;
import dev.credence.device.cpu.BlockProgram.Register;
import dev.credence.device.cpu.BlockProgram.Step;
import dev.credence.device.cpu.BlockProgram.Where;
import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Params;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.Scalar.NoiseKind;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a loop for the block interpreter. Every value is computed at the lowest rate that it
 * allows: once for the call (constants, parameters, what is made of them), once for each kept
 * element, or for every inner element.
 */
final class BlockCompiler {
  /** A value in a register. */
  private record Value(DType type, Rate rate, Register register) {}

  /** An index with the condition under which memory may be read for it. */
  private record Allowed(Index index, @Nullable Value allowed) {}

  private static final long ENDLESS = Long.MAX_VALUE / 4;

  /** The far and near axes of a position in native/blocks.h. */
  private static final int MOST_AXES = 8;

  /** Runs below this length are read through a table: of neighbours, and of others. */
  private static final long SHORT_RUN = 8;

  private static final long LONG_RUN = 64;

  private final Loop loop;
  private final BlockLayout layout;
  private final BlockWords words;
  private final List<Integer> tileArguments;
  private final boolean direct;
  private boolean mayPoint;
  private boolean mayAim;
  private final BlockProgram program = new BlockProgram();
  private final Map<Integer, Register> constants = new HashMap<>();
  private final List<List<Value>> folded = new ArrayList<>();

  // The phase now compiled.
  private BlockProgram.Phase phase = new BlockProgram.Phase();
  private List<Integer> inner = List.of();
  private Rates rates = new Rates(List.of(), List.of());
  private final Map<Register, Value> expanded = new HashMap<>();
  private final Map<Allowed, Value> indices = new HashMap<>();

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
      emit(program.last, "fence", null, null, null, null, null);
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
    inner = source.inner();
    rates = Rates.of(loop, source);
    expanded.clear();
    indices.clear();
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
        values.add(room(line.type(), rates.highest()));
        continue;
      }
      // What is stored as it was loaded is copied first: an earlier store may overwrite it.
      mayPoint = direct || !stored.contains(at);
      List<Value> operands = line.operands().stream().map(values::get).toList();
      values.add(value(line.scalar(), operands));
    }
    bodies.forEach(body -> fused(body, lines, values));
    // A single body reads what lies at an element before it writes there.
    mayAim = direct || (bodies.size() == 1 && bodies.get(0).results().containsAll(lines.roots()));
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
      store(store, roots.get(root++));
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
        draws.add(draw(noise, rate));
        nanos += BlockWords.nanos(word(noise), draws.getLast());
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
            register(new Register.Parameter(0)),
            registers(body.arrays(), line -> vector(values.get(line), rate)),
            registers(body.numbers(), values::get),
            registers(body.results(), values::get));
    emit(steps(rate), BlockWords.fused(name), null, null, null, null, operands);
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

  private static String word(Scalar.Noise noise) {
    return noise.kind() == NoiseKind.BITS ? "bits" : "normal";
  }

  private static List<Register> registers(List<Integer> lines, IntFunction<Value> value) {
    return lines.stream().map(line -> value.apply(line).register()).toList();
  }

  // Values.

  private Value value(Scalar scalar, List<Value> of) {
    return switch (scalar) {
      case Scalar.Const c -> constant(c.type(), c.value());
      case Scalar.Position p -> index(p.index(), null);
      case Scalar.Within w -> {
        Value holds = guard(w.bounds(), null);
        yield holds == null ? truth(true) : holds;
      }
      case Scalar.Load load -> load(load);
      case Scalar.Param p ->
          new Value(p.type(), Rate.ONCE, register(new Register.Parameter(p.word())));
      case Scalar.Unary u -> unary(u, of.get(0));
      case Scalar.Binary b -> binary(b, of.get(0), of.get(1));
      case Scalar.Select s -> select(of.get(0), of.get(1), of.get(2));
      case Scalar.Cast c -> cast(c.type(), of.get(0));
      case Scalar.Noise n -> noise(n);
      case Scalar.Folded f -> folded.get(f.phase()).get(f.fold());
    };
  }

  private Value constant(DType type, double value) {
    return switch (type) {
      case FLOAT32 -> bits(type, Float.floatToRawIntBits((float) value));
      case INT32, BOOL -> bits(type, (int) value);
      case FLOAT64 -> throw unsupported(type);
    };
  }

  private Value truth(boolean value) {
    return bits(DType.BOOL, value ? 1 : 0);
  }

  private Value bits(DType type, int bits) {
    Register register = constants.computeIfAbsent(bits, b -> register(new Register.Constant(b)));
    return new Value(type, Rate.ONCE, register);
  }

  static UnsupportedOperationException unsupported(DType type) {
    return new UnsupportedOperationException(
        "The CPU device computes in float32, int32 and bool, not in "
            + type
            + "; the reference device has it.");
  }

  private Value unary(Scalar.Unary unary, Value of) {
    String word = unary.word().name().toLowerCase(Locale.ROOT) + suffix(of.type());
    if (of.type() == DType.BOOL ? unary.word() != Word1.NOT : !words.known(word)) {
      throw none(unary.word(), of.type());
    }
    return word1(word, of.type(), of);
  }

  private Value word1(String word, DType type, Value of) {
    Value result = room(type, of.rate());
    emit(steps(of.rate()), word, reg(result), reg(of), null, null, null);
    return result;
  }

  private Value binary(Scalar.Binary binary, Value a, Value b) {
    boolean bool = a.type() == DType.BOOL;
    String suffix = bool ? "_i" : suffix(a.type());
    String word = binary.word().name().toLowerCase(Locale.ROOT) + suffix;
    if (bool ? !hasBool(binary.word()) : !words.known(word + "_vv")) {
      throw none(binary.word(), a.type());
    }
    return word2(word, binary.type(), a, b);
  }

  private static boolean hasBool(Word2 word) {
    return switch (word) {
      case MIN, MAX, AND, OR, LT, LE, EQ, NE -> true;
      case ADD, SUB, MUL, DIV, POW, SHR, ULT -> false;
    };
  }

  private Value word2(String word, DType type, Value a, Value b) {
    Rate rate = a.rate().max(b.rate());
    Value result = room(type, rate);
    Value x = operand(a, rate);
    Value y = operand(b, rate);
    String form = "_" + form(x, rate) + form(y, rate);
    emit(steps(rate), word + form, reg(result), reg(x), reg(y), null, null);
    return result;
  }

  private Value select(Value condition, Value yes, Value no) {
    Rate rate = condition.rate().max(yes.rate()).max(no.rate());
    Value result = room(yes.type(), rate);
    Value when = vector(condition, rate);
    Value x = operand(yes, rate);
    Value y = operand(no, rate);
    String form = "_" + form(x, rate) + form(y, rate);
    emit(steps(rate), "select" + form, reg(result), reg(when), reg(x), reg(y), null);
    return result;
  }

  private Value cast(DType type, Value of) {
    if (type == DType.FLOAT64) {
      throw unsupported(type);
    }
    return switch (of.type()) {
      case FLOAT32 ->
          switch (type) {
            case INT32 -> word1("f_to_i", type, of);
            case BOOL -> word1("f_to_b", type, of);
            default -> of;
          };
      case INT32 ->
          switch (type) {
            case FLOAT32 -> word1("i_to_f", type, of);
            case BOOL -> word1("i_to_b", type, of);
            default -> of;
          };
      case BOOL ->
          type == DType.FLOAT32
              ? word1("i_to_f", type, of)
              : new Value(type, of.rate(), of.register());
      case FLOAT64 -> throw unsupported(of.type());
    };
  }

  private static String suffix(DType type) {
    return switch (type) {
      case FLOAT32 -> "_f";
      case INT32 -> "_i";
      case BOOL -> "_b";
      case FLOAT64 -> throw unsupported(type);
    };
  }

  private static IllegalArgumentException none(Enum<?> word, DType type) {
    return new IllegalArgumentException("there is no " + word + " of " + type);
  }

  // Indices and memory.

  /** An index as a value; memory is read for it only where that is allowed (null: everywhere). */
  private Value index(Index index, @Nullable Value allowed) {
    checked(index.min(), index);
    checked(index.max(), index);
    if (index.isConstant()) {
      return bits(DType.INT32, (int) index.constant());
    }
    Allowed key = new Allowed(index, index.contains(Index.Loaded.class) ? allowed : null);
    Value known = indices.get(key);
    if (known != null) {
      return known;
    }
    Patterned patterned = index.isAffine() ? null : patterned(-1, 0, index, rates.of(index));
    if (patterned != null) {
      Value result = room(DType.INT32, rates.of(index));
      emit(steps(result.rate()), "position_by", reg(result), null, null, null, patterned);
      indices.put(key, result);
      return result;
    }
    Index affine = Index.of(index.constant());
    for (Index.Term term : index.terms()) {
      if (term.atom() instanceof Index.Axis) {
        affine = affine.plus(Index.atom(term.atom()).times(term.factor()));
      }
    }
    Value sum = affine.isConstant() ? bits(DType.INT32, (int) affine.constant()) : position(affine);
    boolean nothing = affine.isConstant() && affine.constant() == 0;
    for (Index.Term term : index.terms()) {
      if (term.atom() instanceof Index.Axis) {
        continue;
      }
      Value atom = atom(term.atom(), allowed);
      Value product =
          term.factor() == 1
              ? atom
              : word2("mul_i", DType.INT32, atom, bits(DType.INT32, (int) term.factor()));
      sum = nothing ? product : word2("add_i", DType.INT32, sum, product);
      nothing = false;
    }
    indices.put(key, sum);
    return sum;
  }

  private static int checked(long value, Index index) {
    if (value != (int) value) {
      throw new IllegalArgumentException("index " + index + " leaves the range of 32 bits");
    }
    return (int) value;
  }

  private Value position(Index affine) {
    Rate rate = rates.of(affine);
    Value result = room(DType.INT32, rate);
    Where where = where(-1, 0, affine, Index.ZERO, rate);
    emit(steps(rate), "position", reg(result), null, null, null, where);
    return result;
  }

  private Value atom(Index.Atom atom, @Nullable Value allowed) {
    return switch (atom) {
      case Index.Div div -> divided("quotient", div.of(), div.by(), allowed);
      case Index.Mod mod -> divided("remainder_of", mod.of(), mod.by(), allowed);
      case Index.Loaded loaded -> {
        Value may = and(allowed, guard(loaded.guard(), allowed));
        Value raw = gather(DType.INT32, loaded.argument(), loaded.at(), may);
        Value result = room(DType.INT32, raw.rate());
        Register fault = register(new Register.Parameter(Params.FAULT));
        Number bound = new Number(loaded.bound());
        emit(steps(raw.rate()), "check", reg(result), reg(raw), new Reg(fault), bound, null);
        yield result;
      }
      case Index.Axis axis -> position(Index.atom(axis));
    };
  }

  private Value divided(String word, Index of, long by, @Nullable Value allowed) {
    Value value = index(of, allowed);
    Value result = room(DType.INT32, value.rate());
    Number divisor = new Number(checked(by, of));
    emit(steps(value.rate()), word, reg(result), reg(value), null, divisor, null);
    return result;
  }

  /** Whether all bounds hold, as a value; null if they always do. */
  private @Nullable Value guard(List<Bound> bounds, @Nullable Value allowed) {
    Value holds = null;
    for (Bound bound : bounds) {
      if (bound.always()) {
        continue;
      }
      holds = and(holds, within(bound, and(allowed, holds)));
    }
    return holds;
  }

  private Value within(Bound bound, @Nullable Value allowed) {
    long low = Math.max(bound.low(), Integer.MIN_VALUE);
    long high = Math.min(bound.high(), 1L << 31);
    if (high <= low) {
      return truth(false);
    }
    Value value = index(bound.index(), allowed);
    Value result = room(DType.BOOL, value.rate());
    Number from = new Number((int) low);
    Number extent = new Number((int) (high - low));
    emit(steps(value.rate()), "within", reg(result), reg(value), from, extent, null);
    return result;
  }

  private @Nullable Value and(@Nullable Value a, @Nullable Value b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return word2("and_i", DType.BOOL, a, b);
  }

  private Value load(Scalar.Load load) {
    DType stored = loop.arguments().get(load.argument()).type();
    if (stored != load.type()) {
      throw new IllegalArgumentException(
          "a load of " + load.type() + " from an array of " + stored);
    }
    List<Bound> bounds = load.guard().stream().filter(b -> !b.always()).toList();
    boolean affine = load.at().isAffine() && bounds.stream().allMatch(b -> b.index().isAffine());
    if (affine && !bounds.isEmpty() && unit(load.type()) == 4) {
      Rate rate = rates.of(load.at()).max(rates.of(bounds));
      Value result = room(load.type(), rate);
      Guarded guarded = guarded(load, bounds, rate);
      emit(steps(rate), "load_guarded", reg(result), null, null, null, guarded);
      return result;
    }
    Value allowed = guard(bounds, null);
    Rate rate = rates.of(load.at());
    int unit = unit(load.type());
    if (allowed == null && (!load.at().isAffine() || hasShortRuns(load.at(), rate))) {
      Patterned patterned = patterned(load.argument(), unit, load.at(), rate);
      if (patterned != null) {
        Value result = room(load.type(), rate);
        emit(steps(rate), "load_" + unit + "_by", reg(result), null, null, null, patterned);
        return result;
      }
    }
    if (allowed != null || !load.at().isAffine()) {
      return gather(load.type(), load.argument(), load.at(), allowed);
    }
    Where where = where(load.argument(), unit, load.at(), Index.ZERO, rate);
    if (unit == 4 && rate == Rate.ONCE && mayPoint) {
      long bytes = load.at().constant() * unit;
      return new Value(load.type(), rate, register(new Register.Element(load.argument(), bytes)));
    }
    if (unit == 4 && where.contiguous() && mayPoint) {
      Value result = new Value(load.type(), rate, register(new Register.Pointer()));
      emit(steps(rate), "load_in_place", reg(result), null, null, null, where);
      return result;
    }
    Value result = room(load.type(), rate);
    emit(steps(rate), "load_" + unit, reg(result), null, null, null, where);
    return result;
  }

  private static int unit(DType type) {
    return switch (type) {
      case FLOAT32, INT32 -> 4;
      case BOOL -> 1;
      case FLOAT64 -> throw unsupported(type);
    };
  }

  private Value gather(DType type, int argument, Index at, @Nullable Value allowed) {
    Value index = index(at, allowed);
    Rate rate = allowed == null ? index.rate() : index.rate().max(allowed.rate());
    Value result = room(type, rate);
    Value position = vector(index, rate);
    Where where = array(argument, unit(type));
    String word = "gather_" + unit(type);
    if (allowed == null) {
      emit(steps(rate), word, reg(result), null, reg(position), null, where);
    } else {
      Value when = vector(allowed, rate);
      emit(steps(rate), word + "_if", reg(result), null, reg(position), reg(when), where);
    }
    return result;
  }

  private void store(Store store, Value value) {
    DType stored = loop.arguments().get(store.argument()).type();
    if (stored != value.type()) {
      throw new IllegalArgumentException(
          "a store of " + value.type() + " to an array of " + stored);
    }
    int unit = unit(stored);
    if (!store.at().isAffine()) {
      Value at = index(store.at(), null);
      Rate rate = at.rate().max(value.rate());
      Operand from = reg(vector(value, rate));
      Operand position = reg(vector(at, rate));
      Where where = array(store.argument(), unit);
      emit(steps(rate), "scatter_" + unit, null, from, position, null, where);
      return;
    }
    // What does not depend on the inner axes is stored with the kept elements.
    Rate rate = rates.of(store.at()).max(value.rate());
    Where where = where(store.argument(), unit, store.at(), Index.ZERO, rate);
    Value from = vector(value, rate);
    if (unit == 4 && where.contiguous() && mayAim) {
      long bytes = loop.arguments().get(store.argument()).size() * unit;
      if (direct && bytes >= layout.streamBytes() && rate != Rate.ONCE) {
        emit(steps(rate), "stream", null, reg(from), null, null, where);
        return;
      }
      if (aim(steps(rate), from, where)) {
        return;
      }
    }
    emit(steps(rate), "store_" + unit, null, reg(from), null, null, where);
  }

  /** Lets the step that computes a value write it to memory itself, if that can be. */
  private boolean aim(List<Step> steps, Value value, Where where) {
    Register target = value.register();
    if (!(target.home instanceof Register.Room room)) {
      return false;
    }
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (step.makes(target)) {
        if (!step.inPlace()) {
          return false;
        }
        Register own = register(room);
        target.home = new Register.Pointer();
        steps.add(i, new Step("aim", new Reg(target), new Reg(own), null, null, where, false));
        emit(steps, "land", null, new Reg(own), null, null, where);
        return true;
      }
    }
    return false;
  }

  private Value noise(Scalar.Noise noise) {
    Rate rate = rates.of(noise.element()).max(rates.of(noise.sample()));
    String word = word(noise);
    Operand block = new Reg(register(new Register.Parameter(0)));
    if (noise.element().isAffine() && noise.sample().isAffine()) {
      Value result = room(noise.type(), rate);
      emit(steps(rate), word, reg(result), null, null, block, draw(noise, rate));
      return result;
    }
    Value element = index(noise.element(), null);
    Value sample = index(noise.sample(), null);
    Rate lowest = element.rate().max(sample.rate());
    Value result = room(noise.type(), lowest);
    Draw draw = new Draw(noise.keyWord(), noise.rowSize(), array(-1, 0));
    Operand at = reg(vector(element, lowest));
    Operand of = reg(vector(sample, lowest));
    emit(steps(lowest), word + "_at", reg(result), at, of, block, draw);
    return result;
  }

  private Draw draw(Scalar.Noise noise, Rate rate) {
    Where where = where(-1, 0, noise.element(), noise.sample(), rate);
    return new Draw(noise.keyWord(), noise.rowSize(), where);
  }

  // Folds.

  /** A fold over nothing. */
  private Value nothing(Fold fold) {
    return switch (fold.kind()) {
      case SUM, RUNNING_SUM, CHAIN, ARGMAX, ARGMIN -> constant(fold.type(), 0);
      case MAX, MIN -> bits(fold.type(), start(fold));
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
      case FLOAT64 -> throw unsupported(DType.FLOAT64);
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
          real ? word2("add_f", value.type(), value, constant(value.type(), 0)) : value;
      case CHAIN -> {
        if (!real) {
          yield word2("mul_i", value.type(), value, factor);
        }
        Rate rate = value.rate().max(factor.rate());
        Value result = room(value.type(), rate);
        Operand a = reg(vector(value, rate));
        Operand b = reg(vector(factor, rate));
        emit(steps(rate), "chain_one", reg(result), a, b, null, null);
        yield result;
      }
      case MAX, MIN -> value;
      case ARGMAX, ARGMIN -> constant(DType.INT32, 0);
    };
  }

  private Value fold(Fold fold, Value given, Value factor, int tiles) {
    check(fold);
    Value value = vector(given, Rate.INNER);
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
    Value result = room(fold.type(), Rate.KEPT);
    Operand d = reg(result);
    Operand a = reg(value);
    if (layout.narrow()) {
      Operand b =
          switch (fold.kind()) {
            case CHAIN -> reg(vector(factor, Rate.INNER));
            case MAX, MIN -> reg(bits(fold.type(), start(fold)));
            default -> null;
          };
      emit(phase.body, word + suffix + "_narrow", d, a, b, null, null);
      return result;
    }
    switch (word) {
      case "sum" -> sum(word + suffix, d, a, tiles);
      case "argmax", "argmin" -> {
        Operand best = reg(room(value.type(), Rate.KEPT));
        begin(d, 0);
        begin(best, 0);
        emit(phase.body, word + suffix, d, a, best, null, null);
      }
      default -> {
        Operand b = fold.kind() == FoldKind.CHAIN ? reg(vector(factor, Rate.INNER)) : null;
        boolean extreme = fold.kind() == FoldKind.MAX || fold.kind() == FoldKind.MIN;
        begin(d, extreme ? start(fold) : 0);
        emit(phase.body, word + suffix, d, a, b, null, null);
      }
    }
    if (tiles >= 0 && !word.equals("sum")) {
      Number split = new Number((int) layout.split());
      emit(phase.tail, "store_split", null, d, null, split, array(tiles, 4));
    }
    return result;
  }

  private void begin(Operand d, int bits) {
    emit(phase.head, "begin", d, null, null, new Number(bits), null);
  }

  private void sum(String word, Operand d, Operand a, int tiles) {
    Register lanes =
        register(
            new Register.Room(BlockLayout.roomFor(layout.chunk() * layout.lanes(phase.extent))));
    Operand c = new Reg(lanes);
    if (tiles >= 0) {
      Operand b = new Reg(register(new Register.Element(tiles, 0)));
      emit(phase.body, word, null, a, b, c, null);
      emit(phase.tail, word + "_end_tiles", null, null, b, c, null);
      return;
    }
    long count = Math.ceilDiv(phase.extent, BlockLayout.SUM_TILE) * layout.chunk();
    Operand b = new Reg(register(new Register.Room(BlockLayout.roomFor(count))));
    emit(phase.body, word, null, a, b, c, null);
    emit(phase.tail, word + "_end", d, null, b, c, null);
  }

  // Rates, forms and registers.

  private List<Step> steps(Rate rate) {
    return switch (rate) {
      case ONCE -> program.once;
      case KEPT -> phase.head;
      case INNER -> phase.body;
    };
  }

  /** A value as an operand of a pass at some rate: as one value for the block, if it is one. */
  private Value operand(Value value, Rate rate) {
    return form(value, rate) == 's' ? value : vector(value, rate);
  }

  private char form(Value value, Rate rate) {
    if (value.rate() == rate) {
      return 'v';
    }
    boolean one = value.rate() == Rate.ONCE || layout.chunk() == 1;
    return one ? 's' : 'v';
  }

  /** A value as a register of the block, one number for every element. */
  private Value vector(Value value, Rate rate) {
    if (value.rate() == rate) {
      return value;
    }
    if (form(value, rate) == 's') {
      Value result = room(value.type(), rate);
      emit(steps(rate), "splat", reg(result), reg(value), null, null, null);
      return result;
    }
    if (layout.sharesKept()) {
      return new Value(value.type(), rate, value.register());
    }
    Value known = expanded.get(value.register());
    if (known != null) {
      return new Value(value.type(), rate, known.register());
    }
    Value result = room(value.type(), rate);
    String word = layout.narrow() ? "spread" : "repeat";
    emit(phase.head, word, reg(result), reg(value), null, null, null);
    expanded.put(value.register(), result);
    return result;
  }

  private Value room(DType type, Rate rate) {
    long count =
        switch (rate) {
          case ONCE -> 1;
          case KEPT -> layout.chunk();
          case INNER -> layout.chunk() * phase.block;
        };
    return new Value(type, rate, register(new Register.Room(BlockLayout.roomFor(count))));
  }

  private Register register(Register.Home home) {
    Register register = new Register(program.registers.size(), home);
    program.registers.add(register);
    return register;
  }

  private static Operand reg(Value value) {
    return new Reg(value.register());
  }

  private void emit(
      List<Step> steps,
      String word,
      @Nullable Operand d,
      @Nullable Operand a,
      @Nullable Operand b,
      @Nullable Operand c,
      @Nullable Object more) {
    boolean inPlace = words.inPlace(word);
    steps.add(new Step(word, d, a, b, c, more, inPlace));
  }

  // Positions.

  private static Where array(int argument, int unit) {
    return new Where(argument, unit, 0, 0, At.START, List.of(), At.START, endless());
  }

  private static List<Axis> endless() {
    return List.of(new Axis(ENDLESS, 0, 0));
  }

  /** An axis with the strides of all indices that are walked together. */
  private record Walk(long extent, List<Long> strides) {
    boolean continues(Walk slow) {
      for (int i = 0; i < strides.size(); i++) {
        if (slow.strides.get(i) != extent * strides.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** The axes of a position: some give one offset for a block, the others run along it. */
  private record Walks(At farAt, List<Walk> far, At nearAt, List<Walk> near) {
    List<Long> strides(int index) {
      List<Long> strides = new ArrayList<>();
      far.forEach(w -> strides.add(w.strides.get(index)));
      near.forEach(w -> strides.add(w.strides.get(index)));
      return strides;
    }
  }

  private Where where(int argument, int unit, Index index, Index second, Rate rate) {
    return where(argument, unit, index, second, walks(List.of(index, second), rate));
  }

  private static Where where(int argument, int unit, Index index, Index second, Walks walks) {
    return new Where(
        argument,
        unit,
        index.constant(),
        second.constant(),
        walks.farAt,
        axes(walks.far),
        walks.nearAt,
        axes(walks.near));
  }

  private static List<Axis> axes(List<Walk> walks) {
    return walks.stream().map(w -> new Axis(w.extent, w.strides.get(0), w.strides.get(1))).toList();
  }

  /** Whether an affine index is walked in runs so short that a table of offsets is faster. */
  private boolean hasShortRuns(Index index, Rate rate) {
    List<Walk> near = walks(List.of(index, Index.ZERO), rate).near;
    Walk fastest = near.get(near.size() - 1);
    long stride = fastest.strides.get(0);
    return near.size() > 1 && fastest.extent < (stride == 0 || stride == 1 ? SHORT_RUN : LONG_RUN);
  }

  /**
   * An index as a table over its fastest axes; null if what it divides or loads stands in the way.
   */
  private @Nullable Patterned patterned(int argument, int unit, Index index, Rate rate) {
    List<Integer> kept = axes(0, loop.kept().size());
    List<Integer> innerAxes = axes(loop.kept().size(), inner.size());
    List<Integer> far = List.of();
    List<Integer> near;
    if (rate == Rate.ONCE || (rate == Rate.INNER && layout.isStrip())) {
      return null;
    } else if (rate == Rate.KEPT) {
      near = kept;
    } else if (layout.narrow()) {
      near = joined(kept, innerAxes);
    } else if (layout.chunk() == 1 || layout.sharesKept()) {
      far = layout.chunk() == 1 ? kept : innerAxes;
      near = layout.chunk() == 1 ? innerAxes : kept;
    } else {
      near = joined(innerAxes, kept);
    }
    int first = near.size();
    long size = 1;
    while (first > 0 && size * rates.extent(near.get(first - 1)) <= Pattern.MOST) {
      size *= rates.extent(near.get(--first));
    }
    List<Integer> fast = near.subList(first, near.size());
    Index outer = Index.of(index.constant());
    Index table = Index.ZERO;
    for (Index.Term term : index.terms()) {
      Index part = Index.atom(term.atom()).times(term.factor());
      if (Pattern.within(term.atom(), fast)) {
        table = table.plus(part);
      } else if (term.atom() instanceof Index.Axis) {
        outer = outer.plus(part);
      } else {
        return null;
      }
    }
    if (size == 1) {
      return null;
    }
    Walks walks = walks(List.of(outer, Index.ZERO), rate);
    List<Walk> slow = merge(walks(near.subList(0, first), List.of(outer, Index.ZERO)));
    List<Walk> all = concat(slow, List.of(new Walk(size, List.of(0L, 0L))));
    Walks patterned =
        new Walks(walks.farAt, merge(walks(far, List.of(outer, Index.ZERO))), walks.nearAt, all);
    Where where = where(argument, unit, outer, Index.ZERO, patterned);
    List<Integer> extents = fast.stream().map(rates::extent).toList();
    return new Patterned(where, Pattern.table(table, fast, extents));
  }

  private static List<Integer> axes(int first, int count) {
    return IntStream.range(first, first + count).boxed().toList();
  }

  private static List<Integer> joined(List<Integer> slow, List<Integer> fast) {
    return Stream.concat(slow.stream(), fast.stream()).toList();
  }

  private Guarded guarded(Scalar.Load load, List<Bound> bounds, Rate rate) {
    List<Index> indices = new ArrayList<>(List.of(load.at(), Index.ZERO));
    bounds.forEach(b -> indices.add(b.index()));
    Walks walks = walks(indices, rate);
    List<Limit> limits = new ArrayList<>();
    for (int i = 0; i < bounds.size(); i++) {
      Bound bound = bounds.get(i);
      long base = bound.index().constant();
      limits.add(new Limit(bound.low(), bound.high(), base, walks.strides(i + 2)));
    }
    return new Guarded(where(load.argument(), 4, load.at(), Index.ZERO, walks), limits);
  }

  private Walks walks(List<Index> indices, Rate rate) {
    int keptAxes = loop.kept().size();
    List<Walk> kept = walks(0, keptAxes, indices);
    List<Walk> innerAxes = walks(keptAxes, inner.size(), indices);
    At farAt = At.START;
    List<Walk> far = List.of();
    At nearAt;
    List<Walk> near;
    if (rate == Rate.ONCE) {
      nearAt = At.START;
      near = List.of();
    } else if (rate == Rate.KEPT) {
      nearAt = At.KEPT;
      near = kept;
    } else if (layout.narrow()) {
      nearAt = At.BLOCK;
      near = concat(kept, innerAxes);
    } else if (layout.chunk() == 1) {
      farAt = At.KEPT;
      far = kept;
      nearAt = At.INNER;
      near = innerAxes;
    } else if (layout.sharesKept()) {
      farAt = At.INNER;
      far = innerAxes;
      nearAt = At.KEPT;
      near = kept;
    } else if (layout.isStrip()) {
      farAt = At.KEPT;
      far = kept;
      nearAt = At.BLOCK;
      Walk along = kept.stream().filter(w -> w.extent > 1).toList().getLast();
      near = concat(innerAxes, List.of(new Walk(layout.chunk(), along.strides)));
    } else {
      nearAt = At.BLOCK;
      near = concat(innerAxes, kept);
    }
    List<Walk> nearest = merge(near);
    if (nearest.isEmpty()) {
      nearest = List.of(new Walk(ENDLESS, indices.stream().map(i -> 0L).toList()));
    }
    return new Walks(farAt, merge(far), nearAt, nearest);
  }

  private List<Walk> walks(int first, int count, List<Index> indices) {
    return walks(axes(first, count), indices);
  }

  private List<Walk> walks(List<Integer> axes, List<Index> indices) {
    List<Walk> walks = new ArrayList<>();
    for (int axis : axes) {
      walks.add(new Walk(rates.extent(axis), indices.stream().map(x -> x.stride(axis)).toList()));
    }
    return walks;
  }

  private static List<Walk> concat(List<Walk> slow, List<Walk> fast) {
    List<Walk> all = new ArrayList<>(slow);
    all.addAll(fast);
    return all;
  }

  /** Axes that one stride walks through become one. */
  private static List<Walk> merge(List<Walk> walks) {
    List<Walk> merged = new ArrayList<>();
    for (Walk walk : walks) {
      if (walk.extent == 1) {
        continue;
      }
      int last = merged.size() - 1;
      if (last >= 0 && walk.continues(merged.get(last))) {
        long extent = merged.get(last).extent * walk.extent;
        merged.set(last, new Walk(extent, walk.strides));
      } else {
        merged.add(walk);
      }
    }
    if (merged.size() > MOST_AXES) {
      throw new UnsupportedOperationException(
          "The CPU device walks at most " + MOST_AXES + " axes of different strides.");
    }
    return merged;
  }
}
