package dev.credence.app;

import dev.credence.bayes.Prior;
import dev.credence.train.BayesianClassifier;
import dev.credence.train.Calibration;
import dev.credence.train.ClassPrediction;
import dev.credence.train.Classifier;
import dev.credence.train.McDropoutClassifier;
import dev.credence.train.Metrics;
import dev.credence.train.MlpClassifier;
import dev.credence.train.WeightNormals;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bayes by Backprop on MNIST (Blundell et al. 2015, tables 1 and 2): nets of two hidden layers with
 * a Gaussian prior and with a scale mixture, beside plain nets and dropout. Unlike there, pixels
 * are divided by 255, all 60,000 digits are learned, by Adam along half a cosine, and the batches
 * carry equal parts of the divergence. The learning rates of the Bayesian nets and the standard
 * deviation that their weights start with were chosen on the last 10,000 of the digits to learn
 * from, with 2x400 units and 20 epochs; the weights are those after the last epoch.
 */
final class MnistBbb implements Experiment {
  private static final String TABLE_1 = "Blundell et al. 2015, table 1";

  /** Parts of the weights that are removed, in percent, as in table 2, and its errors. */
  private static final int[] REMOVED = {0, 50, 75, 95, 98};

  private static final double[] PUBLISHED = {1.24, 1.24, 1.24, 1.29, 1.39};
  private static final String TABLE_2 = "Blundell et al. 2015, table 2";

  private final int narrow;
  private final int wide;

  MnistBbb() {
    this(400, 1200);
  }

  /** With hidden layers of so many units. */
  MnistBbb(int narrow, int wide) {
    this.narrow = narrow;
    this.wide = wide;
  }

  @Override
  public String name() {
    return "mnist-bbb";
  }

  @Override
  public String summary() {
    return "Bayes by Backprop on MNIST with a Gaussian prior and a scale mixture, its weights"
        + " pruned by their signal to noise, beside plain nets and Monte Carlo dropout";
  }

  @Override
  public List<String> parts() {
    return List.of("plain", "gaussian", "dropout", "mixture");
  }

  /** What is left behind for the pictures that show several nets. */
  private record Shown(
      Map<String, List<Calibration.Bin>> bins,
      Map<String, float[]> ratios,
      Map<String, float[]> sigmas,
      Map<String, double[]> pruned) {}

  /** Trains one of the nets. */
  @FunctionalInterface
  private interface Fit<C extends Classifier<?>> {
    C of(int epochs, Course course);
  }

  @Override
  public void run(Bench bench) {
    DigitNets.Rows train = DigitNets.Rows.of(bench.images("mnist", true));
    DigitNets.Rows test = DigitNets.Rows.of(bench.images("mnist", false));
    Shown shown =
        new Shown(
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>(),
            new LinkedHashMap<>());
    List<String> parts = bench.parts();
    if (parts.contains("plain")) {
      plain(bench, narrow, 1.83, train, test, shown);
      plain(bench, wide, 1.88, train, test, shown);
    }
    if (parts.contains("gaussian")) {
      gaussian(bench, train, test, shown);
    }
    if (parts.contains("dropout")) {
      dropout(bench, train, test, shown);
    }
    if (parts.contains("mixture")) {
      mixture(bench, train, test, shown);
    }
    bench.picture(() -> ClassPictures.reliability("reliability.png", shown.bins()));
    if (shown.sigmas().isEmpty()) {
      return;
    }
    bench.picture(
        () ->
            ClassPictures.histograms(
                "signal-to-noise.png",
                "How far weights are from nothing",
                "Signal to noise of all weights, 10 log10(|mean| / standard deviation). Weights far"
                    + " to the left may be removed at little cost.",
                "signal to noise, decibels",
                -40,
                20,
                60,
                shown.ratios()));
    bench.picture(
        () ->
            ClassPictures.histograms(
                "sigma.png",
                "Standard deviations of the weights",
                "Standard deviations of the posterior of all weights, log10. It started at"
                    + " log10 0.02 = -1.7 for all of them.",
                "log10 of the standard deviation",
                -4,
                1,
                50,
                shown.sigmas()));
    bench.picture(() -> pruning(shown.pruned()));
  }

  private void gaussian(Bench bench, DigitNets.Rows train, DigitNets.Rows test, Shown shown) {
    try (BayesianClassifier net =
        fit(
            bench,
            "Gaussian prior, 2x" + narrow + " units",
            20,
            (epochs, course) ->
                DigitNets.bayesByBackprop(narrow, epochs, bench.seed(), course)
                    .build()
                    .fit(train.x(), train.labels()))) {
      String name = "gaussian" + narrow;
      double error = measure(bench, name, "BBB 2x" + narrow + ", Gaussian", net, 1.82, test, shown);
      posterior(bench, name, "Gaussian prior, 2x" + narrow, net, train.x().length, shown);
      prune(bench, name, error, null, net, test, shown);
    }
  }

  private void dropout(Bench bench, DigitNets.Rows train, DigitNets.Rows test, Shown shown) {
    try (McDropoutClassifier net =
        fit(
            bench,
            "Monte Carlo dropout, 2x" + wide + " units",
            30,
            (epochs, course) ->
                DigitNets.settings(
                        McDropoutClassifier.builder(), wide, epochs, bench.seed(), course)
                    .build()
                    .fit(train.x(), train.labels()))) {
      measure(bench, "mcDropout" + wide, "MC dropout 2x" + wide, net, 1.36, test, shown);
    }
  }

