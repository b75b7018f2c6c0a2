package dev.credence.train;

import dev.credence.dist.Normal;
import dev.credence.model.Likelihood;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The predictive distribution of a regression: T draws of its weights, in leaves of 32, each leaf
 * reduced on the device (mean of the means, their squared deviations, mean of the variances, and
 * logsumexp of the targets' log densities where targets are given), the leaves merged in order on
 * the host (Chan, Golub and LeVeque 1979). Which block a row falls into changes no bit of what is
 * said of it.
 *
 * <p>Thread-safe: one prediction at a time, and never while weights are taken over.
 *
 * @param <W> the tree of weights
 */
final class RegressionPredictive<W> implements Served.Predictor<W> {
  private static final int LEAF = 32;
  private static final int LARGEST = 1024;
  private static final String COUNT = "draws";
  private static final Key DRAWS = Key.ROOT.split("predict");

  private final State<W> weights;
  private final Standardiser inputs;
  private final Standardiser target;
  private final Likelihood.Normals likelihood;
  private final Outputs<W> model;
  private final long seed;
  private final Map<Integer, Program> drawing = new TreeMap<>();
  private final Map<Integer, Program> evaluating = new TreeMap<>();
  private final Map<Integer, Program> averaging = new TreeMap<>();
  private boolean closed;

  /** Takes the weights over, and closes them when closed. */
  RegressionPredictive(
      State<W> weights,
      Standardiser inputs,
      Standardiser target,
      Likelihood.Normals likelihood,
      Outputs<W> model,
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

  /** One leaf of draws of some rows: those that count, and the sums over them. */
  private record Leaf(Normal draws, Tensor counted, Tensor count) {
    Program.Builder outputs(Program.Builder program) {
      Tensor loc = draws.loc();
      Tensor share = count.cast(DType.FLOAT32).pow(-1);
      Tensor zeros = loc.zerosLike();
      Tensor mean = counted.select(loc, zeros).sum(0).mul(share);
      return program
          .output("mean", mean)
          .output("squares", counted.select(loc.sub(mean).square(), zeros).sum(0))
          .output("noise", counted.select(draws.scale().square(), zeros).sum(0).mul(share));
    }
  }

  private Leaf leaf(int rows) {
    Normal raw = likelihood.of(model.draws(weights.tree(), x(rows), LEAF, DRAWS));
    Normal draws = new Normal(raw.loc().reshape(LEAF, rows), raw.scale().reshape(LEAF, rows));
    Tensor count = Tensor.integer(COUNT);
    return new Leaf(draws, Tensor.iota(draws.loc().shape(), 0).less(count), count);
  }

  private Program drawing(int rows) {
    Leaf leaf = leaf(rows);
    return leaf.outputs(Program.on(weights.device(), weights))
        .output("loc", leaf.draws.loc())
        .output("scale", leaf.draws.scale())
        .build()
        .seed(seed);
  }

  private Program evaluating(int rows) {
    Leaf leaf = leaf(rows);
    Tensor y = Tensor.input("y", TensorType.of(DType.FLOAT32, rows));
    Tensor density = leaf.draws.logProb(y.broadcast(leaf.draws.loc().shape()));
    Tensor never = Tensor.fill(Double.NEGATIVE_INFINITY, density.type());
    return leaf.outputs(Program.on(weights.device(), weights))
        .output("density", leaf.counted.select(density, never).logsumexp(0))
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
    Blocks.each(
        x.length,
        LARGEST,
        (size, first, end) -> {
          Program program = programs.apply(size);
          program.firstRow(firstRow + first).set("x", inputs.apply(x, first, end, size));
          block.at(program, size, first, end);
        });
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
    Moments moments = Moments.of(x.length);
    float[][] loc = new float[draws][x.length];
    float[][] scale = new float[draws][x.length];
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
    return prediction(moments, draws, loc, scale);
  }

  private Prediction prediction(Moments moments, int draws, float[][] loc, float[][] scale) {
    double[] variance = Arrays.stream(moments.squares).map(s -> s / draws).toArray();
    return new Prediction(
        target.centre()[0], target.unit()[0], moments.mean, variance, moments.noise, loc, scale);
  }

  /** Moments and log densities of targets, no draw kept; null after closing. */
  synchronized Regressor.@Nullable Evaluation evaluate(float[][] x, float[] y, int draws) {
    if (closed) {
      return null;
    }
    Tables.requireTargets(x, y);
    Moments moments = Moments.of(x.length);
    double[] density = new double[x.length];
    Arrays.fill(density, Double.NEGATIVE_INFINITY);
    blocks(
        x,
        0,
        size -> evaluating.computeIfAbsent(size, this::evaluating),
        (program, size, first, end) -> {
          float[] targets = new float[size];
          for (int i = first; i < end; i++) {
            targets[i - first] = target.apply(y[i], 0);
          }
          program.set("y", targets);
          for (int t = 0; t < draws; t += LEAF) {
            int count = Math.min(LEAF, draws - t);
            program.firstSample(t).number(COUNT, count).run();
            moments.merge(program, first, end - first, t, count);
            float[] leaf = program.get("density").floats();
            for (int i = first; i < end; i++) {
              density[i] = logAdd(density[i], leaf[i - first]);
            }
          }
        });
    Prediction said = prediction(moments, draws, new float[0][], new float[0][]);
    double norm = Math.log(draws) + Math.log(target.unit()[0]);
    return new Regressor.Evaluation(
        said.mean(),
        said.epistemicStd(),
        said.std(),
        Arrays.stream(density).map(d -> d - norm).toArray());
  }

  private static double logAdd(double a, double b) {
    double high = Math.max(a, b);
    return high == Double.NEGATIVE_INFINITY
        ? high
        : high + Math.log1p(Math.exp(Math.min(a, b) - high));
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

  /** Asks the weights between predictions; null after closing. */
  synchronized <R> @Nullable R weights(Function<State<W>, R> question) {
    return closed ? null : question.apply(weights);
  }

  Standardiser inputs() {
    return inputs;
  }

  Standardiser target() {
    return target;
  }

  private static void copy(float[] from, int block, float[][] to, int t, int first, int end) {
    for (int k = 0; k < LEAF && t + k < to.length; k++) {
      System.arraycopy(from, k * block, to[t + k], first, end - first);
    }
  }

  /** Of each row: mean, squared deviations and mean variance of the draws so far. */
  private record Moments(double[] mean, double[] squares, double[] noise) {
    static Moments of(int rows) {
      return new Moments(new double[rows], new double[rows], new double[rows]);
    }

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
    for (Map<Integer, Program> programs : List.of(drawing, evaluating, averaging)) {
      programs.values().forEach(Program::close);
      programs.clear();
    }
    weights.close();
  }
}
