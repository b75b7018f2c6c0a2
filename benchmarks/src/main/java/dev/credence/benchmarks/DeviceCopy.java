package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;

/** A ceiling: a copy between two large arrays, as the device itself does it. */
final class DeviceCopy implements Workload {
  static final int N = 1 << 25;
  static final double BYTES = 8.0 * N;

  private record Arrays(Tensor from, Tensor to) {}

  private final State<Arrays> state;
  private final Program program;

  DeviceCopy(Device device) {
    TensorType type = TensorType.of(DType.FLOAT32, N);
    state = State.of(device, 1, new Arrays(Tensor.fill(1, type), Tensor.zeros(type)));
    program = Program.on(device, state).update(state.tree().to(), state.tree().from()).build();
  }

  @Override
  public void run() {
    program.run();
  }

  @Override
  public String verify() {
    run();
    Check.that(state.read(state.tree().to()).floats()[N - 1] == 1, "nothing was copied");
    return "copied";
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
