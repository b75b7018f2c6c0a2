package dev.credence.app;

import dev.credence.data.GapData;
import dev.credence.device.Device;
import dev.credence.train.BayesianRegressor;
import dev.credence.train.Metrics;
import dev.credence.train.Prediction;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a Bayesian neural network and reports how good, and how sure, it is. */
@Command(
    name = "fit",
    description = {
      "Trains a Bayesian neural network to predict one column of a table, and reports how good its"
          + " predictions are and how sure it is of them.",
      "Without --data it makes its own: one input with a gap, and noise that grows with it."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class FitCommand implements Runnable {
  private static final String REPORT = "report.html";

  private final PrintWriter out;
  private final PrintWriter err;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "A text file of numbers, one row a line; separator and header line are detected.")
  private @Nullable Path data;

  @Option(
      names = "--target",
      paramLabel = "COLUMN",
      description =
          "The column to predict from all others: its name, or its number from 1 where there is no"
              + " header.")
  private @Nullable String target;

  @Option(
      names = "--test-fraction",
      paramLabel = "F",
      description = "The part of the rows kept for testing (default: ${DEFAULT-VALUE}).")
  private double testFraction = 0.1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Decides the split and all that is drawn at random: the same seed gives the same result"
              + " (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often training goes through the rows.")
  private @Nullable Integer epochs;

  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Where the report and its pictures go (default: target/report where there is a target"
              + " folder, else credence-report).")
  private @Nullable Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the numbers as JSON, too.")
  private @Nullable Path json;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Keeps what has been learned there, for 'credence predict'.")
  private @Nullable Path save;

  FitCommand(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public void run() {
    checkOptions();
    Device on = device.named();
    Problem problem = problem();
    Path directory = directory();
    Outputs.checkDirectory(directory);
    if (json != null) {
      Outputs.checkFile(json);
    }
    if (save != null) {
      Outputs.checkFile(save);
    }

    out.println(problem.describe());
    out.flush();
    try (BayesianRegressor regressor = train(problem, on)) {
      Prediction test = regressor.predict(problem.testX());
      Scores scores = scores(problem, on, regressor, test);
      if (!Double.isFinite(scores.rmse() + scores.nll() + scores.epistemicStd())) {
        throw new UserError(
            "Training on " + problem.name() + " diverged: its predictions are not finite.");
      }
      List<Picture> pictures = pictures(problem, regressor, test);
      out.println();
      out.print(scores.table());
      out.println();
      out.println("trained on " + scores.training());
      write(directory, problem, scores, pictures);
      if (save != null) {
        Outputs.makeParent(save);
        new Fitted(problem.columns(), problem.target(), seed).save(regressor, save);
      }
      tell(directory, pictures);
    }
  }

  private void checkOptions() {
    if (!(testFraction > 0 && testFraction < 1)) {
      throw new UserError(
          "--test-fraction lies between 0 and 1, and " + testFraction + " does not.");
    }
    if (epochs != null && epochs < 1) {
      throw new UserError("--epochs is at least 1, and " + epochs + " is not.");
    }
    if (data == null && target != null) {
      throw new UserError("--target names a column of a table, so it needs --data FILE.");
    }
  }

  private Problem problem() {
    return data == null
        ? Problem.gap(testFraction, seed)
        : Problem.of(data, target, testFraction, seed);
  }

  private Path directory() {
    if (report != null) {
      return report;
    }
    Path build = Path.of("target");
    return Files.isDirectory(build) ? build.resolve("report") : Path.of("credence-report");
  }

  private BayesianRegressor train(Problem problem, Device on) {
    try (Progress progress = new Progress(err, Progress.onTerminal())) {
      BayesianRegressor.Builder builder =
          BayesianRegressor.builder().seed(seed).device(on).listener(progress);
      if (epochs != null) {
        builder.epochs(epochs);
      }
      return builder.build().fit(problem.trainX(), problem.trainY());
    }
  }

  private Scores scores(Problem problem, Device on, BayesianRegressor regressor, Prediction test) {
    float[] y = problem.testY();
    float[][] interval = test.interval(0.9);
    var summary = regressor.summary();
    return new Scores(
        on.name(),
        problem.name(),
        problem.target(),
        problem.rows(),
        y.length,
        problem.features(),
        Metrics.rmse(y, test.mean()),
        -Metrics.mean(test.logDensity(y)),
        Metrics.coverage(y, interval[0], interval[1]),
        mean(test.epistemicStd()),
        mean(test.aleatoricStd()),
        problem.gap() ? OptionalDouble.of(ratio(regressor)) : OptionalDouble.empty(),
        summary.seconds(),
        summary.stepMicros(),
        summary.epochs(),
        summary.steps(),
        seed);
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /** Mean epistemic standard deviation in the gap over that where there is data. */
  private static double ratio(BayesianRegressor regressor) {
    float[][] grid = Pictures.grid(GapData.LOW, GapData.HIGH);
    float[] epistemic = regressor.predict(grid).epistemicStd();
    double[] sums = new double[2];
    int[] counts = new int[2];
    for (int i = 0; i < grid.length; i++) {
      int side = GapData.inGap(grid[i][0]) ? 1 : 0;
      sums[side] += epistemic[i];
      counts[side]++;
    }
    return (sums[1] / counts[1]) / (sums[0] / counts[0]);
  }

  private List<Picture> pictures(Problem problem, BayesianRegressor regressor, Prediction test) {
    try {
      if (problem.gap()) {
        Prediction prediction = regressor.predict(Pictures.gapGrid());
        return List.of(Pictures.bands(problem, prediction), Pictures.parts(prediction));
      }
      return List.of(
          Pictures.predictions(Text.column(problem.target()), problem.testY(), test),
          Pictures.calibration(problem.testY(), test));
    } catch (InternalError | LinkageError e) {
      // A machine without fonts, or without the libraries that Java draws them with.
      err.println("There are no pictures: Java needs fontconfig and a font to draw them.");
      return List.of();
    }
  }

  private void write(Path directory, Problem problem, Scores scores, List<Picture> pictures) {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    for (Picture picture : pictures) {
      files.put(directory.resolve(picture.file()), picture.png());
    }
    String html = Report.html(problem, scores, pictures);
    files.put(directory.resolve(REPORT), html.getBytes(StandardCharsets.UTF_8));
    if (json != null) {
      files.put(json, scores.json());
    }
    Outputs.write(files);
  }

  private void tell(Path directory, List<Picture> pictures) {
    out.println("report     " + directory.resolve(REPORT).toAbsolutePath().normalize());
    for (Picture picture : pictures) {
      out.println("picture    " + directory.resolve(picture.file()).toAbsolutePath().normalize());
    }
    if (json != null) {
      out.println("json       " + json.toAbsolutePath().normalize());
    }
    if (save != null) {
      out.println("saved      " + save.toAbsolutePath().normalize());
    }
    out.flush();
  }
}
