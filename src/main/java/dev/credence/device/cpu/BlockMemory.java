package dev.credence.device.cpu;

import static dev.credence.device.cpu.BlockSteps.reg;

import dev.credence.device.cpu.BlockProgram.Draw;
import dev.credence.device.cpu.BlockProgram.Guarded;
import dev.credence.device.cpu.BlockProgram.Number;
import dev.credence.device.cpu.BlockProgram.Operand;
import dev.credence.device.cpu.BlockProgram.Patterned;
import dev.credence.device.cpu.BlockProgram.Reg;
import dev.credence.device.cpu.BlockProgram.Register;
import dev.credence.device.cpu.BlockProgram.Step;
import dev.credence.device.cpu.BlockProgram.Where;
import dev.credence.device.cpu.BlockSteps.Value;
import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Params;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Indices of one phase as values, and what is read, written and drawn at them, by the cheapest step
 * there is: in place, in runs, through a table, or element by element.
 */
final class BlockMemory {
  /** An index with the condition under which memory may be read for it. */
  private record Allowed(Index index, @Nullable Value allowed) {}

  private final Loop loop;
  private final BlockLayout layout;
  private final BlockSteps out;
  private final Rates rates;
  private final BlockPositions positions;
  private final boolean direct;
  private final Map<Allowed, Value> indices = new HashMap<>();

  /**
   * For a phase.
   *
   * @param out where the steps go
   * @param direct whether arrays written share no memory with those read
   */
  BlockMemory(Loop loop, BlockLayout layout, BlockSteps out, Rates rates, boolean direct) {
    this.loop = loop;
    this.layout = layout;
    this.out = out;
    this.rates = rates;
    this.direct = direct;
    positions = new BlockPositions(layout, rates);
  }

  /** An index as a value; memory is read for it only where that is allowed (null: everywhere). */
  Value index(Index index, @Nullable Value allowed) {
    checked(index.min(), index);
    checked(index.max(), index);
    if (index.isConstant()) {
      return out.bits(DType.INT32, (int) index.constant());
    }
    Allowed key = new Allowed(index, index.contains(Index.Loaded.class) ? allowed : null);
    Value known = indices.get(key);
    if (known != null) {
      return known;
    }
    Patterned patterned =
        index.isAffine() ? null : positions.patterned(-1, 0, index, rates.of(index));
    if (patterned != null) {
      Value result = out.room(DType.INT32, rates.of(index));
      out.emit(out.steps(result.rate()), "position_by", reg(result), null, null, null, patterned);
      indices.put(key, result);
      return result;
    }
    Index affine = Index.of(index.constant());
    for (Index.Term term : index.terms()) {
      if (term.atom() instanceof Index.Axis) {
        affine = affine.plus(Index.atom(term.atom()).times(term.factor()));
      }
    }
    Value sum =
        affine.isConstant() ? out.bits(DType.INT32, (int) affine.constant()) : position(affine);
    boolean nothing = affine.isConstant() && affine.constant() == 0;
    for (Index.Term term : index.terms()) {
      if (term.atom() instanceof Index.Axis) {
        continue;
      }
      Value atom = atom(term.atom(), allowed);
      Value product =
          term.factor() == 1
              ? atom
              : out.word2("mul_i", DType.INT32, atom, out.bits(DType.INT32, (int) term.factor()));
      sum = nothing ? product : out.word2("add_i", DType.INT32, sum, product);
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
    Value result = out.room(DType.INT32, rate);
    Where where = positions.where(-1, 0, affine, Index.ZERO, rate);
    out.emit(out.steps(rate), "position", reg(result), null, null, null, where);
    return result;
  }

  private Value atom(Index.Atom atom, @Nullable Value allowed) {
    return switch (atom) {
      case Index.Div div -> divided("quotient", div.of(), div.by(), allowed);
      case Index.Mod mod -> divided("remainder_of", mod.of(), mod.by(), allowed);
      case Index.Loaded loaded -> {
        Value may = and(allowed, guard(loaded.guard(), allowed));
        Value raw = gather(DType.INT32, loaded.argument(), loaded.at(), may);
        Value result = out.room(DType.INT32, raw.rate());
        Register fault = out.register(new Register.Parameter(Params.FAULT));
        Number bound = new Number(loaded.bound());
        out.emit(
            out.steps(raw.rate()), "check", reg(result), reg(raw), new Reg(fault), bound, null);
        yield result;
      }
      case Index.Axis axis -> position(Index.atom(axis));
    };
  }

  private Value divided(String word, Index of, long by, @Nullable Value allowed) {
    Value value = index(of, allowed);
    Value result = out.room(DType.INT32, value.rate());
    Number divisor = new Number(checked(by, of));
    out.emit(out.steps(value.rate()), word, reg(result), reg(value), null, divisor, null);
    return result;
  }

  /** Whether all bounds hold, as a value; null if they always do. */
  @Nullable Value guard(List<Bound> bounds, @Nullable Value allowed) {
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
      return out.truth(false);
    }
    Value value = index(bound.index(), allowed);
    Value result = out.room(DType.BOOL, value.rate());
    Number from = new Number((int) low);
    Number extent = new Number((int) (high - low));
    out.emit(out.steps(value.rate()), "within", reg(result), reg(value), from, extent, null);
    return result;
  }

