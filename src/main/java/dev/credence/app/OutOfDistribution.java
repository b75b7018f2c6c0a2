package dev.credence.app;

import dev.credence.nn.ImageFormat;
import dev.credence.train.ClassPrediction;
import dev.credence.train.Classifier;
import dev.credence.train.LeNetClassifier;
import dev.credence.train.McDropoutClassifier;
import dev.credence.train.Ranking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Digits told from what are no digits: nets that have learned MNIST are shown Fashion-MNIST and
 * notMNIST, and the entropy of what they say ranks the images. A deterministic net, one with Monte
 * Carlo dropout (Gal and Ghahramani 2016) and one trained by Bayes by Backprop (Blundell et al.
 * 2015) have the same layers, inputs, first weights and optimizer; a LeNet with dropout after all
 * layers (Gal and Ghahramani 2015) is asked by draws of its masks and by weight averaging. All
 * figures are means over three seeds.
 */
final class OutOfDistribution implements Experiment {
  private static final int SEEDS = 3;

  /** Images that are no digits, with their name in results and in pictures. */
  private record Others(String key, String name, float[][] x) {}

  /** A net to be trained, and what is asked of it then. */
  private record Net(String part, String name, Fit fit, List<View> views) {
    /** A net that is asked for its predictions. */
    static Net of(String part, String name, Fit fit) {
      return new Net(part, name, fit, List.of(new View(part, name, Classifier::predict)));
    }
  }

  /** What is asked of a trained net, with its name in results and in pictures. */
  private record View(
      String key, String name, BiFunction<Classifier<?>, float[][], ClassPrediction> says) {}

  @FunctionalInterface
  private interface Fit {
    Classifier<?> of(DigitNets.Rows train, int epochs, long seed, Course course);
  }

  private final int units;

  OutOfDistribution() {
    this(400);
  }

  /** With hidden layers of so many units. */
  OutOfDistribution(int units) {
    this.units = units;
  }

  @Override
  public String name() {
    return "ood";
  }

  @Override
  public String summary() {
    return "clothes and letters told from digits by the entropy of what nets say: deterministic,"
        + " Monte Carlo dropout, Bayes by Backprop and LeNet";
  }

  @Override
  public List<String> parts() {
    return List.of("deterministic", "mcDropout", "bbb", "lenetAll");
  }

  private List<Net> nets() {
    return List.of(
        Net.of(
            "deterministic",
            "Deterministic net",
            (train, epochs, seed, course) ->
                DigitNets.plain(units, epochs, seed, course)
                    .build()
                    .fit(train.x(), train.labels())),
        Net.of(
            "mcDropout",
            "Monte Carlo dropout",
            (train, epochs, seed, course) ->
                DigitNets.settings(McDropoutClassifier.builder(), units, epochs, seed, course)
                    .build()
                    .fit(train.x(), train.labels())),
        Net.of(
            "bbb",
            "Bayes by Backprop",
            (train, epochs, seed, course) ->
                DigitNets.bayesByBackprop(units, epochs, seed, course)
                    .build()
                    .fit(train.x(), train.labels())),
        new Net(
            "lenetAll",
            "LeNet, dropout after all layers",
            (train, epochs, seed, course) ->
                course
                    .on(LeNetClassifier.builder(new ImageFormat(1, Digits.SIDE, Digits.SIDE)))
                    .epochs(epochs)
                    .seed(seed)
                    .build()
                    .fit(train.x(), train.labels()),
            List.of(
                new View("lenetAllMc", "LeNet, draws of its masks", Classifier::predict),
                new View(
                    "lenetAllStd",
                    "LeNet, weight averaging",
                    (net, x) -> ClassPrediction.of(net.average(x))))));
  }

  @Override
  public void run(Bench bench) {
    DigitNets.Rows train = DigitNets.Rows.of(bench.images("mnist", true));
    DigitNets.Rows test = DigitNets.Rows.of(bench.images("mnist", false));
    List<Others> others =
        List.of(
            new Others(
                "fashion", "Fashion-MNIST", Digits.rows(bench.images("fashion-mnist", false))),
            new Others("notMnist", "notMNIST", Digits.rows(bench.images("notmnist", false))));
    int epochs = bench.epochs(20);
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    for (Net net : nets()) {
      if (!bench.parts().contains(net.part())) {
        continue;
      }
      for (int s = 0; s < SEEDS; s++) {
        long seed = bench.seed() + s;
        try (Classifier<?> classifier =
            bench.train(
                Text.format("%s, %s, seed %d", net.name(), Text.count(epochs, "epoch"), seed),
                course -> net.fit().of(train, epochs, seed, course))) {
          for (View view : net.views()) {
            Map<String, float[]> entropies = measure(view, classifier, test, others, figures);
            if (s == 0) {
              bench.picture(() -> picture(view, entropies));
            }
          }
        }
      }
    }
    figures.forEach(
        (name, values) -> {
          double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
          bench.result(name, mean);
          if (name.endsWith(".auroc")) {
            double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
            bench.result(name + "Std", Math.sqrt(squares / (SEEDS - 1)));
          }
        });
  }

  /** Adds the figures of one net, and gives the entropies of all images by their names. */
  private static Map<String, float[]> measure(
      View view,
      Classifier<?> classifier,
      DigitNets.Rows test,
      List<Others> others,
      Map<String, List<Double>> figures) {
    ClassPrediction digits = view.says().apply(classifier, test.x());
    DigitNets.measure(
        view.key(), digits, test.labels(), (name, value) -> add(figures, name, value));
    Map<String, float[]> entropies = new LinkedHashMap<>();
    entropies.put("MNIST", digits.predictiveEntropy());
    for (Others other : others) {
      ClassPrediction unknown = view.says().apply(classifier, other.x());
      entropies.put(other.name(), unknown.predictiveEntropy());
      float[] entropy = concat(digits.predictiveEntropy(), unknown.predictiveEntropy());
      boolean[] positive = new boolean[entropy.length];
      Arrays.fill(positive, digits.rows(), entropy.length, true);
      String key = view.key() + "." + other.key();
      add(figures, key + ".auroc", Ranking.auroc(entropy, positive));
      add(figures, key + ".aupr", Ranking.aupr(entropy, positive));
      add(figures, key + ".fpr95", Ranking.fpr95(entropy, positive));
      if (digits.draws() > 1) {
        float[] information = concat(digits.mutualInformation(), unknown.mutualInformation());
        add(figures, key + ".mutualInformation.auroc", Ranking.auroc(information, positive));
      }
    }
    return entropies;
  }

  private static void add(Map<String, List<Double>> figures, String name, double value) {
    figures.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
  }

  private static float[] concat(float[] a, float[] b) {
    float[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static Picture picture(View view, Map<String, float[]> entropies) {
    return ClassPictures.histograms(
        "entropy-" + view.key() + ".png",
        view.name() + ": entropy of what it says of digits and of other images",
        view.name()
            + ". The net has learned digits alone. Where the histograms lie apart, it can tell"
            + " what it does not know; entropies are at most log 10, 2.3 nats.",
        "predictive entropy, nats",
        0,
        2.4,
        48,
        entropies);
  }
}
