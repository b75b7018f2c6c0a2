package dev.credence.train;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Sampling;
import dev.credence.dist.Normal;
import dev.credence.model.BayesianMlp;
import dev.credence.nn.Mlp;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The predictive distribution of a regression: T draws of its weights, in leaves of 32, each leaf
 * reduced on the device (mean of the means, their squared deviations, mean of the variances), the
 * leaves merged in order on the host (Chan, Golub and LeVeque 1979). Rows go through programs for
 * blocks of 1, 32 or 1024 rows, so no number of rows needs a program of its own; which block a row
 * falls into changes no bit of what is said of it.
 *
 * <p>Thread-safe: one prediction at a time, and never while weights are taken over.
 */
final class RegressionPredictive implements AutoCloseable {
  static final int LEAF = 32;

  private static final int[] BLOCKS = {1, 32, 1024};
  private static final Key DRAWS = Key.ROOT.split("predict");

  private final State<MeanField<Mlp>> posterior;
  private final Standardiser inputs;
  private final Standardiser target;
  private final Sampling sampling;
  private final long seed;
  private final Map<Integer, Program> programs = new TreeMap<>();
  private boolean closed;

  /** Takes the posterior over, and closes it when closed. */
  RegressionPredictive(
      State<MeanField<Mlp>> posterior,
      Standardiser inputs,
      Standardiser target,
      Sampling sampling,
      long seed) {
    this.posterior = posterior;
    this.inputs = inputs;
    this.target = target;
    this.sampling = sampling;
    this.seed = seed;
  }

  /** Takes over the weights as they are now. */
  synchronized void adopt(State<MeanField<Mlp>> weights) {
    posterior.copyFrom(weights);
  }

  private Program program(int rows) {
    return programs.computeIfAbsent(rows, this::compile);
  }

  private Program compile(int rows) {
    int width = inputs.centre().length;
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, rows, width));
    Normal draws = BayesianMlp.predict(posterior.tree(), x, sampling, LEAF, DRAWS);
    Tensor mean = draws.mean().mean(0);
    return Program.on(posterior.device(), posterior)
        .output("mean", mean)
        .output("squares", draws.mean().sub(mean).square().sum(0))
        .output("noise", draws.variance().mean(0))
        .output("loc", draws.loc())
        .output("scale", draws.scale())
        .build()
        .seed(seed);
  }

  /**
   * What is said of some rows.
   *
   * @param firstRow which row of a longer table the first one is
   * @param draws how many, a multiple of 32
   * @return null after closing
   */
  synchronized @Nullable Prediction predict(float[][] x, int firstRow, int draws) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    int n = x.length;
    Moments moments = new Moments(new double[n], new double[n], new double[n]);
    float[][] loc = new float[draws][n];
    float[][] scale = new float[draws][n];
    for (int from = 0; from < n; ) {
      int block = block(n - from);
      int to = Math.min(n, from + block);
      Program program = program(block);
      program.firstRow(firstRow + from).set("x", inputs.apply(x, from, to, block));
      for (int t = 0; t < draws; t += LEAF) {
        program.firstSample(t).run();
        moments.merge(program, from, to - from, t);
        copy(program.get("loc").floats(), block, loc, t, from, to);
        copy(program.get("scale").floats(), block, scale, t, from, to);
      }
      from = to;
    }
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
    Tables.requireRows(x, inputs.centre().length);
    int n = x.length;
    float[][] loc = new float[1][n];
    float[][] scale = new float[1][n];
    for (int from = 0; from < n; ) {
      int block = block(n - from);
      int to = Math.min(n, from + block);
      Program program = program(block);
      program.firstRow(firstRow + from).set("x", inputs.apply(x, from, to, block));
      program.firstSample(t).run();
      copy(program.get("loc").floats(), block, loc, 0, from, to);
      copy(program.get("scale").floats(), block, scale, 0, from, to);
      from = to;
    }
    return Prediction.of(target.centre()[0], target.unit()[0], loc[0], scale[0]);
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
    void merge(Program leaf, int first, int rows, int before) {
      float[] mean = leaf.get("mean").floats();
      float[] squares = leaf.get("squares").floats();
      float[] noise = leaf.get("noise").floats();
      double share = (double) LEAF / (before + LEAF);
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
    programs.values().forEach(Program::close);
    programs.clear();
    posterior.close();
  }
}
