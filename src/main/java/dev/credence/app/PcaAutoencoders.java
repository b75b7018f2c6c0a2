package dev.credence.app;

import dev.credence.data.CsvTable;
import dev.credence.data.Images;
import dev.credence.data.Table;
import dev.credence.train.AutoencoderModel;
import dev.credence.train.Pca;
import java.util.Arrays;

/** Linear autoencoders are principal component analysis; deep ones go further. */
final class PcaAutoencoders implements Experiment {
  private static final int WINE_CODE = 3;

  @Override
  public String name() {
    return "pca-ae";
  }

  @Override
  public String summary() {
    return "principal components, linear and deep autoencoders of wine and of MNIST";
  }

  @Override
  public void run(Bench bench) {
    wine(bench);
    digits(bench);
  }

  private static void wine(Bench bench) {
    Table table = CsvTable.read(bench.data("tables", "winequality-red.csv"));
    float[][] x = standardised(table.matrix(table.names().subList(0, table.names().size() - 1)));
    Pca pca = Pca.fit(x);
    try (AutoencoderModel linear =
        bench.train(
            "A linear autoencoder of wine",
            course ->
                course
                    .on(AutoencoderModel.builder())
                    .code(WINE_CODE)
                    .epochs(200 * bench.epochs(15))
                    .batchSize(x.length)
                    .learningRate(0.02)
                    .seed(bench.seed())
                    .build()
                    .fit(x))) {
      float[] w = linear.decoderWeights();
      double[][] directions = new double[WINE_CODE][x[0].length];
      for (int i = 0; i < w.length; i++) {
        directions[i % WINE_CODE][i / WINE_CODE] = w[i];
      }
      bench.result("wine.linearAngle", pca.angle(directions));
      bench.result(
          "wine.linearLoss",
          Digits.squaredError(x, linear.reconstruct(x)),
          pca.discarded(WINE_CODE),
          "sum of the discarded eigenvalues");
    }
  }

  static float[][] standardised(float[][] x) {
    float[][] rows = Arrays.stream(x).map(float[]::clone).toArray(float[][]::new);
    for (int j = 0; j < x[0].length; j++) {
      double mean = 0;
      double square = 0;
      for (float[] row : x) {
        mean += row[j] / (double) x.length;
      }
      for (float[] row : x) {
        square += (row[j] - mean) * (row[j] - mean) / x.length;
      }
      for (float[] row : rows) {
        row[j] = (float) ((row[j] - mean) / Math.sqrt(square));
      }
    }
    return rows;
  }

  private static void digits(Bench bench) {
    float[][] train = Digits.rows(bench.images("mnist", true));
    Images testImages = bench.images("mnist", false);
    float[][] test = Digits.rows(testImages);
    bench.say("Principal components of MNIST");
    Pca pca = Pca.fit(train);
    for (int k : new int[] {2, 30}) {
      float[][] restored = pca.restore(pca.transform(test, k));
      bench.result("mnist.pcaTestError" + k, Digits.squaredError(test, restored));
    }
    float[][] codes = pca.transform(test, 2);
    bench.picture(
        () ->
            Digits.plane(
                "pca.png",
                "MNIST along its first two principal components",
                "Test digits along the first two principal components.",
                codes,
                testImages.labels()));
    for (int k : new int[] {2, 30}) {
      try (AutoencoderModel deep =
          bench.train(
              "A deep autoencoder of MNIST with a code of " + k,
              course ->
                  course
                      .on(AutoencoderModel.builder())
                      .code(k)
                      .hidden(512, 128)
                      .epochs(bench.epochs(15))
                      .seed(bench.seed())
                      .build()
                      .fit(train))) {
        float[][] restored = deep.reconstruct(test);
        bench.result("mnist.deepTestError" + k, Digits.squaredError(test, restored));
        if (k == 2) {
          float[][] plane = deep.encode(test);
          bench.picture(
              () ->
                  Digits.plane(
                      "deep.png",
                      "MNIST in the code of a deep autoencoder",
                      "The same digits in the two numbers of a deep autoencoder's code.",
                      plane,
                      testImages.labels()));
        }
        float[][] both = new float[24][];
        for (int i = 0; i < 12; i++) {
          both[i] = test[i];
          both[12 + i] = restored[i];
        }
        bench.picture(
            () ->
                Digits.tiles(
                    "restored" + k + ".png",
                    "Test digits and what is left of them",
                    "Above, test digits; below, what a code of " + k + " numbers keeps of them.",
                    12,
                    both));
      }
    }
  }
}
