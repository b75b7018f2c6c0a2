package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.Shape;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * W10: an epoch of a regression MLP 13-50-1 with dropout on 455 rows that lie on the device: three
 * steps of 128 rows and one of the 71 that are left, gathered by an order that is shuffled for each
 * epoch.
 */
final class W10TinyStep implements Workload {
  static final int ROWS = 455;
  static final int BATCH = 128;
  static final int FEATURES = 13;
  static final double P = 0.05;
  static final double DECAY = 1e-4;

  private record Kept(
      List<Dense> layers, List<List<Dense>> moments, Tensor x, Tensor y, Tensor order) {}

  private final State<Kept> state;
  private final Program full;
  private final Program last;
  private final int[] order = IntStream.range(0, ROWS).toArray();
  private final SplittableRandom random = new SplittableRandom(1);
  private int step;

  W10TinyStep(Device device) {
    Key key = Key.ROOT.split("tiny");
    List<Dense> layers = Dense.stack(key, FEATURES, 50, 1);
    List<Dense> zeros = Tree.map(layers, (path, weight) -> weight.zerosLike());
    Tensor x = Tensor.normal(key.split("x"), ROWS, FEATURES);
    Tensor y = x.sum(1).sin().reshape(ROWS, 1);
    Tensor inOrder = Tensor.iota(Shape.of(ROWS), 0);
    state = State.of(device, 1, new Kept(layers, List.of(zeros, zeros), x, y, inOrder));
    full = step(device, BATCH);
    last = step(device, ROWS % BATCH);
  }

  private Program step(Device device, int rows) {
    Kept kept = state.tree();
    Tensor at = Tensor.iota(Shape.of(rows), 0).add(Tensor.integer("position"));
    Tensor index = kept.order().take(at, 0);
    Tensor x = kept.x().take(index, 0);
    Tensor y = kept.y().take(index, 0);
    List<Dense> layers = kept.layers();
    Key key = Key.ROOT.split("masks");
    Tensor hidden = layers.get(0).apply(Dropout.of(x, P, key.fold(0))).relu();
    Tensor out = layers.get(1).apply(Dropout.of(hidden, P, key.fold(1)));
    Tensor penalty =
        layers.stream()
            .map(layer -> layer.weight().square().sumAll())
            .reduce(Tensor.scalar(0), Tensor::add);
    Tensor loss = out.sub(y).square().meanAll().add(penalty.mul(DECAY));
    List<Tensor> weights = Tree.list(layers);
    List<Tensor> gradients = Gradients.of(loss, weights);
    List<List<Tensor>> moments = kept.moments().stream().map(Tree::list).toList();
    Program.Builder builder = Program.on(device, state).output("loss", loss);
    for (int i = 0; i < weights.size(); i++) {
      List<Tensor> own = List.of(moments.get(0).get(i), moments.get(1).get(i));
      Optimizer.ADAM.update(builder, weights.get(i), gradients.get(i), own);
    }
    return builder.build();
  }

  /** Bytes are those of a step: the rows gathered, and parameters with moments. */
  static Envelope envelope() {
    double parameters = Dense.parameters(FEATURES, 50, 1);
    double rows = ROWS / 4.0;
    return Envelope.bytes(
            4 * rows * (FEATURES + 2) + parameters * Optimizer.ADAM.bytesPerParameter())
        .flops(rows * Dense.trainingFlops(FEATURES, 50, 1))
        .words(rows * (FEATURES + 50));
  }

  @Override
  public int steps() {
    return (ROWS + BATCH - 1) / BATCH;
  }

  @Override
  public void run() {
    shuffle();
    state.write(state.tree().order(), order);
    for (int position = 0; position < ROWS; position += BATCH) {
      Program program = position + BATCH <= ROWS ? full : last;
      step++;
      Optimizer.ADAM.numbers(program, step);
      program.step(step).number("position", position).run();
    }
  }

  private void shuffle() {
    for (int i = ROWS - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  @Override
  public String verify() {
    return Check.goesDown(
        () -> {
          run();
          return last.scalar("loss");
        });
  }

  @Override
  public List<Program> programs() {
    return List.of(full, last);
  }

  @Override
  public void close() {
    full.close();
    last.close();
    state.close();
  }
}
