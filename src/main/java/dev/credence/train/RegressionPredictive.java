package dev.credence.train;

import dev.credence.dist.Normal;
import dev.credence.model.Likelihood;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The predictive distribution of a regression: T draws of its weights, in leaves of 32, each leaf
 * reduced on the device (mean of the means, their squared deviations, mean of the variances), the
 * leaves merged in order on the host (Chan, Golub and LeVeque 1979). Rows go through programs for
 * blocks of 1, 32 or 1024 rows, so no number of rows needs a program of its own; which block a row
 * falls into changes no bit of what is said of it.
 *
 * <p>Thread-safe: one prediction at a time, and never while weights are taken over.
 *
 * @param <W> the tree of weights
 */
final class RegressionPredictive<W> implements Served.Predictor<W> {
  private static final int LEAF = 32;
  private static final int[] BLOCKS = {1, 32, 1024};
  private static final String COUNT = "draws";
  private static final Key DRAWS = Key.ROOT.split("predict");

  /** How a net's raw outputs are drawn. */
  interface Draws<W> {
    /**
     * T draws of the raw outputs.
     *
     * @param x rows, shape (B, in)
     * @return shape (T, B, outputs)
     */
    Tensor draws(W weights, Tensor x, int samples, Key key);

    /** Raw outputs of the weights' mean, without a draw, of shape (B, outputs). */
    Tensor average(W weights, Tensor x);
  }

  private final State<W> weights;
  private final Standardiser inputs;
  private final Standardiser target;
  private final Likelihood.Normals likelihood;
  private final Draws<W> model;
  private final long seed;
  private final Map<Integer, Program> drawing = new TreeMap<>();
  private final Map<Integer, Program> averaging = new TreeMap<>();
  private boolean closed;

  /** Takes the weights over, and closes them when closed. */
  RegressionPredictive(
      State<W> weights,
      Standardiser inputs,
      Standardiser target,
      Likelihood.Normals likelihood,
      Draws<W> model,
      long seed) {
    this.weights = weights;
    this.inputs = inputs;
    this.target = target;
    this.likelihood = likelihood;
    this.model = model;
    this.seed = seed;
  }

  @Override
  public synchronized void adopt(State<W> now) {
    weights.copyFrom(now);
  }

  private Program drawing(int rows) {
    Normal draws = likelihood.of(model.draws(weights.tree(), x(rows), LEAF, DRAWS));
    Tensor loc = draws.loc().reshape(LEAF, rows);
    Tensor scale = draws.scale().reshape(LEAF, rows);
    Tensor count = Tensor.integer(COUNT);
    Tensor counted = Tensor.iota(loc.shape(), 0).less(count);
    Tensor share = count.cast(DType.FLOAT32).pow(-1);
    Tensor zeros = loc.zerosLike();
    Tensor mean = counted.select(loc, zeros).sum(0).mul(share);
    return Program.on(weights.device(), weights)
        .output("mean", mean)
        .output("squares", counted.select(loc.sub(mean).square(), zeros).sum(0))
        .output("noise", counted.select(scale.square(), zeros).sum(0).mul(share))
        .output("loc", loc)
        .output("scale", scale)
        .build()
        .seed(seed);
  }

  private Program averaging(int rows) {
    Normal y = likelihood.of(model.average(weights.tree(), x(rows)));
    return Program.on(weights.device(), weights)
        .output("loc", y.loc().reshape(rows))
        .output("scale", y.scale().reshape(rows))
        .build();
  }

  private Tensor x(int rows) {
    return Tensor.input("x", TensorType.of(DType.FLOAT32, rows, inputs.centre().length));
  }

  /** Hears of every block of rows: its program, and which rows lie in it. */
  @FunctionalInterface
  private interface Block {
    void at(Program program, int size, int first, int end);
  }

  private void blocks(float[][] x, int firstRow, IntFunction<Program> programs, Block block) {
    Tables.requireRows(x, inputs.centre().length);
    for (int from = 0; from < x.length; ) {
      int size = block(x.length - from);
      int to = Math.min(x.length, from + size);
      Program program = programs.apply(size);
      program.firstRow(firstRow + from).set("x", inputs.apply(x, from, to, size));
      block.at(program, size, from, to);
      from = to;
    }
  }