  private @Nullable Value and(@Nullable Value a, @Nullable Value b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return out.word2("and_i", DType.BOOL, a, b);
  }

  /**
   * An element of an argument.
   *
   * @param mayPoint whether it may be read where it lies, later
   */
  Value load(Scalar.Load load, boolean mayPoint) {
    DType stored = loop.arguments().get(load.argument()).type();
    if (stored != load.type()) {
      throw new IllegalArgumentException(
          "a load of " + load.type() + " from an array of " + stored);
    }
    List<Bound> bounds = load.guard().stream().filter(b -> !b.always()).toList();
    boolean affine = load.at().isAffine() && bounds.stream().allMatch(b -> b.index().isAffine());
    if (affine && !bounds.isEmpty() && unit(load.type()) == 4) {
      Rate rate = rates.of(load.at()).max(rates.of(bounds));
      Value result = out.room(load.type(), rate);
      Guarded guarded = positions.guarded(load, bounds, rate);
      out.emit(out.steps(rate), "load_guarded", reg(result), null, null, null, guarded);
      return result;
    }
    Value allowed = guard(bounds, null);
    Rate rate = rates.of(load.at());
    int unit = unit(load.type());
    if (allowed == null && (!load.at().isAffine() || positions.hasShortRuns(load.at(), rate))) {
      Patterned patterned = positions.patterned(load.argument(), unit, load.at(), rate);
      if (patterned != null) {
        Value result = out.room(load.type(), rate);
        out.emit(out.steps(rate), "load_" + unit + "_by", reg(result), null, null, null, patterned);
        return result;
      }
    }
    if (allowed != null || !load.at().isAffine()) {
      return gather(load.type(), load.argument(), load.at(), allowed);
    }
    Where where = positions.where(load.argument(), unit, load.at(), Index.ZERO, rate);
    if (unit == 4 && rate == Rate.ONCE && mayPoint) {
      long bytes = load.at().constant() * unit;
      return new Value(
          load.type(), rate, out.register(new Register.Element(load.argument(), bytes)));
    }
    if (unit == 4 && where.contiguous() && mayPoint) {
      Value result = new Value(load.type(), rate, out.register(new Register.Pointer()));
      out.emit(out.steps(rate), "load_in_place", reg(result), null, null, null, where);
      return result;
    }
    Value result = out.room(load.type(), rate);
    out.emit(out.steps(rate), "load_" + unit, reg(result), null, null, null, where);
    return result;
  }

