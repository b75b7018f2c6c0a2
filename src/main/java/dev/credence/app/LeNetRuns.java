package dev.credence.app;

import dev.credence.model.LeNet;
import dev.credence.nn.ImageFormat;
import dev.credence.train.Calibration;
import dev.credence.train.Classifier;
import dev.credence.train.LeNetClassifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What the experiments with LeNet have in common: training by the published settings while the test
 * error is followed, and measuring what comes out.
 *
 * @param bench where results go to
 * @param format of the images
 * @param train images to learn from
 * @param test images to be judged by
 * @param prefix of the results' names
 */
record LeNetRuns(
    Bench bench, ImageFormat format, DigitNets.Rows train, DigitNets.Rows test, String prefix) {
  /** Draws of a prediction, as published. */
  static final int DRAWS = 50;

  private static final int POINTS = 50;
  private static final int BATCH = 64;

  /** The nets of the paper, by where they drop. */
  enum Net {
    ALL("lenetAll", "dropout after all layers", LeNet.Rates.all(0.5)),
    IP("lenetIp", "dropout of the dense units", LeNet.Rates.ip(0.5)),
    NONE("lenetNone", "no dropout", LeNet.Rates.NONE);

    final String key;
    final String title;
    final LeNet.Rates rates;

    Net(String key, String title, LeNet.Rates rates) {
      this.key = key;
      this.title = title;
      this.rates = rates;
    }
  }

  /**
   * Test errors in percent over the steps of a training.
   *
   * @param steps of the optimizer so far
   * @param average of one pass with the weights as they are
   * @param draws of the mean over draws; empty where it was not followed
   */
  record Curve(List<Double> steps, List<Double> average, List<Double> draws) {
    private static Curve of(NavigableMap<Integer, double[]> points) {
      return new Curve(column(points, 0), column(points, 1), column(points, 2));
    }

    private static List<Double> column(NavigableMap<Integer, double[]> points, int column) {
      return points.values().stream()
          .filter(point -> column < point.length)
          .map(point -> point[column])
          .toList();
    }
  }

  /** A net that has learned, and how it came there. */
  record Run(LeNetClassifier classifier, Curve curve) implements AutoCloseable {
    @Override
    public void close() {
      classifier.close();
    }
  }

  /**
   * Trains a net.
   *
   * @param epochs passes over the images
   */
  Run train(Net net, int epochs, long seed) {
    AtomicReference<LeNetClassifier> running = new AtomicReference<>();
    int every = Math.max(1, epochs / POINTS);
    return bench.train(
        Text.format(
            "LeNet, %s, on %d images: %d epochs, seed %d",
            net.title, train.labels().length, epochs, seed),
        course -> {
          LeNetClassifier own =
              course
                  .on(LeNetClassifier.builder(format))
                  .dropout(net.rates)
                  .epochs(epochs)
                  .batchSize(BATCH)
                  .draws(net == Net.NONE ? 1 : DRAWS)
                  .seed(seed)
                  .listener(
                      progress -> {
                        if (progress.epoch() % every == 0
                            || progress.epoch() == progress.epochs()) {
                          course.follow(
                              progress.epoch(), () -> follow(net, running.get(), progress.step()));
                        }
                        return course.listener().onEpoch(progress);
                      })
                  .build();
          running.set(own);
          own.fit(train.x(), train.labels());
          return new Run(own, Curve.of(course.points()));
        });
  }

  /** Steps, and the test errors by weight averaging and by draws. */
  private double[] follow(Net net, LeNetClassifier classifier, long step) {
    double average = error(classifier.average(test.x()));
    if (net != Net.ALL) {
      bench.say(Text.format("  step %d: test error %.2f%%", step, average));
      return new double[] {step, average};
    }
    double draws = error(classifier.predict(test.x()).probabilities());
    bench.say(
        Text.format(
            "  step %d: test error %.2f%% by weight averaging, %.2f%% by draws",
            step, average, draws));
    return new double[] {step, average, draws};
  }

  private double error(float[][] p) {
    return 100 * (1 - Calibration.accuracy(p, test.labels()));
  }

  /**
   * Trains all nets; leaves their figures, curves and reliability diagrams.
   *
   * @param more what is asked of the net with dropout after all layers, besides
   */
  void compare(int epochs, Consumer<LeNetClassifier> more) {
    Map<String, List<Calibration.Bin>> reliability = new LinkedHashMap<>();
    Map<String, double[][]> curves = new LinkedHashMap<>();
    for (Net net : Net.values()) {
      try (Run run = train(net, epochs, bench.seed())) {
        reliability.putAll(measure(net, run.classifier));
        double[] steps = numbers(run.curve.steps);
        double[] average = numbers(run.curve.average);
        if (net == Net.ALL) {
          curves.put(net.title + ", draws", new double[][] {steps, numbers(run.curve.draws)});
          curves.put(net.title + ", weight averaging", new double[][] {steps, average});
          more.accept(run.classifier);
        } else {
          curves.put(net.title, new double[][] {steps, average});
        }
      }
    }
    bench.picture(
        () ->
            curves(
                "curves.png",
                "Test error over the steps of training",
                "Dropout after the convolutions pays if predictions average over draws of the"
                    + " masks; weight averaging makes it worse than dropout at the end alone.",
                curves));
    bench.picture(() -> ClassPictures.reliability("reliability.png", reliability));
  }

  /** Leaves the figures of predictions. */
  void measure(String name, float[][] p) {
    DigitNets.measure(prefix + name, p, test.labels(), bench::result);
  }

  /**
   * Leaves the figures of a classifier, both by draws and by weight averaging.
   *
   * @return the bins of its reliability diagrams, by name
   */
  Map<String, List<Calibration.Bin>> measure(Net net, Classifier<?> classifier) {
    Map<String, List<Calibration.Bin>> bins = new LinkedHashMap<>();
    float[][] average = classifier.average(test.x());
    if (net == Net.NONE) {
      measure(net.key, average);
      bins.put(net.title, Calibration.reliability(average, test.labels(), DigitNets.BINS));
      return bins;
    }
    float[][] drawn = classifier.predict(test.x()).probabilities();
    measure(net.key + "Mc", drawn);
    measure(net.key + "Std", average);
    bins.put(
        net.title + ", " + DRAWS + " draws",
        Calibration.reliability(drawn, test.labels(), DigitNets.BINS));
    bins.put(
        net.title + ", weight averaging",
        Calibration.reliability(average, test.labels(), DigitNets.BINS));
    return bins;
  }

  /**
   * How far a curve lies above its lowest point in the end.
   *
   * @return the mean of the last tenth, less the minimum
   */
  static double climb(List<Double> errors) {
    int from = errors.size() - Math.max(1, errors.size() / 10);
    double last =
        errors.subList(from, errors.size()).stream().mapToDouble(e -> e).average().orElseThrow();
    return last - errors.stream().mapToDouble(e -> e).min().orElseThrow();
  }

  /**
   * A picture of test errors over the steps.
   *
   * @param curves by their names; each steps and errors
   */
  static Picture curves(String file, String title, String caption, Map<String, double[][]> curves) {
    double last = 1;
    double lowest = Double.POSITIVE_INFINITY;
    for (double[][] curve : curves.values()) {
      last = Math.max(last, curve[0][curve[0].length - 1]);
      for (double error : curve[1]) {
        lowest = Math.min(lowest, error);
      }
    }
    // The first steps err much more than what there is to see.
    double top = Math.min(100, 4 * Math.max(lowest, 0.1));
    Drawing drawing = new Drawing(960, 480, "steps", "test error in %").range(0, last, 0, top);
    int colour = 0;
    for (Map.Entry<String, double[][]> curve : curves.entrySet()) {
      double[] clipped = curve.getValue()[1].clone();
      for (int i = 0; i < clipped.length; i++) {
        clipped[i] = Math.min(clipped[i], top);
      }
      drawing.line(curve.getKey(), ClassPictures.colour(colour++), curve.getValue()[0], clipped);
    }
    return new Picture(file, title, caption, 960, drawing.png());
  }

  static double[] numbers(List<Double> values) {
    return values.stream().mapToDouble(v -> v).toArray();
  }
}
