package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;

/** W1: w = mu + softplus(rho) * eps with eps freshly drawn. */
final class W1SampleWeights implements Workload {
  static final int N = 1 << 24;

  private final State<Gaussian> state;
  private final Program program;
  private int step;

  W1SampleWeights(Device device, int n) {
    state = State.of(device, 1, Gaussian.initial(n));
    Gaussian q = state.tree();
    Tensor w = q.sample(Key.ROOT.split("eps"));
    program = Program.on(device, state).output("w", w).build();
  }

  static Envelope envelope(int n) {
    return Envelope.bytes(12.0 * n).normals(n);
  }

  @Override
  public void run() {
    program.step(++step).run();
  }

  @Override
  public String verify() {
    run();
    float[] before = program.get("w").floats();
    run();
    float[] w = program.get("w").floats();
    Check.that(w[0] != before[0], "the noise is not drawn afresh");
    return Check.standardNormal(
        w, state.read(state.tree().mu()).floats(), state.read(state.tree().rho()).floats());
  }

  @Override
  public List<Program> programs() {
    return List.of(program);
  }

  @Override
  public void close() {
    program.close();
    state.close();
  }
}
