package dev.credence.app;

import dev.credence.nn.ImageFormat;
import dev.credence.train.BayesianLeNetClassifier;
import dev.credence.train.ClassPrediction;
import dev.credence.train.LeNetClassifier;
import dev.credence.train.WeightNormals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * LeNet with dropout nowhere, after its dense layer, and after all layers (Gal and Ghahramani 2015,
 * figures 2 to 4), each judged by draws of its masks and by weight averaging, on all of MNIST and
 * on a quarter of it; and LeNet with normal weights.
 */
final class MnistLeNet implements Experiment {
  private static final String PAPER = "Gal and Ghahramani 2015, about, second hand";
  private static final String WHOLE = "whole";
  private static final String BAYESIAN = "bayesian";
  private static final List<String> QUARTERS = List.of("quarter-1", "quarter-2", "quarter-3");

  /** About 100 000 steps of 64 images, as many for a quarter of the images. */
  private static final int EPOCHS = 107;

  private static final ImageFormat FORMAT = new ImageFormat(1, Digits.SIDE, Digits.SIDE);
  private static final int FILTER = 5 * 5;
  private static final int ANGLES = 12;
  private static final int ROTATED_DRAWS = 100;

  @Override
  public String name() {
    return "mnist-lenet";
  }

  @Override
  public String summary() {
    return "LeNet with dropout after all layers on MNIST and a quarter of it, by Monte Carlo and by"
        + " weight averaging (Gal and Ghahramani 2015), and LeNet with normal weights";
  }

  @Override
  public List<String> parts() {
    List<String> parts = new ArrayList<>(List.of(WHOLE, BAYESIAN));
    parts.addAll(QUARTERS);
    return parts;
  }

  @Override
  public void run(Bench bench) {
    // As published, pixels are divided by 256.
    DigitNets.Rows train = rows(bench, true);
    DigitNets.Rows test = rows(bench, false);
    int epochs = bench.epochs(EPOCHS);
    if (bench.parts().contains(WHOLE)) {
      whole(new LeNetRuns(bench, FORMAT, train, test, ""), epochs);
    }
    if (bench.parts().contains(BAYESIAN)) {
      bayesian(new LeNetRuns(bench, FORMAT, train, test, ""));
    }
    List<Integer> quarters = new ArrayList<>();
    for (int i = 0; i < QUARTERS.size(); i++) {
      if (bench.parts().contains(QUARTERS.get(i))) {
        quarters.add(i);
      }
    }
    if (!quarters.isEmpty()) {
      DigitNets.Rows quarter = train.first(train.labels().length / 4);
      quarter(new LeNetRuns(bench, FORMAT, quarter, test, "quarter."), 4 * epochs, quarters);
    }
  }

  private static DigitNets.Rows rows(Bench bench, boolean train) {
    var images = bench.images("mnist", train);
    return new DigitNets.Rows(images.rows(0, images.count(), 255f / 256), images.labels());
  }

  private static void whole(LeNetRuns runs, int epochs) {
    Bench bench = runs.bench();
    runs.compare(epochs, classifier -> rotate(bench, classifier, runs.test()));
    bench.published("lenetAllMc.testError", 0.5, PAPER);
    bench.published("lenetAllStd.testError", 1.5, PAPER);
    bench.published("lenetIpStd.testError", 0.7, PAPER);
    bench.published("lenetNone.testError", 0.9, PAPER);
  }

  /** The published picture of a one that is turned round, and what each draw makes of it. */
  private static void rotate(Bench bench, LeNetClassifier classifier, DigitNets.Rows test) {
    int one = 0;
    while (test.labels()[one] != 1) {
      one++;
    }
    float[][] turned = new float[ANGLES][];
    for (int i = 0; i < ANGLES; i++) {
      turned[i] = Digits.rotated(test.x()[one], 180.0 * i / ANGLES);
    }
    ClassPrediction said = classifier.predict(turned);
    float[] doubt = said.mutualInformation();
    bench.result("rotated.uprightMutualInformation", doubt[0]);
    double most = 0;
    for (float information : doubt) {
      most = Math.max(most, information);
    }
    bench.result("rotated.mostMutualInformation", most);
    float[][][] draws = new float[ROTATED_DRAWS][][];
    for (int t = 0; t < ROTATED_DRAWS; t++) {
      draws[t] = classifier.draw(turned, t).probabilities();
    }
    bench.picture(
        () ->
            Digits.tiles(
                "rotated-digits.png",
                "A one, turned from 0 to 165 degrees",
                "What the next picture is about.",
                ANGLES,
                turned));
    bench.picture(() -> spread(draws, said.probabilities()));
  }

  /** Class probabilities over angles, a dot a draw, of the classes that are thought of most. */
  private static Picture spread(float[][][] draws, float[][] mean) {
    double[] total = new double[mean[0].length];
    for (float[] p : mean) {
      for (int c = 0; c < p.length; c++) {
        total[c] += p[c];
      }
    }
    int[] classes =
        IntStream.range(0, total.length)
            .boxed()
            .sorted((a, b) -> Double.compare(total[b], total[a]))
            .limit(4)
            .mapToInt(c -> c)
            .toArray();
    Drawing drawing =
        new Drawing(960, 420, "angle in degrees", "probability of the class")
            .range(-6, 180, -0.03, 1.03);
    int n = draws.length * ANGLES;
    for (int k = 0; k < classes.length; k++) {
      double[] x = new double[n];
      double[] y = new double[n];
      for (int i = 0; i < n; i++) {
        int angle = i % ANGLES;
        // Beside each other, or the last class would hide the others.
        x[i] = 180.0 * angle / ANGLES + 2.5 * (k - 1.5);
        y[i] = draws[i / ANGLES][angle][classes[k]];
      }
      drawing.dots("\"" + classes[k] + "\"", ClassPictures.colour(k), x, y);
    }
    return new Picture(
        "rotated.png",
        "Class probabilities of a turned one, " + draws.length + " draws each",
        "Upright, all draws agree. Between, probabilities spread over the whole range: the mean"
            + " may be sure of a class where the draws are not.",
        960,
        drawing.png());
  }

