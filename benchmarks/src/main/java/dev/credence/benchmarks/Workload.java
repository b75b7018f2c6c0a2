package dev.credence.benchmarks;

import dev.credence.run.Program;
import java.util.List;

/** A task for Credence, which can say what it was compiled to. */
interface Workload extends Task {
  /** The programs that a run starts, each once, most important first. */
  List<Program> programs();
}
