package dev.credence.app;

import dev.credence.data.GapData;
import dev.credence.train.Metrics;
import dev.credence.train.Prediction;
import java.awt.Color;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Draws the pictures of the reports. The colours can be told apart by colour-blind eyes, too. */
final class Pictures {
  private static final int WIDTH = 960;
  private static final int GRID = 401;

  /** The standard normal quantile of 95%: plus and minus it hold 90%. */
  private static final double Z90 = 1.6448536;

  /** The most test rows that can be told apart in one picture. */
  private static final int MAX_BARS = 160;

  static final Color SHADE = new Color(0xee, 0xf0, 0xf2);
  static final Color BLUE = new Color(0x00, 0x55, 0x99);
  static final Color BLUE_BAND = new Color(0xb4, 0xd5, 0xec);
  static final Color ORANGE = new Color(0xe6, 0x9f, 0x00);
  static final Color ORANGE_BAND = new Color(0xf3, 0xc0, 0x5c);
  static final Color RED = new Color(0xd1, 0x3d, 0x00);
  private static final Color DOT = new Color(0x22, 0x2b, 0x36);
  private static final Color PALE_DOT = new Color(0x22, 0x2b, 0x36, 0x70);

  /** For several things of one kind (Okabe and Ito 2008). */
  private static final Color[] MANY = {
    BLUE,
    ORANGE,
    new Color(0x00, 0x9e, 0x73),
    new Color(0xcc, 0x79, 0xa7),
    RED,
    new Color(0x56, 0xb4, 0xe9),
    DOT
  };

  private Pictures() {}

  /** Inputs at even distances. */
  static float[][] grid(double low, double high) {
    return IntStream.range(0, GRID)
        .mapToObj(i -> new float[] {(float) (low + (high - low) * i / (GRID - 1))})
        .toArray(float[][]::new);
  }

  /** The inputs that pictures of the made-up data show. */
  static float[][] gapGrid() {
    return grid(GapData.LOW - 1, GapData.HIGH + 1);
  }

  /** The made-up data with the prediction and its bands. */
  static Picture bands(Problem problem, Prediction prediction) {
    double[] x = inputs(gapGrid());
    double[] mean = doubles(prediction.mean());
    double[] epistemic = doubles(prediction.epistemicStd());
    double[] bottom = doubles(prediction.interval(0.9)[0]);
    double[] top = doubles(prediction.interval(0.9)[1]);
    double[] trainX = inputs(problem.trainX());
    double[] trainY = doubles(problem.trainY());
    double low = Math.min(min(bottom), min(trainY));
    double high = Math.max(max(top), max(trainY));
    double margin = 0.04 * (high - low);

    byte[] png =
        gapDrawing(500, "target y", low - margin, high + margin)
            .band("90% interval with noise", BLUE_BAND, x, bottom, top)
            .band(
                "90% of the mean (epistemic)",
                ORANGE_BAND, x, plus(mean, -Z90, epistemic), plus(mean, Z90, epistemic))
            .dots("training rows", PALE_DOT, trainX, trainY)
            .dashes("truth", x, truth(x, GapData::mean))
            .line("predicted mean", BLUE, x, mean)
            .png();
    return new Picture(
        "uncertainty.png",
        "The prediction with its uncertainty, and the rows it was trained on",
        "The orange band is what the model does not know about the mean (epistemic uncertainty):"
            + " it should widen where there were no rows to learn from. The blue band adds the"
            + " noise of the data (aleatoric uncertainty): nine of ten new rows should fall into"
            + " it.",
        WIDTH,
        png);
  }