  private static int unit(DType type) {
    return switch (type) {
      case FLOAT32, INT32 -> 4;
      case BOOL -> 1;
      case FLOAT64 -> throw BlockSteps.unsupported(type);
    };
  }

  private Value gather(DType type, int argument, Index at, @Nullable Value allowed) {
    Value index = index(at, allowed);
    Rate rate = allowed == null ? index.rate() : index.rate().max(allowed.rate());
    Value result = out.room(type, rate);
    Value position = out.vector(index, rate);
    Where where = BlockPositions.array(argument, unit(type));
    String word = "gather_" + unit(type);
    if (allowed == null) {
      out.emit(out.steps(rate), word, reg(result), null, reg(position), null, where);
    } else {
      Value when = out.vector(allowed, rate);
      out.emit(out.steps(rate), word + "_if", reg(result), null, reg(position), reg(when), where);
    }
    return result;
  }

  /**
   * Writes a value into an argument.
   *
   * @param mayAim whether it may be computed straight into the array
   */
  void store(Store store, Value value, boolean mayAim) {
    DType stored = loop.arguments().get(store.argument()).type();
    if (stored != value.type()) {
      throw new IllegalArgumentException(
          "a store of " + value.type() + " to an array of " + stored);
    }
    int unit = unit(stored);
    if (!store.at().isAffine()) {
      Value at = index(store.at(), null);
      Rate rate = at.rate().max(value.rate());
      Operand from = reg(out.vector(value, rate));
      Operand position = reg(out.vector(at, rate));
      Where where = BlockPositions.array(store.argument(), unit);
      out.emit(out.steps(rate), "scatter_" + unit, null, from, position, null, where);
      return;
    }
    // What does not depend on the inner axes is stored with the kept elements.
    Rate rate = rates.of(store.at()).max(value.rate());
    Where where = positions.where(store.argument(), unit, store.at(), Index.ZERO, rate);
    Value from = out.vector(value, rate);
    if (unit == 4 && where.contiguous() && mayAim) {
      long bytes = loop.arguments().get(store.argument()).size() * unit;
      if (direct && bytes >= layout.streamBytes() && rate != Rate.ONCE) {
        out.emit(out.steps(rate), "stream", null, reg(from), null, null, where);
        return;
      }
      if (aim(out.steps(rate), from, where)) {
        return;
      }
    }
    out.emit(out.steps(rate), "store_" + unit, null, reg(from), null, null, where);
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
        Register own = out.register(room);
        target.home = new Register.Pointer();
        steps.add(i, new Step("aim", new Reg(target), new Reg(own), null, null, where, false));
        out.emit(steps, "land", null, new Reg(own), null, null, where);
        return true;
      }
    }
    return false;
  }

  /** A draw as a value. */
  Value noise(Scalar.Noise noise) {
    Rate rate = rates.of(noise.element()).max(rates.of(noise.sample()));
    String word = BlockWords.draw(noise.kind());
    Operand block = new Reg(out.register(new Register.Parameter(0)));
    if (noise.element().isAffine() && noise.sample().isAffine()) {
      Value result = out.room(noise.type(), rate);
      out.emit(out.steps(rate), word, reg(result), null, null, block, draw(noise, rate));
      return result;
    }
    Value element = index(noise.element(), null);
    Value sample = index(noise.sample(), null);
    Rate lowest = element.rate().max(sample.rate());
    Value result = out.room(noise.type(), lowest);
    Draw draw = new Draw(noise.keyWord(), noise.rowSize(), BlockPositions.array(-1, 0));
    Operand at = reg(out.vector(element, lowest));
    Operand of = reg(out.vector(sample, lowest));
    out.emit(out.steps(lowest), word + "_at", reg(result), at, of, block, draw);
    return result;
  }

  /** A draw at an affine position. */
  Draw draw(Scalar.Noise noise, Rate rate) {
    Where where = positions.where(-1, 0, noise.element(), noise.sample(), rate);
    return new Draw(noise.keyWord(), noise.rowSize(), where);
  }
}
