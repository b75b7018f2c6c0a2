package dev.credence.app;

import dev.credence.data.Images;
import dev.credence.train.VaeModel;
import java.util.concurrent.atomic.AtomicReference;

/** The variational autoencoder that everybody trains first. */
final class VaeMnist implements Experiment {
  private static final int REPORTED = 7;
  private static final int SEEDS = 3;

  @Override
  public String name() {
    return "vae-mnist";
  }

  @Override
  public String summary() {
    return "a VAE 784-400-20 on grey MNIST (Kingma and Welling 2014), and one with a code of two"
        + " numbers for pictures";
  }

  @Override
  public void run(Bench bench) {
    float[][] train = Digits.rows(bench.images("mnist", true));
    Images testImages = bench.images("mnist", false);
    float[][] test = Digits.rows(testImages);
    int epochs = bench.epochs(10);
    double early = 0;
    double last = 0;
    for (int s = 0; s < SEEDS; s++) {
      double[] bounds = bounds(bench, bench.seed() + s, epochs, train, test);
      early += bounds[0] / SEEDS;
      last += bounds[1] / SEEDS;
    }
    if (epochs >= REPORTED) {
      bench.result("testNegativeElboEpoch7", early, 106.66, "pytorch/examples vae, epoch 7");
    }
    bench.result("testNegativeElbo", last, 105.5, "pytorch/examples vae, 10 epochs");
    try (VaeModel vae = fit(bench, "The VAE for pictures", epochs, 20, train)) {
      bench.result(
          "trainNegativeElbo",
          vae.summary().nll() / train.length + vae.summary().kl() / train.length);
      bench.result("secondsAnEpoch", vae.summary().seconds() / epochs);
      float[][] restored = vae.reconstruct(test);
      float[][] rows = new float[24][];
      for (int i = 0; i < 12; i++) {
        rows[i] = test[i];
        rows[12 + i] = restored[i];
      }
      bench.picture(
          () ->
              Digits.tiles(
                  "reconstructions.png",
                  "Test digits and their reconstructions",
                  "Above, test digits; below, decoded means of their codes.",
                  12,
                  rows));
      float[][] samples = vae.sample(120);
      bench.picture(
          () ->
              Digits.tiles(
                  "samples.png",
                  "Digits that nobody wrote",
                  "Means of digits whose codes were drawn from the prior.",
                  15,
                  samples));
      float[][] between = new float[48][];
      for (int row = 0; row < 4; row++) {
        float[][] line = vae.interpolate(test[2 * row], test[2 * row + 1], 12);
        System.arraycopy(line, 0, between, 12 * row, 12);
      }
      bench.picture(
          () ->
              Digits.tiles(
                  "between.png",
                  "From one digit to another",
                  "Decoded codes on the straight line between those of two test digits.",
                  12,
                  between));
    }
    try (VaeModel plane = fit(bench, "A VAE with a code of two numbers", epochs, 2, train)) {
      bench.result("planeTestNegativeElbo", Bench.negativeMean(plane.elbo(test)));
      float[][] codes = plane.encode(test);
      bench.picture(
          () ->
              Digits.plane(
                  "plane.png",
                  "The plane of codes, coloured by digit",
                  "Mean codes of test digits. The model has never seen a label.",
                  codes,
                  testImages.labels()));
      float[][] manifold = plane.decode(Digits.grid(20, 2.5));
      bench.picture(
          () ->
              Digits.tiles(
                  "manifold.png",
                  "The digits of the plane",
                  "Decoded points of the plane, from -2.5 to 2.5 in both directions.",
                  20,
                  manifold));
    }
  }

  /** Minus the mean bounds of the test digits after 7 epochs and after the last. */
  private static double[] bounds(
      Bench bench, long seed, int epochs, float[][] train, float[][] test) {
    return bench.train(
        "A VAE of " + epochs + " epochs, seed " + seed,
        course -> {
          AtomicReference<VaeModel> running = new AtomicReference<>();
          try (VaeModel vae =
              course
                  .on(VaeModel.builder())
                  .epochs(epochs)
                  .seed(seed)
                  .listener(
                      progress -> {
                        if (progress.epoch() == REPORTED || progress.epoch() == epochs) {
                          course.follow(
                              progress.epoch(),
                              () -> new double[] {Bench.negativeMean(running.get().elbo(test))});
                        }
                        return course.listener().onEpoch(progress);
                      })
                  .build()) {
            running.set(vae);
            vae.fit(train);
            return new double[] {
              course.points().firstEntry().getValue()[0], course.points().lastEntry().getValue()[0]
            };
          }
        });
  }

  private static VaeModel fit(Bench bench, String what, int epochs, int latent, float[][] train) {
    return bench.train(
        what,
        course ->
            course
                .on(VaeModel.builder())
                .latent(latent)
                .epochs(epochs)
                .seed(bench.seed())
                .build()
                .fit(train));
  }
}
