package dev.credence.device.cpu;

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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a program with its addresses down as C reads it: the structs of native/blocks.h. */
final class BlockWriter {
  private static final long HEADER = 13 * 8;
  private static final long PHASE = 10 * 8;
  private static final long STEP = 32;
  private static final long WHERE = 40;
  private static final long AXIS = 24;
  private static final long DRAW = 16;
  private static final long DRAWS = 4 * 8;
  private static final long PATTERN = 8;
  private static final long LIMIT = (3 + 16) * 8;
  private static final long CONSTANT = 64;
  private static final long FRAME = 48;

  private final BlockProgram program;
  private final BlockWords words;
  private final long[] arguments;
  private final long params;
  private final MemorySegment memory;
  private final Map<Integer, Long> constants = new HashMap<>();
  private long used;

  private BlockWriter(
      BlockProgram program,
      BlockWords words,
      long[] arguments,
      long params,
      Arena arena,
      int parts) {
    this.program = program;
    this.words = words;
    this.arguments = arguments;
    this.params = params;
    memory = arena.allocate(bound(program, parts), 64);
  }

  /**
   * Writes a program down.
   *
   * @param arguments addresses of the arrays
   * @param params address of the parameter block
   * @param scratch address of the first part's scratch memory
   * @param stride bytes from one part's scratch memory to the next
   * @return the address of the descriptor
   */
  static long write(
      BlockProgram program,
      BlockWords words,
      long[] arguments,
      long params,
      long scratch,
      long stride,
      int parts,
      Arena arena) {
    return new BlockWriter(program, words, arguments, params, arena, parts)
        .write(scratch, stride, parts);
  }

  private long write(long scratch, long stride, int parts) {
    take(HEADER + PHASE * program.phases.size());
    long frameBytes = frameBytes(program);
    long frames = take(frameBytes * parts);
    for (int part = 0; part < parts; part++) {
      frame(frames + part * frameBytes, scratch + part * stride);
    }
    longs(
        0,
        memory.address() + frames,
        frameBytes,
        parts,
        program.units(),
        program.kept,
        program.chunk,
        program.splits,
        program.split);
    steps(64, program.once);
    steps(80, program.last);
    longs(96, program.phases.size());
    long at = HEADER;
    for (BlockProgram.Phase phase : program.phases) {
      steps(at, phase.head);
      steps(at + 16, phase.body);
      steps(at + 32, phase.tail);
      longs(at + 48, phase.extent, phase.block, phase.keptStride, phase.innerStride);
      at += PHASE;
    }
    return memory.address();
  }

  private void frame(long frame, long scratch) {
    for (Register register : program.registers) {
      long address =
          switch (register.home) {
            case Register.Room room -> scratch + register.offset;
            case Register.Constant c -> constant(c.bits());
            case Register.Parameter p -> params + 4L * p.word();
            case Register.Element e -> arguments[e.argument()] + e.bytes();
            case Register.Pointer p -> 0;
          };
      longs(frame + FRAME + 8L * register.slot, address);
    }
  }

  /** Constants fill 16 values, since a pass over one value computes 16. */
  private long constant(int bits) {
    Long known = constants.get(bits);
    if (known != null) {
      return known;
    }
    long at = take(CONSTANT);
    for (int i = 0; i < 16; i++) {
      memory.set(ValueLayout.JAVA_INT, at + 4L * i, bits);
    }
    constants.put(bits, memory.address() + at);
    return memory.address() + at;
  }

  private void steps(long field, List<Step> steps) {
    long first = take(STEP * steps.size());
    longs(field, memory.address() + first, memory.address() + first + STEP * steps.size());
    long at = first;
    for (Step step : steps) {
      longs(at, words.address(step.word()));
      ints(at + 8, number(step.d()), number(step.a()), number(step.b()), number(step.c()));
      longs(at + 24, more(step.more()));
      at += STEP;
    }
  }

  private static int number(@Nullable Operand operand) {
    return switch (operand) {
      case null -> 0;
      case Reg(Register register) -> register.slot;
      case Number(int value) -> value;
    };
  }