  /** The two kinds of uncertainty over the input of the made-up data. */
  static Picture parts(Prediction prediction) {
    double[] x = inputs(gapGrid());
    double[] epistemic = doubles(prediction.epistemicStd());
    double[] aleatoric = doubles(prediction.aleatoricStd());
    double[] noise = truth(x, GapData::noise);
    double most = Math.max(GapData.noise(GapData.HIGH), Math.max(max(epistemic), max(aleatoric)));

    byte[] png =
        gapDrawing(340, "standard deviation of y", -0.01 * most, 1.08 * most)
            .dashes("true noise", x, noise)
            .line("aleatoric: noise of the data", BLUE, x, aleatoric)
            .line("epistemic: what the model does not know", ORANGE, x, epistemic)
            .png();
    return new Picture(
        "parts.png",
        "Epistemic and aleatoric standard deviation over the input",
        "The same uncertainty in its two parts. The noise should follow the dashed truth where"
            + " there is data; the model's own uncertainty should rise where there is none.",
        WIDTH,
        png);
  }

  /** The test rows with their predictions, in order of the predicted mean. */
  static Picture predictions(String target, float[] y, Prediction test) {
    int[] rows = sample(sortedBy(test.mean()), MAX_BARS);
    double[] place = IntStream.rangeClosed(1, rows.length).asDoubleStream().toArray();
    double[] mean = pick(test.mean(), rows);
    double[] bottom = pick(test.interval(0.9)[0], rows);
    double[] top = pick(test.interval(0.9)[1], rows);
    double[] seen = pick(y, rows);
    double[] inside = new double[rows.length];
    double[] outside = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      boolean in = bottom[i] <= seen[i] && seen[i] <= top[i];
      inside[i] = in ? seen[i] : Double.NaN;
      outside[i] = in ? Double.NaN : seen[i];
    }
    double low = Math.min(min(bottom), min(seen));
    double high = Math.max(max(top), max(seen));
    double margin = 0.05 * (high - low);

