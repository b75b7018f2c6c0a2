package dev.credence.train;

import dev.credence.model.McDropoutMlp;
import dev.credence.nn.Mlp;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The predictive distribution of a regression by dropout: T draws of masks in leaves of 64, each
 * leaf reduced on the device (mean, squared deviations, logsumexp of the log densities), the leaves
 * merged in order on the host (Chan, Golub and LeVeque 1979). What is kept does not grow with T,
 * unless the draws themselves are asked for.
 *
 * <p>Thread-safe: one prediction at a time, and never while weights are taken over.
 */
final class DropoutPredictive implements Served.Predictor<Mlp> {
  private static final int LEAF = 64;
  private static final int LARGEST = 1024;
  private static final String COUNT = "draws";
  private static final Key DRAWS = Key.ROOT.split("predict");

  private final State<Mlp> weights;
  private final Standardiser inputs;
  private final Standardiser target;
  private final McDropoutMlp.Regression model;
  private final long seed;
  private final Map<Integer, Program> programs = new TreeMap<>();
  private boolean closed;

  /** Takes the weights over, and closes them when closed. */
  DropoutPredictive(
      State<Mlp> weights,
      Standardiser inputs,
      Standardiser target,
      McDropoutMlp.Regression model,
      long seed) {
    this.weights = weights;
    this.inputs = inputs;
    this.target = target;
    this.model = model;
    this.seed = seed;
  }

  @Override
  public synchronized void adopt(State<Mlp> now) {
    weights.copyFrom(now);
  }

  private Program program(int rows) {
    return programs.computeIfAbsent(rows, this::compile);
  }

