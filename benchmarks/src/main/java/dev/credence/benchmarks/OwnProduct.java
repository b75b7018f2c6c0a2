package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;

/** A matrix product by Credence. */
final class OwnProduct implements Workload {
  private record Factors(Tensor a, Tensor b) {}

  private final Product shape;
  private final State<Factors> state;
  private final Program program;

  OwnProduct(Device device, Product shape) {
    this.shape = shape;
    Key key = Key.ROOT.split("product");
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    Tensor a = Tensor.normal(key.split("a"), m, k);
    Tensor b = Tensor.normal(key.split("b"), k, n);
    state =
        State.of(
            device,
            1,
            new Factors(
                shape.transposedA() ? a.reshape(k, m) : a,
                shape.transposedB() ? b.reshape(n, k) : b));
    Factors f = state.tree();
    Tensor left = shape.transposedA() ? f.a().transpose() : f.a();
    Tensor right = shape.transposedB() ? f.b().transpose() : f.b();
    program = Program.on(device, state).output("c", left.matmul(right)).build();
  }

  @Override
  public void run() {
    program.run();
  }

  @Override
  public String verify() {
    run();
    return shape.check(
        state.read(state.tree().a()).floats(),
        state.read(state.tree().b()).floats(),
        program.get("c").floats());
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
