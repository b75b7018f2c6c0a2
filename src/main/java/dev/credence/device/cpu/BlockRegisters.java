package dev.credence.device.cpu;

import dev.credence.device.cpu.BlockProgram.Operand;
import dev.credence.device.cpu.BlockProgram.Reg;
import dev.credence.device.cpu.BlockProgram.Register;
import dev.credence.device.cpu.BlockProgram.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives every register of a program its room in the scratch memory: room whose value is no longer
 * needed is used again, lowest first, so that a block's values stay in the first-level cache.
 */
final class BlockRegisters {
  /** The steps at which a register is in use. */
  private static final class Life {
    int first = Integer.MAX_VALUE;
    int last = -1;

    void at(int step) {
      first = Math.min(first, step);
      last = Math.max(last, step);
    }

    void with(Life other) {
      at(other.first);
      at(other.last);
    }
  }

  private record Taken(long offset, long bytes, Register register) {
    long end() {
      return offset + bytes;
    }
  }

  private final BlockProgram program;
  private final Map<Register, Life> lives = new IdentityHashMap<>();
  private final List<Step> order = new ArrayList<>();

  private BlockRegisters(BlockProgram program) {
    this.program = program;
  }

  static void assign(BlockProgram program) {
    BlockRegisters registers = new BlockRegisters(program);
    registers.live();
    registers.place();
  }

  private void live() {
    walk(program.once);
    int chunkBegins = order.size();
    List<int[]> bodies = new ArrayList<>();
    for (BlockProgram.Phase phase : program.phases) {
      walk(phase.head);
      int from = order.size();
      walk(phase.body);
      bodies.add(new int[] {from, order.size() - 1});
      walk(phase.tail);
    }
    int end = order.size();
    for (int i = 0; i < order.size(); i++) {
      Step step = order.get(i);
      if (step.word().equals("aim")) {
        // The target may lead to this room for as long as the target is in use.
        life(step.a()).with(life(step.d()));
      }
    }
    for (Life life : lives.values()) {
      // What a body shares with the rest stays in use while the body runs block after block.
      for (int[] body : bodies) {
        boolean within = life.first >= body[0] && life.last <= body[1];
        boolean apart = life.last < body[0] || life.first > body[1];
        if (!within && !apart) {
          life.at(body[0]);
          life.at(body[1]);
        }
      }
      if (life.first < chunkBegins) {
        life.at(end);
      }
    }
  }

  private void walk(List<Step> steps) {
    for (Step step : steps) {
      for (Register register : step.registers()) {
        lives.computeIfAbsent(register, r -> new Life()).at(order.size());
      }
      order.add(step);
    }
  }

  private Life life(@Nullable Operand operand) {
    if (operand instanceof Reg(Register register)) {
      return life(register);
    }
    throw new IllegalStateException("a step lacks a register");
  }

  private Life life(Register register) {
    Life life = lives.get(register);
    if (life == null) {
      throw new IllegalStateException("a register is in no step");
    }
    return life;
  }

  private void place() {
    List<Register> byFirst = new ArrayList<>(lives.keySet());
    byFirst.removeIf(r -> !(r.home instanceof Register.Room));
    byFirst.sort(Comparator.comparingInt((Register r) -> life(r).first).thenComparing(r -> r.slot));
    List<Taken> taken = new ArrayList<>();
    for (Register register : byFirst) {
      if (!(register.home instanceof Register.Room(long bytes))) {
        continue;
      }
      int first = life(register).first;
      taken.removeIf(t -> life(t.register).last < first);
      Taken inherited = inherited(register, bytes, first, taken);
      if (inherited != null) {
        taken.remove(inherited);
      }
      register.offset = inherited != null ? inherited.offset : gap(bytes, taken);
      taken.add(new Taken(register.offset, bytes, register));
      program.scratchBytes = Math.max(program.scratchBytes, register.offset + bytes);
    }
  }

  /** The room of an operand that dies in the step that makes this register, if that step may. */
  private @Nullable Taken inherited(Register register, long bytes, int first, List<Taken> taken) {
    Step step = order.get(first);
    if (!step.inPlace() || !(step.d() instanceof Reg(Register d)) || d != register) {
      return null;
    }
    for (Taken t : taken) {
      boolean operand = step.registers().contains(t.register);
      if (operand && t.bytes == bytes && life(t.register).last == first) {
        return t;
      }
    }
    return null;
  }

  private static long gap(long bytes, List<Taken> taken) {
    taken.sort(Comparator.comparingLong(Taken::offset));
    long at = 0;
    for (Taken t : taken) {
      if (t.offset - at >= bytes) {
        break;
      }
      at = Math.max(at, t.end());
    }
    return at;
  }
}
