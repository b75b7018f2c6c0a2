package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;

/**
 * A prediction that averages class probabilities over many draws, a few draws at a time, so that
 * memory does not grow with their number. What all draws share is worked out once.
 *
 * @param <W> a tree of weights and data
 * @param <S> a tree of what all draws share
 */
final class Predictive<W, S> implements Workload {
  private record Kept<W, S>(W given, S shared, Tensor sum) {}

  private final int samples;
  private final int chunk;
  private final State<Kept<W, S>> state;
  private final Program share;
  private final Program draw;
  private final Program finish;

  /** How the draws that share something are made. */
  interface Draws<W, S> {
    /** What does not depend on the draw. */
    S shared(W given);

    /** The logits [draws, rows, classes] of some draws. */
    Tensor logits(W given, S shared, int draws);
  }

  /**
   * A prediction.
   *
   * @param given expressions for weights and data
   * @param samples how many draws
   * @param chunk how many of them at a time; divides samples
   */
  Predictive(Device device, W given, Draws<W, S> draws, int rows, int samples, int chunk) {
    if (samples % chunk != 0) {
      throw new IllegalArgumentException(samples + " draws are not made " + chunk + " at a time");
    }
    this.samples = samples;
    this.chunk = chunk;
    TensorType probabilities = TensorType.of(DType.FLOAT32, rows, 10);
    S room = Tree.map(draws.shared(given), (path, t) -> t.zerosLike());
    state = State.of(device, 1, new Kept<>(given, room, Tensor.zeros(probabilities)));
    Kept<W, S> kept = state.tree();
    share =
        Program.on(device, state)
            .updates(kept.shared(), draws.shared(kept.given()))
            .update(kept.sum(), kept.sum().zerosLike())
            .build();
    Tensor logits = draws.logits(kept.given(), kept.shared(), chunk);
    draw =
        Program.on(device, state)
            .update(kept.sum(), kept.sum().add(logits.softmax(-1).sum(0)))
            .build();
    Tensor mean = kept.sum().mul(1.0 / samples);
    Tensor entropy = mean.mul(mean.add(1e-12).log()).sum(1).neg();
    finish = Program.on(device, state).output("mean", mean).output("entropy", entropy).build();
  }

  @Override
  public void run() {
    share.run();
    for (int t = 0; t < samples; t += chunk) {
      draw.firstSample(t).run();
    }
    finish.run();
  }

  @Override
  public String verify() {
    run();
    return Check.predictive(finish.get("mean").floats(), finish.get("entropy").floats());
  }

  @Override
  public List<Program> programs() {
    return List.of(draw, share, finish);
  }

  @Override
  public void close() {
    programs().forEach(Program::close);
    state.close();
  }
}
