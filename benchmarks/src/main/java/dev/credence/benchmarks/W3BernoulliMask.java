package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;

/** W3: inverted dropout with p = 0.5, forward and backward with one mask that is never stored. */
final class W3BernoulliMask implements Workload {
  static final int N = 1 << 24;

  private record Arrays(Tensor x, Tensor dy) {}

  private final State<Arrays> state;
  private final Program program;
  private int step;

  W3BernoulliMask(Device device, int n) {
    Key key = Key.ROOT.split("initial");
    state =
        State.of(
            device,
            1,
            new Arrays(Tensor.normal(key.split("x"), n), Tensor.normal(key.split("dy"), n)));
    Arrays in = state.tree();
    Tensor y = Dropout.of(in.x(), 0.5, Key.ROOT.split("mask"));
    Tensor dx = Gradients.of(y.mul(in.dy()).sumAll(), List.of(in.x())).get(0);
    program = Program.on(device, state).output("y", y).output("dx", dx).build();
  }

  static Envelope envelope(int n) {
    return Envelope.bytes(16.0 * n).words(n);
  }

  @Override
  public void run() {
    program.step(++step).run();
  }

  @Override
  public String verify() {
    run();
    return Check.halfKept(
        state.read(state.tree().x()).floats(),
        state.read(state.tree().dy()).floats(),
        program.get("y").floats(),
        program.get("dx").floats());
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
