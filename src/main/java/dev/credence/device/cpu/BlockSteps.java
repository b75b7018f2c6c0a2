package dev.credence.device.cpu;

import dev.credence.device.cpu.BlockProgram.Operand;
import dev.credence.device.cpu.BlockProgram.Reg;
import dev.credence.device.cpu.BlockProgram.Register;
import dev.credence.device.cpu.BlockProgram.Step;
import dev.credence.type.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the steps of a program: which registers hold what, at what rate, and in what form a step
 * takes a value that changes less often than its result.
 */
final class BlockSteps {
  /** A value in a register. */
  record Value(DType type, Rate rate, Register register) {}

  private final BlockProgram program;
  private final BlockLayout layout;
  private final BlockWords words;
  private final Map<Integer, Register> constants = new HashMap<>();

  // The phase now written.
  private BlockProgram.Phase phase = new BlockProgram.Phase();
  private final Map<Register, Value> expanded = new HashMap<>();

  BlockSteps(BlockProgram program, BlockLayout layout, BlockWords words) {
    this.program = program;
    this.layout = layout;
    this.words = words;
  }

  /** Begins the next phase. */
  void begin(BlockProgram.Phase next) {
    phase = next;
    expanded.clear();
  }

  /** The number as a value. */
  Value constant(DType type, double value) {
    return switch (type) {
      case FLOAT32 -> bits(type, Float.floatToRawIntBits((float) value));
      case INT32, BOOL -> bits(type, (int) value);
      case FLOAT64 -> throw unsupported(type);
    };
  }

  Value truth(boolean value) {
    return bits(DType.BOOL, value ? 1 : 0);
  }

  /** A value by its bits. */
  Value bits(DType type, int bits) {
    Register register = constants.computeIfAbsent(bits, b -> register(new Register.Constant(b)));
    return new Value(type, Rate.ONCE, register);
  }

  /** Says that there is no arithmetic for a kind of elements. */
  static UnsupportedOperationException unsupported(DType type) {
    return new UnsupportedOperationException(
        "The CPU device computes in float32, int32 and bool, not in "
            + type
            + "; the reference device has it.");
  }

  /** A word of one operand. */
  Value word1(String word, DType type, Value of) {
    Value result = room(type, of.rate());
    emit(steps(of.rate()), word, reg(result), reg(of), null, null, null);
    return result;
  }

  /** A word of two operands, in the form that fits how often they change. */
  Value word2(String word, DType type, Value a, Value b) {
    Rate rate = a.rate().max(b.rate());
    Value result = room(type, rate);
    Value x = operand(a, rate);
    Value y = operand(b, rate);
    String form = form(x, y, rate);
    emit(steps(rate), word + form, reg(result), reg(x), reg(y), null, null);
    return result;
  }

  /** Where the steps of a rate go. */
  List<Step> steps(Rate rate) {
    return switch (rate) {
      case ONCE -> program.once;
      case KEPT -> phase.head;
      case INNER -> phase.body;
    };
  }

  /** A value as an operand of a pass at some rate: as one value for the block, if it is one. */
  Value operand(Value value, Rate rate) {
    return form(value, rate) == 's' ? value : vector(value, rate);
  }

  /** What the name of a word ends with that takes two operands: of each, vector or scalar. */
  String form(Value x, Value y, Rate rate) {
    return "_" + form(x, rate) + form(y, rate);
  }

  private char form(Value value, Rate rate) {
    if (value.rate() == rate) {
      return 'v';
    }
    boolean one = value.rate() == Rate.ONCE || layout.chunk() == 1;
    return one ? 's' : 'v';
  }

  /** A value as a register of the block, one number for every element. */
  Value vector(Value value, Rate rate) {
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

  /** A value that a step will compute. */
  Value room(DType type, Rate rate) {
    long count =
        switch (rate) {
          case ONCE -> 1;
          case KEPT -> layout.chunk();
          case INNER -> layout.chunk() * phase.block;
        };
    return new Value(type, rate, register(new Register.Room(BlockLayout.roomFor(count))));
  }

  /** A new register. */
  Register register(Register.Home home) {
    Register register = new Register(program.registers.size(), home);
    program.registers.add(register);
    return register;
  }

  /** A value as a step takes it. */
  static Operand reg(Value value) {
    return new Reg(value.register());
  }

  /** Adds a step. */
  void emit(
      List<Step> steps,
      String word,
      @Nullable Operand d,
      @Nullable Operand a,
      @Nullable Operand b,
      @Nullable Operand c,
      @Nullable Object more) {
    steps.add(new Step(word, d, a, b, c, more, words.inPlace(word)));
  }
}