  private static void bayesian(LeNetRuns runs) {
    Bench bench = runs.bench();
    int epochs = bench.epochs(20);
    try (BayesianLeNetClassifier classifier =
        bench.train(
            Text.format("LeNet with normal weights, %d epochs", epochs),
            course ->
                course
                    .on(BayesianLeNetClassifier.builder(FORMAT))
                    .epochs(epochs)
                    .draws(LeNetRuns.DRAWS)
                    .seed(bench.seed())
                    .build()
                    .fit(runs.train().x(), runs.train().labels()))) {
      runs.measure("bayesianLenetMc", classifier.predict(runs.test().x()).probabilities());
      runs.measure("bayesianLenetStd", classifier.average(runs.test().x()));
      bench.result(
          "bayesianLenet.trainNll", classifier.summary().nll() / runs.train().labels().length);
      bench.result("bayesianLenet.kl", classifier.summary().kl());
      WeightNormals first = normals(classifier, "conv1.weight");
      bench.result("bayesianLenet.conv1.medianStd", median(first.std()));
      bench.result(
          "bayesianLenet.conv2.medianStd", median(normals(classifier, "conv2.weight").std()));
      int filters = first.mean().length / FILTER;
      List<float[]> tiles = new ArrayList<>(scaled(first.mean(), filters));
      tiles.addAll(scaled(first.std(), filters));
      bench.picture(
          () ->
              new Picture(
                  "filters.png",
                  "Means and standard deviations of the first filters",
                  "Above, what each filter looks for, from dark (negative) to bright; below, where"
                      + " it is unsure: the brighter, the wider the normal of that weight.",
                  960,
                  Tiles.grey(tiles, 5, 5, filters, 8)));
    }
  }

  private static WeightNormals normals(BayesianLeNetClassifier classifier, String path) {
    return classifier.posterior().stream()
        .filter(array -> array.path().equals(path))
        .findFirst()
        .orElseThrow();
  }

  /** Filters as images, from the least of their numbers to the largest. */
  private static List<float[]> scaled(float[] weights, int filters) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float weight : weights) {
      low = Math.min(low, weight);
      high = Math.max(high, weight);
    }
    List<float[]> images = new ArrayList<>();
    for (int i = 0; i < filters; i++) {
      float[] image = new float[FILTER];
      for (int k = 0; k < FILTER; k++) {
        image[k] = (weights[i * FILTER + k] - low) / (high - low);
      }
      images.add(image);
    }
    return images;
  }

  private static double median(float[] values) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Whether errors climb again, in means over the seeds. */
  private static void quarter(LeNetRuns runs, int epochs, List<Integer> seeds) {
    Bench bench = runs.bench();
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    Map<String, double[][]> curves = new LinkedHashMap<>();
    for (int s : seeds) {
      long seed = bench.seed() + s;
      for (LeNetRuns.Net net : List.of(LeNetRuns.Net.ALL, LeNetRuns.Net.IP)) {
        try (LeNetRuns.Run run = runs.train(net, epochs, seed)) {
          LeNetRuns.Curve curve = run.curve();
          double[] steps = LeNetRuns.numbers(curve.steps());
          if (net == LeNetRuns.Net.ALL) {
            add(figures, "lenetAllMc", curve.draws());
            add(figures, "lenetAllStd", curve.average());
            merge(curves, net.title + ", draws", steps, curve.draws(), seeds.size());
          } else {
            add(figures, "lenetIpStd", curve.average());
            merge(curves, net.title, steps, curve.average(), seeds.size());
          }
        }
      }
    }
    figures.forEach(
        (name, values) ->
            bench.result(
                runs.prefix() + name, values.stream().mapToDouble(v -> v).average().orElseThrow()));
    bench.published("quarter.lenetAllMc.testError", 0.78, PAPER);
    bench.published("quarter.lenetIpStd.testError", 0.95, PAPER);
    bench.picture(
        () ->
            LeNetRuns.curves(
                "quarter.png",
                "Test error over the steps of training on a quarter of the images",
                "Where there are few images dropout at the end alone overfits in the long run;"
                    + " dropout after all layers, averaged over draws, should not. Means over "
                    + Text.count(seeds.size(), "seed")
                    + ".",
                curves));
  }

  private static void add(Map<String, List<Double>> figures, String name, List<Double> errors) {
    double least = errors.stream().mapToDouble(e -> e).min().orElseThrow();
    figures.computeIfAbsent(name + ".testError", n -> new ArrayList<>()).add(errors.getLast());
    figures.computeIfAbsent(name + ".leastTestError", n -> new ArrayList<>()).add(least);
    figures.computeIfAbsent(name + ".climb", n -> new ArrayList<>()).add(LeNetRuns.climb(errors));
  }

  /** Adds a curve to the mean of several. */
  private static void merge(
      Map<String, double[][]> curves, String name, double[] steps, List<Double> errors, int count) {
    double[] sums =
        curves.computeIfAbsent(name, n -> new double[][] {steps, new double[steps.length]})[1];
    for (int i = 0; i < sums.length; i++) {
      sums[i] += errors.get(i) / count;
    }
  }
}