  private void mixture(Bench bench, DigitNets.Rows train, DigitNets.Rows test, Shown shown) {
    try (BayesianClassifier net =
        fit(
            bench,
            "Scale mixture prior, 2x" + wide + " units",
            60,
            (epochs, course) ->
                DigitNets.bayesByBackprop(wide, epochs, bench.seed(), course)
                    .prior(Prior.scaleMixture(0.75, 1, Math.exp(-7)))
                    .learningRate(3e-3)
                    .build()
                    .fit(train.x(), train.labels()))) {
      String name = "mixture" + wide;
      double error = measure(bench, name, "BBB 2x" + wide + ", mixture", net, 1.32, test, shown);
      posterior(bench, name, "scale mixture prior, 2x" + wide, net, train.x().length, shown);
      prune(bench, name, error, PUBLISHED, net, test, shown);
    }
  }

  private static <C extends Classifier<?>> C fit(Bench bench, String what, int own, Fit<C> fit) {
    int epochs = bench.epochs(own);
    return bench.train(what + ", " + Text.count(epochs, "epoch"), course -> fit.of(epochs, course));
  }

  private static void plain(
      Bench bench,
      int units,
      double known,
      DigitNets.Rows train,
      DigitNets.Rows test,
      Shown shown) {
    try (MlpClassifier net =
        fit(
            bench,
            "Plain net, 2x" + units + " units",
            20,
            (epochs, course) ->
                DigitNets.plain(units, epochs, bench.seed(), course)
                    .build()
                    .fit(train.x(), train.labels()))) {
      measure(bench, "plain" + units, "plain 2x" + units, net, known, test, shown);
    }
  }

  /** Leaves what a net is worth, and gives its error in percent. */
  private static double measure(
      Bench bench,
      String name,
      String title,
      Classifier<?> net,
      double known,
      DigitNets.Rows test,
      Shown shown) {
    ClassPrediction p = net.predict(test.x());
    DigitNets.measure(
        name,
        p,
        test.labels(),
        (figure, value) -> {
          if (figure.endsWith(".testError")) {
            bench.result(figure, value, known, TABLE_1);
          } else {
            bench.result(figure, value);
          }
        });
    if (p.draws() > 1) {
      double right = Calibration.accuracy(net.average(test.x()), test.labels());
      bench.result(name + ".testErrorOfMeans", 100 * (1 - right));
    }
    bench.result(name + ".minutes", net.summary().seconds() / 60);
    shown.bins().put(title, Calibration.reliability(p.probabilities(), test.labels(), 10));
    return 100 * (1 - Calibration.accuracy(p.probabilities(), test.labels()));
  }

  /** What became of the weights. */
  private static void posterior(
      Bench bench, String name, String title, BayesianClassifier net, int rows, Shown shown) {
    List<WeightNormals> arrays = net.posterior();
    float[] sigma = join(arrays.stream().map(WeightNormals::std).toList());
    float[] ratio = join(arrays.stream().map(WeightNormals::signalToNoise).toList());
    bench.result(name + ".trainNll", net.summary().nll() / rows);
    bench.result(name + ".trainKl", net.summary().kl() / rows);
    bench.result(name + ".medianSigma", Metrics.quantile(sigma, 0.5));
    bench.result(name + ".sigma10", Metrics.quantile(sigma, 0.1));
    bench.result(name + ".sigma90", Metrics.quantile(sigma, 0.9));
    bench.result(name + ".medianSignalToNoise", Metrics.quantile(ratio, 0.5));
    for (int i = 0; i < sigma.length; i++) {
      sigma[i] = (float) Math.log10(sigma[i]);
      ratio[i] = (float) (10 * Math.log10(ratio[i]));
    }
    shown.sigmas().put(title, sigma);
    shown.ratios().put(title, ratio);
  }

  private static float[] join(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** The error while weights of least signal to noise are removed, and as it was published. */
  private static void prune(
      Bench bench,
      String name,
      double whole,
      double @Nullable [] published,
      BayesianClassifier net,
      DigitNets.Rows test,
      Shown shown) {
    double[] errors = new double[REMOVED.length];
    for (int i = 0; i < REMOVED.length; i++) {
      errors[i] = whole;
      if (REMOVED[i] > 0) {
        float[][] p = net.prune(0.01 * REMOVED[i]).predict(test.x()).probabilities();
        errors[i] = 100 * (1 - Calibration.accuracy(p, test.labels()));
      }
      String result = name + ".pruned" + REMOVED[i] + ".testError";
      bench.result(result, errors[i]);
      if (published != null) {
        bench.published(result, published[i], TABLE_2);
      }
    }
    shown.pruned().put(name, errors);
    if (published != null) {
      shown.pruned().put("published", published);
    }
  }

  private static Picture pruning(Map<String, double[]> pruned) {
    double[] removed = Arrays.stream(REMOVED).asDoubleStream().toArray();
    double most = pruned.values().stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
    Drawing drawing =
        new Drawing(720, 400, "weights removed, %", "test error, %")
            .range(-2, 102, 0, 1.2 * Math.min(Math.max(most, 2), 8));
    int[] at = {0};
    pruned.forEach(
        (name, errors) -> drawing.markedLine(name, ClassPictures.colour(at[0]++), removed, errors));
    return new Picture(
        "pruning.png",
        "Test error while weights are removed",
        "Weights of least signal to noise are set to 0. The nets have errors of their own to start"
            + " with; what matters is where the lines rise.",
        720,
        drawing.png());
  }
}