  private long more(@Nullable Object more) {
    return switch (more) {
      case Where where -> memory.address() + where(take(bytes(where)), where);
      case Guarded guarded -> memory.address() + guarded(guarded);
      case Patterned patterned -> {
        long table = take(4L * patterned.table().length);
        ints(table, patterned.table());
        long at = take(PATTERN + bytes(patterned.where()));
        longs(at, memory.address() + table);
        where(at + PATTERN, patterned.where());
        yield memory.address() + at;
      }
      case Draw draw -> draw(draw);
      case Fused fused -> {
        List<Register> operands = fused.operands();
        long at = take(bytes(fused));
        for (int i = 0; i < fused.draws().size(); i++) {
          longs(at + 8L * i, draw(fused.draws().get(i)));
        }
        ints(at + DRAWS, fused.params().slot);
        for (int i = 0; i < operands.size(); i++) {
          ints(at + DRAWS + 4 + 4L * i, operands.get(i).slot);
        }
        yield memory.address() + at;
      }
      case null, default -> 0;
    };
  }

  private long draw(Draw draw) {
    long at = take(DRAW + bytes(draw.where()));
    longs(at, draw.keyWord(), draw.rowSize());
    where(at + DRAW, draw.where());
    return memory.address() + at;
  }

  private static long bytes(Fused fused) {
    return DRAWS + 4 + 4L * fused.operands().size();
  }

  private long guarded(Guarded guarded) {
    long at = take(bytes(guarded));
    long where = where(take(bytes(guarded.where())), guarded.where());
    longs(at, memory.address() + where, guarded.limits().size());
    long next = at + 16;
    for (Limit limit : guarded.limits()) {
      longs(next, limit.low(), limit.high(), limit.base());
      for (int axis = 0; axis < limit.strides().size(); axis++) {
        longs(next + 24 + 8L * axis, limit.strides().get(axis));
      }
      next += LIMIT;
    }
    return at;
  }

  private static long bytes(Guarded guarded) {
    return 16 + LIMIT * guarded.limits().size();
  }

  private long where(long at, Where where) {
    longs(at, where.argument() < 0 ? 0 : arguments[where.argument()], where.base(), where.second());
    ints(
        at + 24,
        where.far().size(),
        where.near().size(),
        where.farAt().ordinal(),
        where.nearAt().ordinal());
    long next = at + WHERE;
    for (List<Axis> axes : List.of(where.far(), where.near())) {
      for (Axis axis : axes) {
        longs(next, axis.extent(), axis.stride(), axis.second());
        next += AXIS;
      }
    }
    return at;
  }

  private static long bytes(Where where) {
    return WHERE + AXIS * (where.far().size() + where.near().size());
  }

  private static long bytes(Draw draw) {
    return DRAW + bytes(draw.where()) + 64;
  }

  private static long frameBytes(BlockProgram program) {
    return Math.ceilDiv(FRAME + 8L * program.registers.size(), 64) * 64;
  }

  /** An upper bound on what the program takes. */
  private static long bound(BlockProgram program, int parts) {
    long bytes = 64 + HEADER + PHASE * program.phases.size() + parts * (frameBytes(program) + 64);
    bytes += (CONSTANT + 64) * program.registers.size();
    for (Step step : program.steps()) {
      bytes += STEP + 64;
      bytes +=
          switch (step.more()) {
            case Where where -> bytes(where) + 64;
            case Guarded guarded -> bytes(guarded) + bytes(guarded.where()) + 128;
            case Patterned p -> PATTERN + bytes(p.where()) + 4L * p.table().length + 128;
            case Draw draw -> bytes(draw);
            case Fused fused ->
                bytes(fused) + 64 + fused.draws().stream().mapToLong(BlockWriter::bytes).sum();
            case null, default -> 0;
          };
    }
    return bytes + 64 * 4L * (program.phases.size() + 1);
  }

  /** Room aligned to 64 bytes. */
  private long take(long bytes) {
    long at = used;
    used += Math.ceilDiv(bytes, 64) * 64;
    return at;
  }

  private void longs(long at, long... values) {
    for (int i = 0; i < values.length; i++) {
      memory.set(ValueLayout.JAVA_LONG, at + 8L * i, values[i]);
    }
  }

  private void ints(long at, int... values) {
    for (int i = 0; i < values.length; i++) {
      memory.set(ValueLayout.JAVA_INT, at + 4L * i, values[i]);
    }
  }
}
