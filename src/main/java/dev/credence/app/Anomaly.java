package dev.credence.app;

import dev.credence.data.CsvTable;
import dev.credence.data.Split;
import dev.credence.data.Table;
import dev.credence.nn.Activation;
import dev.credence.train.AnomalyDetector;
import dev.credence.train.Pca;
import dev.credence.train.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Outliers found by what an autoencoder cannot restore. */
final class Anomaly implements Experiment {
  private static final List<String> TABLES = List.of("thyroid", "annthyroid", "mammography");
  private static final int SEEDS = 3;

  @Override
  public String name() {
    return "anomaly";
  }

  @Override
  public String summary() {
    return "outliers of three tables by reconstruction errors: principal components, linear and"
        + " deep autoencoders, codes of 0 to 5 numbers";
  }

  /** Usual rows to learn from, and rows of both kinds to tell apart. */
  private record Task(float[][] train, float[][] test, boolean[] outlier) {
    /** Half of the usual rows at random; the rest and all outliers are for the test. */
    static Task of(Table table, long seed) {
      List<String> features = new ArrayList<>(table.names());
      features.remove("outlier");
      float[][] x = table.matrix(features);
      float[] label = table.column("outlier");
      int[] usual = IntStream.range(0, x.length).filter(i -> label[i] == 0).toArray();
      int[] odd = IntStream.range(0, x.length).filter(i -> label[i] != 0).toArray();
      Split split = Split.of(usual.length, 0.5, seed);
      float[][] inliers = Split.rows(x, usual);
      float[][] rest = Split.rows(inliers, split.test());
      float[][] test = new float[rest.length + odd.length][];
      boolean[] outlier = new boolean[test.length];
      for (int i = 0; i < test.length; i++) {
        outlier[i] = i >= rest.length;
        test[i] = outlier[i] ? x[odd[i - rest.length]] : rest[i];
      }
      return standardised(Split.rows(inliers, split.train()), test, outlier);
    }

    private static Task standardised(float[][] train, float[][] test, boolean[] outlier) {
      int d = train[0].length;
      double[] mean = new double[d];
      double[] square = new double[d];
      for (float[] row : train) {
        for (int j = 0; j < d; j++) {
          mean[j] += row[j] / (double) train.length;
        }
      }
      for (float[] row : train) {
        for (int j = 0; j < d; j++) {
          square[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / train.length;
        }
      }
      return new Task(apply(train, mean, square), apply(test, mean, square), outlier);
    }

    private static float[][] apply(float[][] rows, double[] mean, double[] square) {
      float[][] result = new float[rows.length][mean.length];
      for (int i = 0; i < rows.length; i++) {
        for (int j = 0; j < mean.length; j++) {
          result[i][j] = (float) ((rows[i][j] - mean[j]) / Math.sqrt(square[j]));
        }
      }
      return result;
    }

    double auroc(float[] scores) {
      return Ranking.auroc(scores, outlier);
    }
  }

  @Override
  public void run(Bench bench) {
    for (String name : TABLES) {
      Table table = CsvTable.read(bench.data("tables", name + ".csv"));
      bench.say("Outliers of " + name);
      int width = table.names().size() - 1;
      for (int k = 0; k <= 5 && k < width; k++) {
        double pca = 0;
        double linear = 0;
        double deep = 0;
        for (int s = 0; s < SEEDS; s++) {
          long seed = bench.seed() + s;
          Task task = Task.of(table, seed);
          pca += task.auroc(Pca.fit(task.train()).residuals(task.test(), k)) / SEEDS;
          if (k > 0) {
            linear += detector(bench, name, task, k, seed) / SEEDS;
            deep += detector(bench, name, task, k, seed, 32, 16) / SEEDS;
          }
        }
        bench.result(name + ".k" + k + ".pca", pca);
        if (k > 0) {
          bench.result(name + ".k" + k + ".linear", linear);
          bench.result(name + ".k" + k + ".deep", deep);
        }
      }
    }
  }

  private static double detector(
      Bench bench, String table, Task task, int code, long seed, int... hidden) {
    boolean linear = hidden.length == 0;
    String what = table + ", code of " + code + (linear ? ", linear" : ", deep") + ", seed " + seed;
    try (AnomalyDetector detector =
        bench
            .unseen(what)
            .on(AnomalyDetector.builder())
            .code(code)
            .hidden(hidden)
            .activation(Activation.TANH)
            .epochs(bench.epochs(linear ? 600 : 60))
            .batchSize(linear ? 256 : 128)
            .learningRate(linear ? 0.01 : 3e-3)
            .seed(seed)
            .build()
            .fit(task.train())) {
      return task.auroc(detector.score(task.test()));
    }
  }
}
