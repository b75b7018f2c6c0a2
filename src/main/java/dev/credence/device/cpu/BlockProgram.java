package dev.credence.device.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loop compiled for the block interpreter (native/blocks.h), before it knows where its arrays
 * lie. {@link BlockCompiler} makes it, {@link BlockWriter} writes it down for C.
 */
final class BlockProgram {
  /** What a position counts from: the order is that of the enum in blocks.h. */
  enum At {
    START,
    KEPT,
    INNER,
    BLOCK
  }

  /** One axis of a walk; second is the stride of another index walked in step. */
  record Axis(long extent, long stride, long second) {}

  /**
   * An affine position.
   *
   * @param argument the array, or -1 if there is none
   * @param unit bytes of an element
   * @param far axes that give one offset for a whole block, slowest first
   * @param near axes that run along the block, slowest first, at least one
   */
  record Where(
      int argument,
      int unit,
      long base,
      long second,
      At farAt,
      List<Axis> far,
      At nearAt,
      List<Axis> near) {
    /** Whether neighbours in the block are neighbours in memory. */
    boolean contiguous() {
      return near.size() == 1 && near.get(0).stride() == 1;
    }
  }

  /**
   * A condition on a position's axes: low &lt;= base + strides * coordinates &lt; high.
   *
   * @param strides of the far axes, then of the near ones
   */
  record Limit(long low, long high, long base, List<Long> strides) {}

  /** A position that counts only where all limits are kept. */
  record Guarded(Where where, List<Limit> limits) {}

  /**
   * A position whose fastest axis takes its offsets from a table.
   *
   * @param where with an axis of the table's length and no stride in the last place
   */
  record Patterned(Where where, int[] table) {}

  /** A draw, whose position's first index is the element and the second the sample. */
  record Draw(int keyWord, int rowSize, Where where) {}

  /**
   * What a step that computes a whole body works on.
   *
   * @param name what the body is called
   * @param nanos about how long it takes for one value
   * @param params the register that leads to the parameter block
   */
  record Fused(
      String name,
      double nanos,
      List<Draw> draws,
      Register params,
      List<Register> arrays,
      List<Register> numbers,
      List<Register> results) {
    /** All but the parameter block, in the order in which C wants them. */
    List<Register> operands() {
      return Stream.of(arrays, numbers, results).flatMap(List::stream).toList();
    }
  }

  /** A place that steps read and write: a slot of the frame's table. */
  static final class Register {
    /** What the slot points to when a frame is made. */
    sealed interface Home {}

    /** Room in the scratch memory. */
    record Room(long bytes) implements Home {}

    /** A constant. */
    record Constant(int bits) implements Home {}

    /** A word of the parameter block. */
    record Parameter(int word) implements Home {}

    /** An element of an argument. */
    record Element(int argument, long bytes) implements Home {}

    /** Nothing yet: a step sets it. */
    record Pointer() implements Home {}

    final int slot;
    Home home;
    long offset;

    Register(int slot, Home home) {
      this.slot = slot;
      this.home = home;
    }
  }

  /** An operand of a step: a register or a number. */
  sealed interface Operand {}

  record Reg(Register register) implements Operand {}

  record Number(int value) implements Operand {}

  /**
   * One pass.
   *
   * @param more what else it needs: a Where, a Draw, the operands of a body, or nothing
   * @param inPlace whether the result may lie where an operand did
   */
  record Step(
      String word,
      @Nullable Operand d,
      @Nullable Operand a,
      @Nullable Operand b,
      @Nullable Operand c,
      @Nullable Object more,
      boolean inPlace) {
    List<Register> registers() {
      List<Register> all = new ArrayList<>();
      for (Operand operand : new @Nullable Operand[] {d, a, b, c}) {
        if (operand instanceof Reg(Register register)) {
          all.add(register);
        }
      }
      if (more instanceof Fused fused) {
        all.addAll(fused.operands());
        all.add(fused.params());
      }
      return all;
    }

    /** Whether this step computes what a register holds. */
    boolean makes(Register register) {
      return more instanceof Fused fused
          ? fused.results().contains(register)
          : d instanceof Reg(Register own) && own == register;
    }
  }

  /** The steps of a phase. */
  static final class Phase {
    final List<Step> head = new ArrayList<>();
    final List<Step> body = new ArrayList<>();
    final List<Step> tail = new ArrayList<>();
    long extent;
    long block = 1;
    long keptStride;
    long innerStride;
  }

  final List<Register> registers = new ArrayList<>();
  final List<Step> once = new ArrayList<>();
  final List<Step> last = new ArrayList<>();
  final List<Phase> phases = new ArrayList<>();
  long kept;
  long chunk;
  long splits = 1;
  long split = Long.MAX_VALUE / 4;
  long scratchBytes;

  /** Estimated time on one thread. */
  double nanos;

  long units() {
    return Math.ceilDiv(kept, chunk) * splits;
  }

  /** All steps. */
  List<Step> steps() {
    List<Step> all = new ArrayList<>(once);
    for (Phase phase : phases) {
      all.addAll(phase.head);
      all.addAll(phase.body);
      all.addAll(phase.tail);
    }
    all.addAll(last);
    return all;
  }

  /** The steps, one line each, as tests and people read them. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("kept ").append(kept).append(" by ").append(chunk);
    text.append(splits == 1 ? "" : ", split by " + split).append('\n');
    list("once", once, text);
    for (Phase phase : phases) {
      text.append("phase ").append(phase.extent).append(" by ").append(phase.block).append('\n');
      list("head", phase.head, text);
      list("body", phase.body, text);
      list("tail", phase.tail, text);
    }
    list("last", last, text);
    return text.toString();
  }

  private static void list(String name, List<Step> steps, StringBuilder text) {
    for (Step step : steps) {
      text.append("  ").append(name).append(' ').append(step.word());
      for (Operand operand : new @Nullable Operand[] {step.d, step.a, step.b, step.c}) {
        switch (operand) {
          case null -> text.append(" -");
          case Number(int value) -> text.append(' ').append(value);
          case Reg(Register r) -> text.append(' ').append(name(r));
        }
      }
      if (step.more instanceof Where w && w.argument >= 0) {
        text.append(" a").append(w.argument);
      } else if (step.more instanceof Fused fused) {
        fused.operands().forEach(r -> text.append(' ').append(name(r)));
      }
      text.append('\n');
    }
  }

  private static String name(Register r) {
    return switch (r.home) {
      case Register.Room room -> "r" + r.slot;
      case Register.Constant c -> "#" + Integer.toHexString(c.bits());
      case Register.Parameter p -> "p" + p.word();
      case Register.Element e -> "a" + e.argument() + "+" + e.bytes();
      case Register.Pointer p -> "*" + r.slot;
    };
  }
}
