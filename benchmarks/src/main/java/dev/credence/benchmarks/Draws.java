package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.run.Program;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;

/** A ceiling: random numbers drawn and added up, so that no memory is in the way. */
final class Draws implements Workload {
  static final int N = 1 << 24;

  private final Program program;
  private final double expected;
  private int step;

  private Draws(Device device, Tensor sum, double expected) {
    this.expected = expected;
    program = Program.on(device).output("mean", sum.mul(1.0 / N)).build();
  }

  static Workload normals(Device device) {
    return new Draws(device, Tensor.normal(Key.ROOT.split("noise"), N).sumAll(), 0);
  }

  static Workload words(Device device) {
    Tensor one = Tensor.scalar(1);
    Tensor kept = Tensor.bernoulli(Key.ROOT.split("noise"), 0.5, N);
    return new Draws(device, kept.select(one, one.zerosLike()).sumAll(), 0.5);
  }

  @Override
  public void run() {
    program.step(++step).run();
  }

  @Override
  public String verify() {
    run();
    double mean = program.scalar("mean");
    Check.that(Math.abs(mean - expected) < 6 / Math.sqrt(N), "the mean is %g", mean);
    return Check.text("mean %.5f", mean);
  }

  @Override
  public List<Program> programs() {
    return List.of(program);
  }

  @Override
  public void close() {
    program.close();
  }
}
