package dev.credence.device.reference;

import dev.credence.kernel.Loop;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A loop with its memory, ready to run. The kept elements are taken a few hundred at a time; for
 * them all phases run one after the other, each keeping what it folded for the phases after it.
 */
final class LoopRun implements Runnable {
  private final long kept;
  private final List<PhaseRun> phases = new ArrayList<>();

  LoopRun(Loop loop, List<MemorySegment> arguments, MemorySegment params) {
    kept = loop.extent();
    List<List<Column>> folded = new ArrayList<>();
    for (Loop.Phase phase : loop.phases()) {
      Memory memory = new Memory(loop.arguments(), arguments, params);
      PhaseRun run = new PhaseRun(loop.kept(), phase, memory, List.copyOf(folded));
      phases.add(run);
      folded.add(run.results());
    }
  }

  @Override
  public void run() {
    for (long first = 0; first < kept; first += Points.MOST) {
      int count = (int) Math.min(Points.MOST, kept - first);
      for (PhaseRun phase : phases) {
        phase.run(first, count);
      }
    }
  }
}
