package dev.credence.train;

import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The predictive distribution of a classification: T draws in leaves of 8, each leaf reduced on the
 * device to sums of probabilities, entropies and votes, the sums added up in order on the host.
 * What is kept does not grow with T.
 *
 * <p>Thread-safe: one prediction at a time, and never while weights are taken over.
 *
 * @param <W> the tree of weights
 */
final class ClassPredictive<W> implements Served.Predictor<W> {
  private static final int LEAF = 8;
  private static final String COUNT = "draws";
  private static final Key DRAWS = Key.ROOT.split("predict");

  private final State<W> weights;
  private final Standardiser inputs;
  private final Outputs<W> model;
  private final long seed;
  private final Map<Integer, Program> drawing = new TreeMap<>();
  private final Map<Integer, Program> averaging = new TreeMap<>();
  private final int classes;
  private final int block;
  private boolean closed;

  /**
   * Takes the weights over, and closes them when closed.
   *
   * @param block the most rows that go through a program at once
   */
  ClassPredictive(
      State<W> weights, Standardiser inputs, int classes, Outputs<W> model, int block, long seed) {
    this.weights = weights;
    this.inputs = inputs;
    this.classes = classes;
    this.model = model;
    this.block = block;
    this.seed = seed;
  }

  @Override
  public synchronized void adopt(State<W> now) {
    weights.copyFrom(now);
  }

  /** What happens to inputs. */
  Standardiser inputs() {
    return inputs;
  }

  /** How many classes there are. */
  int classes() {
    return classes;
  }

  /** Asks, or changes, the weights between predictions; null after closing. */
  synchronized <R> @Nullable R weights(Function<State<W>, R> question) {
    return closed ? null : question.apply(weights);
  }

  private Tensor x(int rows) {
    return Tensor.input("x", TensorType.of(DType.FLOAT32, rows, inputs.centre().length));
  }

  private Program drawing(int rows) {
    Tensor logP = model.draws(weights.tree(), x(rows), LEAF, DRAWS).logSoftmax(-1);
    Tensor p = logP.exp();
    Tensor entropy = p.mul(logP).sum(-1).neg();
    Tensor best = logP.argmax(-1).unsqueeze(-1).broadcast(p.shape());
    Tensor vote = Tensor.iota(p.shape(), -1).equal(best).cast(DType.FLOAT32);
    return Program.on(weights.device(), weights)
        .output("p", counted(p).sum(0))
        .output("entropy", counted(entropy).sum(0))
        .output("votes", counted(vote).sum(0))
        .build()
        .seed(seed);
  }

  private Program averaging(int rows) {
    Tensor p = model.average(weights.tree(), x(rows)).softmax(-1);
    return Program.on(weights.device(), weights).output("p", p).build();
  }

  /** Zero beyond the draws that count. */
  private static Tensor counted(Tensor draws) {
    Shape shape = draws.shape();
    return Tensor.iota(shape, 0).less(Tensor.integer(COUNT)).select(draws, draws.zerosLike());
  }

  /**
   * What some draws say of some rows.
   *
   * @param firstRow which row of a longer table the first one is
   * @param firstDraw the first of the draws
   * @param draws how many
   * @return null after closing
   */
  synchronized @Nullable ClassPrediction predict(
      float[][] x, int firstRow, int firstDraw, int draws) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    double[][] sums = new double[x.length][classes];
    double[][] votes = new double[x.length][classes];
    double[] entropies = new double[x.length];
    Blocks.each(
        x.length,
        block,
        (size, first, end) -> {
          Program program = drawing.computeIfAbsent(size, this::drawing);
          program.firstRow(firstRow + first).set("x", inputs.apply(x, first, end, size));
          for (int t = 0; t < draws; t += LEAF) {
            int count = Math.min(LEAF, draws - t);
            program.firstSample(firstDraw + t).number(COUNT, count).run();
            float[] entropy = program.get("entropy").floats();
            for (int i = first; i < end; i++) {
              entropies[i] += entropy[i - first];
            }
            add(program.get("p").floats(), sums, first, end);
            add(program.get("votes").floats(), votes, first, end);
          }
        });
    return new ClassPrediction(draws, sums, entropies, votes);
  }

  private static void add(float[] leaf, double[][] sums, int first, int end) {
    for (int i = first; i < end; i++) {
      int classes = sums[i].length;
      for (int c = 0; c < classes; c++) {
        sums[i][c] += leaf[(i - first) * classes + c];
      }
    }
  }

  /** The probabilities that the weights' mean gives; null after closing. */
  synchronized float @Nullable [][] average(float[][] x) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    float[][] p = new float[x.length][classes];
    Blocks.each(
        x.length,
        block,
        (size, first, end) -> {
          Program program = averaging.computeIfAbsent(size, this::averaging);
          program.set("x", inputs.apply(x, first, end, size)).run();
          float[] flat = program.get("p").floats();
          for (int i = first; i < end; i++) {
            System.arraycopy(flat, (i - first) * classes, p[i], 0, classes);
          }
        });
    return p;
  }

  @Override
  public synchronized void close() {
    closed = true;
    drawing.values().forEach(Program::close);
    drawing.clear();
    averaging.values().forEach(Program::close);
    averaging.clear();
    weights.close();
  }
}
