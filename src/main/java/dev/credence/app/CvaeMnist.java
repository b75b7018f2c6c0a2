package dev.credence.app;

import dev.credence.data.Images;
import dev.credence.model.Vae;
import dev.credence.train.LearningRate;
import dev.credence.train.MlpClassifier;
import dev.credence.train.VaeModel;

/** Digits of a class that one asks for. */
final class CvaeMnist implements Experiment {
  private static final int DRAWN = 200;
  private static final int BATCH = 128;

  /** Labels that stand out among the latents are made use of sooner. */
  private static final float LABEL = 10;

  /** Pressed a little harder, codes leave the class to the label. */
  private static final double BETA = 1.3;

  @Override
  public String name() {
    return "cvae-mnist";
  }

  @Override
  public String summary() {
    return "a conditional VAE on MNIST (Sohn, Lee and Yan 2015), trained with beta 1.3, against the"
        + " unconditional one, and a classifier that reads its digits";
  }

  @Override
  public void run(Bench bench) {
    Images trainImages = bench.images("mnist", true);
    Images testImages = bench.images("mnist", false);
    float[][] train = Digits.rows(trainImages);
    float[][] test = Digits.rows(testImages);
    float[][] trainLabels = labels(trainImages.labels());
    float[][] testLabels = labels(testImages.labels());
    try (VaeModel plain =
        bench.train(
            "The unconditional VAE",
            course -> builder(course, bench, train.length).build().fit(train))) {
      bench.result("testNegativeElbo", Bench.negativeMean(plain.elbo(test)));
    }
    try (var reader =
            bench.train(
                "A classifier of real digits",
                course ->
                    course
                        .on(MlpClassifier.builder())
                        .hidden(256)
                        .standardise(false)
                        .epochs(bench.epochs(5))
                        .batchSize(128)
                        .seed(bench.seed())
                        .build()
                        .fit(train, trainImages.labels()));
        VaeModel vae =
            bench.train(
                "The conditional VAE",
                course ->
                    builder(course, bench, train.length)
                        .bound(Vae.Bound.ELBO.beta(BETA))
                        .build()
                        .fit(train, trainLabels))) {
      bench.result("conditionalTestNegativeElbo", Bench.negativeMean(vae.elbo(test, testLabels)));
      bench.result("readerAccuracy", matching(reader.predict(test).labels(), testImages.labels()));
      int[] asked = new int[10 * DRAWN];
      for (int i = 0; i < asked.length; i++) {
        asked[i] = i % 10;
      }
      float[][] drawn = vae.sample(labels(asked));
      bench.result("samplesReadAsAsked", matching(reader.predict(drawn).labels(), asked));

      // One code for every class: a row is one handwriting.
      float[][] codes = vae.drawCodes(10);
      float[][] each = new float[100][];
      int[] classes = new int[100];
      for (int i = 0; i < 100; i++) {
        each[i] = codes[i / 10];
        classes[i] = i % 10;
      }
      float[][] handwritings = vae.decode(each, labels(classes));
      bench.picture(
          () ->
              Digits.tiles(
                  "handwritings.png",
                  "Ten handwritings",
                  "Each row is one code, decoded under all ten labels.",
                  10,
                  handwritings));
    }
  }

  private static float[][] labels(int[] classes) {
    float[][] rows = Digits.oneHot(classes);
    for (int i = 0; i < rows.length; i++) {
      rows[i][classes[i]] = LABEL;
    }
    return rows;
  }

  private static VaeModel.Builder builder(Course course, Bench bench, int rows) {
    int epochs = bench.epochs(10);
    long steps = (long) epochs * Math.ceilDiv(rows, BATCH);
    return course
        .on(VaeModel.builder())
        .epochs(epochs)
        .batchSize(BATCH)
        .learningRate(LearningRate.cosine(3e-3, 0, steps))
        .seed(bench.seed());
  }

  private static double matching(int[] said, int[] meant) {
    int same = 0;
    for (int i = 0; i < said.length; i++) {
      same += said[i] == meant[i] ? 1 : 0;
    }
    return (double) same / said.length;
  }
}
