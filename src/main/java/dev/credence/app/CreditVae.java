package dev.credence.app;

import dev.credence.data.CsvTable;
import dev.credence.data.Split;
import dev.credence.data.Table;
import dev.credence.model.Likelihood;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.train.LearningRate;
import dev.credence.train.MlpClassifier;
import dev.credence.train.RankNormal;
import dev.credence.train.Ranking;
import dev.credence.train.VaeModel;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A table of numbers and categories, mapped to a plane and made anew. */
final class CreditVae implements Experiment {
  private static final List<String> NUMERIC = List.of("A2", "A3", "A7", "A10", "A13", "A14");
  private static final int SEEDS = 3;
  private static final int FOLDS = 10;
  private static final int DRAWN = 20_000;

  @Override
  public String name() {
    return "credit-vae";
  }

  @Override
  public String summary() {
    return "a VAE with a code of two numbers on the Australian credit table: applicants made up,"
        + " and how much of the class, never seen, is in the code";
  }

  /**
   * The table as rows of numbers.
   *
   * @param x normal numbers, then each category's ones among zeros
   * @param levels the values of each category
   */
  private record Credit(
      float[][] x,
      float[][] numeric,
      List<float[]> categories,
      List<float[]> levels,
      int[] label,
      Likelihood likelihood) {
    static Credit of(Table table, long seed) {
      int n = table.rows();
      float[][] numeric = NUMERIC.stream().map(table::column).toArray(float[][]::new);
      List<float[]> categories = new ArrayList<>();
      List<float[]> levels = new ArrayList<>();
      List<Likelihood.Mixed.Column> columns = new ArrayList<>();
      for (int i = 0; i < NUMERIC.size(); i++) {
        columns.add(new Likelihood.Mixed.Column(1, new Likelihood.LearnedGaussian(0.05)));
      }
      int width = NUMERIC.size();
      for (String name : table.names()) {
        if (!NUMERIC.contains(name) && !name.equals("class")) {
          float[] column = table.column(name);
          float[] values = distinct(column);
          categories.add(column);
          levels.add(values);
          columns.add(new Likelihood.Mixed.Column(values.length, new Likelihood.Categorical()));
          width += values.length;
        }
      }
      float[][] x = new float[n][width];
      for (int j = 0; j < numeric.length; j++) {
        float[] normal = RankNormal.normal(numeric[j], seed + j);
        for (int i = 0; i < n; i++) {
          x[i][j] = normal[i];
        }
      }
      int at = NUMERIC.size();
      for (int c = 0; c < categories.size(); c++) {
        for (int i = 0; i < n; i++) {
          x[i][at + Arrays.binarySearch(levels.get(c), categories.get(c)[i])] = 1;
        }
        at += levels.get(c).length;
      }
      float[] label = table.column("class");
      return new Credit(
          x,
          numeric,
          categories,
          levels,
          IntStream.range(0, n).map(i -> (int) label[i]).toArray(),
          new Likelihood.Mixed(columns));
    }

    private static float[] distinct(float[] column) {
      float[] sorted = column.clone();
      Arrays.sort(sorted);
      int n = 0;
      for (int i = 0; i < sorted.length; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
          sorted[n++] = sorted[i];
        }
      }
      return Arrays.copyOf(sorted, n);
    }
  }

  @Override
  public void run(Bench bench) {
    Table table = CsvTable.read(bench.data("tables", "australian.csv"));
    double auroc = 0;
    double worstKs = 0;
    double worstVariation = 0;
    double elbo = 0;
    for (int s = 0; s < SEEDS; s++) {
      long seed = bench.seed() + s;
      Credit credit = Credit.of(table, seed);
      try (VaeModel vae =
          bench.train(
              "A VAE of the credit table, seed " + seed,
              course ->
                  course
                      .on(VaeModel.builder())
                      .latent(2)
                      .hidden(64)
                      .activation(Activation.TANH)
                      .likelihood(credit.likelihood())
                      .bound(Vae.Bound.elbo(4))
                      .epochs(bench.epochs(300))
                      .batchSize(64)
                      .learningRate(LearningRate.cosine(3e-3, 1e-4, bench.epochs(300) * 11L))
                      .seed(seed)
                      .build()
                      .fit(credit.x()))) {
        float[][] codes = vae.encode(credit.x());
        auroc += folds(bench, codes, credit.label(), seed) / SEEDS;
        elbo += Bench.negativeMean(vae.elbo(credit.x())) / SEEDS;
        float[][] made = vae.decodeDraw(vae.drawCodes(DRAWN));
        worstKs = Math.max(worstKs, worstKs(credit, made));
        worstVariation = Math.max(worstVariation, worstVariation(credit, made));
        if (s == 0) {
          bench.picture(() -> plane(codes, credit.label()));
        }
      }
    }
    bench.result("latentAuroc", auroc);
    bench.result("worstKs", worstKs);
    bench.result("worstTotalVariation", worstVariation);
    bench.result("negativeElbo", elbo);
  }

  /** The area under the curve of all rows, each scored by the fit that did not see it. */
  private static double folds(Bench bench, float[][] codes, int[] label, long seed) {
    Split order = Split.of(codes.length, 0.5, seed);
    int[] rows =
        IntStream.concat(Arrays.stream(order.test()), Arrays.stream(order.train())).toArray();
    float[] scores = new float[codes.length];
    for (int fold = 0; fold < FOLDS; fold++) {
      int own = fold;
      int[] test =
          IntStream.range(0, rows.length).filter(i -> i % FOLDS == own).map(i -> rows[i]).toArray();
      int[] train =
          IntStream.range(0, rows.length).filter(i -> i % FOLDS != own).map(i -> rows[i]).toArray();
      int[] labels = Arrays.stream(train).map(i -> label[i]).toArray();
      try (var logistic =
          MlpClassifier.builder()
              .hidden()
              .standardise(false)
              .epochs(200)
              .batchSize(codes.length)
              .learningRate(0.1)
              .seed(seed)
              .device(bench.device())
              .build()
              .fit(Split.rows(codes, train), labels)) {
        float[][] p = logistic.predict(Split.rows(codes, test)).probabilities();
        for (int i = 0; i < test.length; i++) {
          scores[test[i]] = p[i][1];
        }
      }
    }
    boolean[] positive = new boolean[label.length];
    for (int i = 0; i < label.length; i++) {
      positive[i] = label[i] == 1;
    }
    return Ranking.auroc(scores, positive);
  }

  /** The largest difference between a numeric column's distribution functions, made and true. */
  private static double worstKs(Credit credit, float[][] made) {
    double worst = 0;
    for (int j = 0; j < credit.numeric().length; j++) {
      RankNormal ranks = RankNormal.of(credit.numeric()[j]);
      float[] values = new float[made.length];
      for (int i = 0; i < made.length; i++) {
        values[i] = ranks.back(made[i][j]);
      }
      worst = Math.max(worst, ks(credit.numeric()[j], values));
    }
    return worst;
  }

  private static double ks(float[] a, float[] b) {
    float[] x = a.clone();
    float[] y = b.clone();
    Arrays.sort(x);
    Arrays.sort(y);
    double worst = 0;
    int i = 0;
    int j = 0;
    while (i < x.length && j < y.length) {
      float at = Math.min(x[i], y[j]);
      while (i < x.length && x[i] == at) {
        i++;
      }
      while (j < y.length && y[j] == at) {
        j++;
      }
      worst = Math.max(worst, Math.abs((double) i / x.length - (double) j / y.length));
    }
    return worst;
  }

  /** The largest total variation between a category's shares, made and true. */
  private static double worstVariation(Credit credit, float[][] made) {
    double worst = 0;
    int at = NUMERIC.size();
    for (int c = 0; c < credit.levels().size(); c++) {
      double variation = 0;
      for (int level = 0; level < credit.levels().get(c).length; level++) {
        double seen = share(credit.x(), at);
        variation += 0.5 * Math.abs(seen - share(made, at++));
      }
      worst = Math.max(worst, variation);
    }
    return worst;
  }

  private static double share(float[][] rows, int column) {
    double sum = 0;
    for (float[] row : rows) {
      sum += row[column];
    }
    return sum / rows.length;
  }

  private static Picture plane(float[][] codes, int[] label) {
    Drawing drawing = new Drawing(720, 640, "first number of the code", "second");
    for (int c = 0; c < 2; c++) {
      int own = c;
      int[] which = IntStream.range(0, codes.length).filter(i -> label[i] == own).toArray();
      drawing.dots(
          c == 0 ? "refused" : "granted",
          c == 0 ? new Color(0xd1, 0x3d, 0x00) : new Color(0x00, 0x55, 0x99),
          Arrays.stream(which).mapToDouble(i -> codes[i][0]).toArray(),
          Arrays.stream(which).mapToDouble(i -> codes[i][1]).toArray());
    }
    return new Picture(
        "plane.png",
        "Applicants in the plane of codes",
        "Mean codes of the applicants, coloured by a class that the model has never seen.",
        720,
        drawing.png());
  }
}
