package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * A training step on one batch that lies on the device: forward, backward and update as one
 * program.
 *
 * @param <W> a tree of weights
 * @param <D> a tree of data
 */
final class Training<W, D> implements Workload {
  private record Kept<W, D>(W weights, List<W> moments, D data) {}

  private final State<Kept<W, D>> state;
  private final Optimizer optimizer;
  private final Program program;
  private int step;

  /**
   * A step.
   *
   * @param weights expressions that the weights start as
   * @param data expressions that the batch is made by
   * @param model the terms to read after a step; the one called loss is minimised
   */
  Training(
      Device device,
      W weights,
      D data,
      Optimizer optimizer,
      BiFunction<W, D, Map<String, Tensor>> model) {
    this.optimizer = optimizer;
    List<W> zeros =
        IntStream.range(0, optimizer.moments())
            .mapToObj(i -> Tree.map(weights, (path, weight) -> weight.zerosLike()))
            .toList();
    state = State.of(device, 1, new Kept<>(weights, zeros, data));
    Kept<W, D> kept = state.tree();
    Map<String, Tensor> terms = model.apply(kept.weights(), kept.data());
    List<Tensor> parameters = Tree.list(kept.weights());
    List<Tensor> gradients = Gradients.of(terms.get("loss"), parameters);
    List<List<Tensor>> moments = kept.moments().stream().map(Tree::list).toList();
    Program.Builder builder = Program.on(device, state);
    // Map.of has another order in every JVM, and the order of outputs is part of a program.
    new TreeMap<>(terms).forEach(builder::output);
    for (int i = 0; i < parameters.size(); i++) {
      int at = i;
      List<Tensor> own = moments.stream().map(m -> m.get(at)).toList();
      optimizer.update(builder, parameters.get(i), gradients.get(i), own);
    }
    program = builder.build();
  }

  @Override
  public void run() {
    step++;
    optimizer.numbers(program, step);
    program.step(step).run();
  }

  @Override
  public String verify() {
    return Check.goesDown(
        () -> {
          run();
          return term("loss");
        });
  }

  /** The parameters that hold the weights. */
  W weights() {
    return state.tree().weights();
  }

  /** The numbers of a weight as they are now. */
  float[] read(Tensor weight) {
    return state.read(weight).floats();
  }

  /** A term of the last step. */
  double term(String name) {
    return program.scalar(name);
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
