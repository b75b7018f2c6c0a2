package dev.credence.app;

import dev.credence.data.Split;
import dev.credence.data.UciSet;
import dev.credence.train.Metrics;
import dev.credence.train.Regressor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Regression on the published splits of the UCI sets: the data of each split, and what was said of
 * its test rows, gathered into the figures that the literature gives, means over the splits with
 * their standard errors.
 */
final class UciSplits {
  /**
   * The central intervals whose coverage is drawn: their mass, and half their width in deviations.
   */
  private static final double[][] INTERVALS = {
    {.1, .12566}, {.2, .25335}, {.3, .38532}, {.4, .5244}, {.5, .67449},
    {.6, .84162}, {.7, 1.03643}, {.8, 1.28155}, {.9, 1.64485}, {.95, 1.95996}
  };

  /**
   * A published mean over splits.
   *
   * @param stderr its standard error
   * @param rounding how far the mean may be off since it was rounded
   */
  record Known(double mean, double stderr, double rounding) {
    /** Told with many digits and the standard deviation over the splits. */
    static Known of(double mean, double deviation, int splits) {
      return new Known(mean, deviation / Math.sqrt(splits), 0);
    }

    /** Told with two digits after the point. */
    static Known rounded(double mean, double stderr) {
      return new Known(mean, stderr, 0.005);
    }

    /** How far off chance allows another mean to be: two standard errors. */
    double allowed() {
      return 2 * stderr + rounding;
    }
  }

  /** What was published of a set, and by whom. */
  record Published(Known rmse, Known ll, String source) {}

  /** What is said of the test rows of a split, all in the target's unit. */
  record Outcome(float[] y, float[] mean, float[] std, double[] logDensity) {
    double rmse() {
      return Metrics.rmse(y, mean);
    }

    double ll() {
      return Metrics.mean(logDensity);
    }

    private double coverage(double deviations) {
      float[] low = new float[y.length];
      float[] high = new float[y.length];
      for (int i = 0; i < y.length; i++) {
        low[i] = (float) (mean[i] - deviations * std[i]);
        high[i] = (float) (mean[i] + deviations * std[i]);
      }
      return Metrics.coverage(y, low, high);
    }
  }

  /** Rows with their targets. */
  record Rows(float[][] x, float[] y) {
    /** Some of them. */
    Rows part(int from, int to) {
      return new Rows(Arrays.copyOfRange(x, from, to), Arrays.copyOfRange(y, from, to));
    }
  }

  /** A figure in units of what chance allows around the published one; above 0 is better. */
  private record Beside(double rmse, double ll) {}

  private final Bench bench;
  private final Map<String, Beside> beside = new LinkedHashMap<>();
  private final Map<String, double[]> coverage = new LinkedHashMap<>();

  UciSplits(Bench bench) {
    this.bench = bench;
  }

  /**
   * Goes through the sets that the bench asks for, then leaves the pictures of all.
   *
   * @param known what is known of each set, by name
   */
  <K> void each(Map<String, K> known, BiConsumer<UciSet, K> run) {
    for (String name : bench.parts()) {
      run.accept(UciSet.read(bench.data("uci", name)), of(known, name));
    }
    pictures();
  }

  /** Leaves a picture of what a net says of the test rows of a set's first split. */
  void predictions(UciSet set, Regressor<?> net) {
    Rows rows = test(set).getFirst();
    bench.picture(
        () ->
            Pictures.predictions("target of " + set.name(), rows.y(), net.predict(rows.x()))
                .named(set.name() + ".png"));
  }

  /** The rows to learn from, of each split. */
  static List<Rows> training(UciSet set) {
    return set.splits().stream().map(split -> rows(set, split.train())).toList();
  }

  /** The rows to test with, of each split. */
  static List<Rows> test(UciSet set) {
    return set.splits().stream().map(split -> rows(set, split.test())).toList();
  }

  private static Rows rows(UciSet set, int[] which) {
    return new Rows(Split.rows(set.x(), which), Split.rows(set.y(), which));
  }

  /** Leaves the results of a set. */
  void result(UciSet set, List<Outcome> outcomes, Published known, double seconds) {
    double[] rmse = outcomes.stream().mapToDouble(Outcome::rmse).toArray();
    double[] ll = outcomes.stream().mapToDouble(Outcome::ll).toArray();
    figure(set.name() + ".rmse", rmse, known.rmse(), known.source());
    figure(set.name() + ".ll", ll, known.ll(), known.source());
    bench.result(set.name() + ".seconds", seconds);
    beside.put(
        set.name(),
        new Beside(
            (known.rmse().mean() - Metrics.mean(rmse)) / known.rmse().allowed(),
            (Metrics.mean(ll) - known.ll().mean()) / known.ll().allowed()));
    coverage.put(
        set.name(),
        Arrays.stream(INTERVALS)
            .mapToDouble(
                interval ->
                    outcomes.stream().mapToDouble(o -> o.coverage(interval[1])).average().orElse(0))
            .toArray());
  }

  private void figure(String name, double[] values, Known known, String source) {
    bench.result(name, Metrics.mean(values), known.mean(), source);
    bench.result(name + "Stderr", stderr(values), known.stderr(), source);
  }

  /** The standard error of a mean over splits, as it was published: with 1/n for the variance. */
  private static double stderr(double[] values) {
    double mean = Metrics.mean(values);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares) / values.length;
  }

  private void pictures() {
    List<String> names = new ArrayList<>(beside.keySet());
    bench.picture(
        () ->
            Pictures.besidePublished(
                names,
                names.stream().mapToDouble(n -> of(beside, n).rmse()).toArray(),
                names.stream().mapToDouble(n -> of(beside, n).ll()).toArray()));
    bench.picture(
        () ->
            Pictures.coverages(
                IntStream.range(0, INTERVALS.length).mapToDouble(i -> INTERVALS[i][0]).toArray(),
                coverage));
  }

  private static <T> T of(Map<String, T> map, String name) {
    T value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no set " + name);
    }
    return value;
  }
}