  /**
   * What is said of some rows.
   *
   * @param firstRow which row of a longer table the first one is
   * @param draws how many
   * @return null after closing
   */
  synchronized @Nullable Prediction predict(float[][] x, int firstRow, int draws) {
    if (closed) {
      return null;
    }
    int n = x.length;
    Moments moments = new Moments(new double[n], new double[n], new double[n]);
    float[][] loc = new float[draws][n];
    float[][] scale = new float[draws][n];
    blocks(
        x,
        firstRow,
        size -> drawing.computeIfAbsent(size, this::drawing),
        (program, size, from, to) -> {
          for (int t = 0; t < draws; t += LEAF) {
            int count = Math.min(LEAF, draws - t);
            program.firstSample(t).number(COUNT, count).run();
            moments.merge(program, from, to - from, t, count);
            copy(program.get("loc").floats(), size, loc, t, from, to);
            copy(program.get("scale").floats(), size, scale, t, from, to);
          }
        });
    for (int i = 0; i < n; i++) {
      moments.squares[i] /= draws;
    }
    return new Prediction(
        target.centre()[0],
        target.unit()[0],
        moments.mean,
        moments.squares,
        moments.noise,
        loc,
        scale);
  }

  /** What draw t alone says of some rows: a mixture of one; null after closing. */
  synchronized @Nullable Prediction draw(float[][] x, int firstRow, int t) {
    if (closed) {
      return null;
    }
    float[][] loc = new float[1][x.length];
    float[][] scale = new float[1][x.length];
    blocks(
        x,
        firstRow,
        size -> drawing.computeIfAbsent(size, this::drawing),
        (program, size, from, to) -> {
          program.firstSample(t).number(COUNT, 1).run();
          copy(program.get("loc").floats(), size, loc, 0, from, to);
          copy(program.get("scale").floats(), size, scale, 0, from, to);
        });
    return Prediction.of(target.centre()[0], target.unit()[0], loc[0], scale[0]);
  }

  /** What one pass with the weights' means says of some rows; null after closing. */
  synchronized @Nullable Prediction average(float[][] x) {
    if (closed) {
      return null;
    }
    float[][] loc = new float[1][x.length];
    float[][] scale = new float[1][x.length];
    blocks(
        x,
        0,
        size -> averaging.computeIfAbsent(size, this::averaging),
        (program, size, from, to) -> {
          program.run();
          System.arraycopy(program.get("loc").floats(), 0, loc[0], from, to - from);
          System.arraycopy(program.get("scale").floats(), 0, scale[0], from, to - from);
        });
    return Prediction.of(target.centre()[0], target.unit()[0], loc[0], scale[0]);
  }

  /** The weights as they are now, which the caller closes; null after closing. */
  synchronized @Nullable State<W> weights() {
    return closed ? null : weights.snapshot();
  }

  Standardiser inputs() {
    return inputs;
  }

  Standardiser target() {
    return target;
  }

  /** The block that the next rows go through: full ones where they pay, else the smallest. */
  private static int block(int left) {
    if (left == 1) {
      return BLOCKS[0];
    }
    return left > BLOCKS[2] / 2 ? BLOCKS[2] : BLOCKS[1];
  }

  private static void copy(float[] from, int block, float[][] to, int t, int first, int end) {
    for (int k = 0; k < LEAF && t + k < to.length; k++) {
      System.arraycopy(from, k * block, to[t + k], first, end - first);
    }
  }

  /** Of each row: mean, squared deviations and mean variance of the draws so far. */
  private record Moments(double[] mean, double[] squares, double[] noise) {
    void merge(Program leaf, int first, int rows, int before, int count) {
      float[] mean = leaf.get("mean").floats();
      float[] squares = leaf.get("squares").floats();
      float[] noise = leaf.get("noise").floats();
      double share = (double) count / (before + count);
      for (int i = 0; i < rows; i++) {
        int row = first + i;
        double delta = mean[i] - this.mean[row];
        this.mean[row] += delta * share;
        this.squares[row] += squares[i] + delta * delta * before * share;
        this.noise[row] += (noise[i] - this.noise[row]) * share;
      }
    }
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