  private Program compile(int rows) {
    int width = inputs.centre().length;
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, rows, width));
    Tensor y = Tensor.input("y", TensorType.of(DType.FLOAT32, rows));
    Mlp net = weights.tree();
    Tensor draws = McDropoutMlp.draws(net, x, model.rates(), LEAF, DRAWS).reshape(LEAF, rows);
    Tensor count = Tensor.integer(COUNT);
    Tensor counted = Tensor.iota(Shape.of(LEAF, rows), 0).less(count);
    Tensor zeros = draws.zerosLike();
    Tensor mean = counted.select(draws, zeros).sum(0).div(count.cast(DType.FLOAT32));
    Tensor density = draws.sub(y).square().mul(-0.5 * model.standardisedPrecision());
    Tensor never = Tensor.fill(Double.NEGATIVE_INFINITY, density.type());
    return Program.on(weights.device(), weights)
        .output("mean", mean)
        .output("squares", counted.select(draws.sub(mean).square(), zeros).sum(0))
        .output("density", counted.select(density, never).logsumexp(0))
        .output("draws", draws)
        .output("average", net.apply(x).reshape(rows))
        .build()
        .seed(seed);
  }

  /** Of each row: moments of the draws so far, and the logsumexp of their densities at y. */
  private record Sums(double[] mean, double[] squares, double[] density) {
    static Sums of(int rows) {
      double[] density = new double[rows];
      Arrays.fill(density, Double.NEGATIVE_INFINITY);
      return new Sums(new double[rows], new double[rows], density);
    }

    void merge(Program leaf, int first, int end, int before, int count) {
      float[] means = leaf.get("mean").floats();
      float[] deviations = leaf.get("squares").floats();
      float[] densities = leaf.get("density").floats();
      double share = (double) count / (before + count);
      for (int row = first; row < end; row++) {
        int i = row - first;
        double delta = means[i] - mean[row];
        mean[row] += delta * share;
        squares[row] += deviations[i] + delta * delta * before * share;
        density[row] = logAdd(density[row], densities[i]);
      }
    }

    private static double logAdd(double a, double b) {
      double high = Math.max(a, b);
      return high == Double.NEGATIVE_INFINITY
          ? high
          : high + Math.log1p(Math.exp(Math.min(a, b) - high));
    }
  }

  /** Hears of every leaf of draws. */
  @FunctionalInterface
  private interface Leaf {
    void at(Program program, int size, int first, int end, int t);
  }

  private Sums run(float[][] x, float @Nullable [] y, int firstRow, int draws, Leaf leaf) {
    Sums sums = Sums.of(x.length);
    Blocks.each(
        x.length,
        LARGEST,
        (size, first, end) -> {
          Program program = program(size);
          program.firstRow(firstRow + first).set("x", inputs.apply(x, first, end, size));
          program.set("y", targets(y, first, end, size));
          for (int t = 0; t < draws; t += LEAF) {
            int count = Math.min(LEAF, draws - t);
            program.firstSample(t).number(COUNT, count).run();
            sums.merge(program, first, end, t, count);
            leaf.at(program, size, first, end, t);
          }
        });
    return sums;
  }

  private float[] targets(float @Nullable [] y, int first, int end, int size) {
    float[] standardised = new float[size];
    if (y != null) {
      for (int i = first; i < end; i++) {
        standardised[i - first] = target.apply(y[i], 0);
      }
    }
    return standardised;
  }

  private Prediction prediction(double[] mean, double[] variance, float[][] loc) {
    double noise = 1 / model.standardisedPrecision();
    double[] noises = new double[mean.length];
    Arrays.fill(noises, noise);
    float[] scale = new float[mean.length];
    Arrays.fill(scale, (float) Math.sqrt(noise));
    float[][] scales = new float[loc.length][];
    Arrays.fill(scales, scale);
    return new Prediction(
        target.centre()[0], target.unit()[0], mean, variance, noises, loc, scales);
  }

  /** What is said of some rows, its draws kept; null after closing. */
  synchronized @Nullable Prediction predict(float[][] x, int firstRow, int draws) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    float[][] loc = new float[draws][x.length];
    Sums sums =
        run(
            x,
            null,
            firstRow,
            draws,
            (program, size, first, end, t) -> {
              float[] drawn = program.get("draws").floats();
              for (int k = 0; k < LEAF && t + k < draws; k++) {
                System.arraycopy(drawn, k * size, loc[t + k], first, end - first);
              }
            });
    return prediction(sums.mean, over(sums.squares, draws), loc);
  }

  private static double[] over(double[] sums, int draws) {
    return Arrays.stream(sums).map(s -> s / draws).toArray();
  }

  /** What draw t alone says of some rows; null after closing. */
  synchronized @Nullable Prediction draw(float[][] x, int firstRow, int t) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    float[] loc = new float[x.length];
    Blocks.each(
        x.length,
        LARGEST,
        (size, first, end) -> {
          Program program = program(size);
          program.firstRow(firstRow + first).set("x", inputs.apply(x, first, end, size));
          program.set("y", new float[size]).firstSample(t).number(COUNT, 1).run();
          System.arraycopy(program.get("draws").floats(), 0, loc, first, end - first);
        });
    return one(loc);
  }

  /** A mixture of one. */
  private Prediction one(float[] loc) {
    double[] mean = new double[loc.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = loc[i];
    }
    return prediction(mean, new double[mean.length], new float[][] {loc});
  }

  /** What the net without masks says of some rows; null after closing. */
  synchronized @Nullable Prediction average(float[][] x) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    float[] loc = new float[x.length];
    Blocks.each(
        x.length,
        LARGEST,
        (size, first, end) -> {
          Program program = program(size);
          program.set("x", inputs.apply(x, first, end, size)).set("y", new float[size]);
          program.number(COUNT, 1).run();
          System.arraycopy(program.get("average").floats(), 0, loc, first, end - first);
        });
    return one(loc);
  }

  /** Moments and log densities of targets, no draw kept; null after closing. */
  synchronized McDropoutRegressor.@Nullable Evaluation evaluate(float[][] x, float[] y, int draws) {
    if (closed) {
      return null;
    }
    Tables.requireRows(x, inputs.centre().length);
    if (y.length != x.length) {
      throw new IllegalArgumentException(
          y.length + " targets were given for " + x.length + " rows");
    }
    Sums sums = run(x, y, 0, draws, (program, size, first, end, t) -> {});
    Prediction moments = prediction(sums.mean, over(sums.squares, draws), new float[0][]);
    double norm =
        0.5 * Math.log(model.standardisedPrecision() / (2 * Math.PI))
            - Math.log(draws)
            - Math.log(target.unit()[0]);
    double[] density = Arrays.stream(sums.density).map(d -> d + norm).toArray();
    return new McDropoutRegressor.Evaluation(
        moments.mean(), moments.epistemicStd(), moments.std(), density);
  }

  @Override
  public synchronized void close() {
    closed = true;
    programs.values().forEach(Program::close);
    programs.clear();
    weights.close();
  }
}