    String which = rows.length == y.length ? "" : rows.length + " of " + y.length + " ";
    byte[] png =
        new Drawing(WIDTH, 500, which + "test rows, sorted by predicted " + target, target)
            .range(0, rows.length + 1, low - margin, high + margin)
            .withoutXNumbers()
            .bars("90% interval", BLUE_BAND, place, bottom, top)
            .line("predicted mean", BLUE, place, mean)
            .dots("observed, inside", DOT, place, inside)
            .dots("observed, outside", RED, place, outside)
            .png();
    return new Picture(
        "predictions.png",
        "Predicted and observed " + target + " of the test rows",
        "Each bar is the 90% interval of one row that the model has not seen. About one observation"
            + " in ten should lie outside its bar, and the dots should rise with the line.",
        WIDTH,
        png);
  }

  private static int[] sortedBy(float[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> values[row]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** At most so many, evenly taken. */
  private static int[] sample(int[] rows, int most) {
    int n = Math.min(rows.length, most);
    return IntStream.range(0, n).map(i -> rows[(int) ((long) i * rows.length / n)]).toArray();
  }

  /** How many observations the intervals hold against how many they promise. */
  static Picture calibration(float[] y, Prediction test) {
    double[] promised = {.05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95};
    double[] held =
        Arrays.stream(promised)
            .map(
                mass -> {
                  float[][] interval = test.interval(mass);
                  return Metrics.coverage(y, interval[0], interval[1]);
                })
            .toArray();
    double[] all = IntStream.range(0, GRID).mapToDouble(i -> i / (GRID - 1.0)).toArray();
    double[] low = Arrays.stream(all).map(p -> Scores.chanceLow(p, y.length)).toArray();
    double[] high = Arrays.stream(all).map(p -> Scores.chanceHigh(p, y.length)).toArray();

    byte[] png =
        new Drawing(640, 560, "rows that an interval promises to hold", "rows it holds")
            .range(-0.02, 1.02, -0.02, 1.02)
            .labels(part -> Math.round(100 * part) + "%")
            .band("within chance", BLUE_BAND, all, low, high)
            .dashes("as promised", all, all)
            .markedLine("test rows", BLUE, promised, held)
            .png();
    return new Picture(
        "calibration.png",
        "The part of the test rows that intervals hold, against the part they promise",
        "On the dashed line the intervals hold what they promise; above it they are wider than they"
            + " need be, below it the model is too sure of itself. Inside the blue band the"
            + " difference may be chance (95 of 100 tests of an honest model lie there).",
        640,
        png);
  }

  /**
   * Figures of several data sets beside the published ones.
   *
   * @param rmse how much better than published, in units of what chance allows
   * @param ll likewise
   */
  static Picture besidePublished(List<String> sets, double[] rmse, double[] ll) {
    int n = sets.size();
    double reach = 1.2;
    for (int i = 0; i < n; i++) {
      reach = Math.max(reach, 1.1 * Math.max(Math.abs(rmse[i]), Math.abs(ll[i])));
    }
    double[] edges = {0.4, n + 0.6};
    byte[] png =
        new Drawing(WIDTH, 420, "", "better than published, in bounds of chance")
            .range(edges[0], edges[1], -1.15 * reach, reach)
            .band(
                "within two standard errors of the published mean",
                SHADE,
                edges,
                new double[] {-1, -1},
                new double[] {1, 1})
            .dots("RMSE", BLUE, places(n, -0.08), rmse)
            .dots("log likelihood", ORANGE, places(n, 0.08), ll)
            .names(sets.stream().map(set -> set.split("-", 2)[0]).toList(), -1.07 * reach)
            .png();
    return new Picture(
        "published.png",
        "Test RMSE and log likelihood beside the published means",
        "Above 0 is better than published; one unit is two standard errors of the published mean"
            + " over the splits, so that dots in the grey band may differ by chance.",
        WIDTH,
        png);
  }

  private static double[] places(int n, double shift) {
    return IntStream.rangeClosed(1, n).mapToDouble(i -> i + shift).toArray();
  }

  /**
   * How many test rows the intervals of several data sets hold.
   *
   * @param promised the parts that the intervals promise to hold
   * @param held the parts that they hold, by the sets' names
   */
  static Picture coverages(double[] promised, Map<String, double[]> held) {
    double[] all = {0, 1};
    Drawing drawing =
        new Drawing(640, 560, "rows that an interval promises to hold", "rows it holds")
            .range(-0.02, 1.02, -0.02, 1.02)
            .labels(part -> Math.round(100 * part) + "%")
            .line("as promised", SHADE, all, all);
    int colour = 0;
    for (Map.Entry<String, double[]> set : held.entrySet()) {
      drawing.markedLine(set.getKey(), MANY[colour++ % MANY.length], promised, set.getValue());
    }
    return new Picture(
        "calibration.png",
        "The part of the test rows that intervals hold, against the part they promise",
        "Intervals around the mean as wide as those of a normal distribution of the predicted"
            + " deviation. On the grey line they hold what they promise; above it they are wider"
            + " than they need be, below it the model is too sure of itself.",
        640,
        drawing.png());
  }

  private static Drawing gapDrawing(int height, String yTitle, double low, double high) {
    double[] x = {GapData.GAP_LOW, GapData.GAP_HIGH};
    return new Drawing(WIDTH, height, "input x", yTitle)
        .range(GapData.LOW - 1, GapData.HIGH + 1, low, high)
        .band("no data", SHADE, x, new double[] {low, low}, new double[] {high, high});
  }

  /** A truth of the made-up data, as far as there is data. */
  private static double[] truth(double[] x, DoubleUnaryOperator truth) {
    return Arrays.stream(x)
        .map(at -> at < GapData.LOW || at > GapData.HIGH ? Double.NaN : truth.applyAsDouble(at))
        .toArray();
  }

  private static double[] inputs(float[][] rows) {
    return Arrays.stream(rows).mapToDouble(row -> row[0]).toArray();
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static double[] pick(float[] values, int[] which) {
    return Arrays.stream(which).mapToDouble(i -> values[i]).toArray();
  }

  private static double[] plus(double[] a, double factor, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] + factor * b[i]).toArray();
  }

  private static double min(double[] values) {
    return Arrays.stream(values).min().orElseThrow();
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElseThrow();
  }
}
