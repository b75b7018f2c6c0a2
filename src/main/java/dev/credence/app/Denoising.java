package dev.credence.app;

import dev.credence.model.Autoencoder;
import dev.credence.train.AutoencoderModel;
import dev.credence.train.LinearRestoration;

/** Denoising autoencoders restore digits better than any linear map can. */
final class Denoising implements Experiment {
  private static final double MASKED = 0.3;
  private static final double NOISE = 0.5;

  @Override
  public String name() {
    return "denoising";
  }

  @Override
  public String summary() {
    return "corrupted MNIST restored, against the best that any linear map can do";
  }

  @Override
  public void run(Bench bench) {
    float[][] train = Digits.rows(bench.images("mnist", true));
    float[][] test = Digits.rows(bench.images("mnist", false));
    bench.say("The linear optimum");
    double mask = LinearRestoration.afterMask(test, MASKED);
    double noise = LinearRestoration.afterNoise(test, NOISE);
    restore(bench, "masked", new Autoencoder.Corruption.Mask(MASKED), mask, train, test);
    restore(bench, "noisy", new Autoencoder.Corruption.Noise(NOISE), noise, train, test);
  }

  private static void restore(
      Bench bench,
      String what,
      Autoencoder.Corruption corruption,
      double optimum,
      float[][] train,
      float[][] test) {
    try (AutoencoderModel net =
        bench.train(
            "A denoising autoencoder of " + what + " digits",
            course ->
                course
                    .on(AutoencoderModel.builder())
                    .code(256)
                    .hidden(512)
                    .loss(Autoencoder.Loss.CROSS_ENTROPY)
                    .corruption(corruption)
                    .epochs(bench.epochs(12))
                    .seed(bench.seed())
                    .build()
                    .fit(train))) {
      float[][] corrupted = net.corrupt(test);
      float[][] restored = net.reconstruct(corrupted);
      bench.result(what + ".corruptedError", Digits.squaredError(test, corrupted));
      bench.result(
          what + ".restoredError",
          Digits.squaredError(test, restored),
          optimum,
          "the least error of any linear map on the test digits");
      float[][] rows = new float[36][];
      for (int i = 0; i < 12; i++) {
        rows[i] = test[i];
        rows[12 + i] = corrupted[i];
        rows[24 + i] = restored[i];
      }
      bench.picture(
          () ->
              Digits.tiles(
                  what + ".png",
                  "Digits, clean, corrupted and restored",
                  "From above: test digits, corrupted, restored.",
                  12,
                  rows));
    }
  }
}
