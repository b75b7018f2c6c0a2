package dev.credence.app;

import dev.credence.model.HierarchicalVae;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.train.Adam;
import dev.credence.train.HierarchicalVaeModel;
import dev.credence.train.LearningRate;
import dev.credence.train.VaeModel;
import java.util.Arrays;
import java.util.List;

/** Importance-weighted autoencoders of one and of two stochastic layers. */
final class Iwae implements Experiment {
  private static final int TEST_ROWS = 1000;
  private static final int DRAWS = 5000;
  private static final int QUADRATURE_ROWS = 100;
  private static final int BATCH = 20;
  private static final String SOURCE = "Burda et al. 2016, 3280 epochs, all test digits";

  @Override
  public String name() {
    return "iwae";
  }

  @Override
  public String summary() {
    return "VAE and IWAE of one and two stochastic layers on binarised MNIST (Burda, Grosse and"
        + " Salakhutdinov 2016)";
  }

  @Override
  public void run(Bench bench) {
    float[][] train = Digits.rows(bench.images("mnist", true));
    float[][] grey = Digits.rows(bench.images("mnist", false));
    float[][] test = Digits.binarised(grey, 0);
    measure(bench, "vaeK1", Vae.Bound.ELBO, 86.76, train, test);
    measure(bench, "iwaeK5", Vae.Bound.importance(5), 85.54, train, test);
    measure(bench, "iwaeK50", Vae.Bound.importance(50), 84.78, train, test);
    twoLayers(bench, "twoLayerVaeK1", 1, false, 85.33, train, test);
    twoLayers(bench, "twoLayerIwaeK5", 5, true, 83.89, train, test);
    quadrature(bench, train, test);
  }

  private static void twoLayers(
      Bench bench,
      String what,
      int draws,
      boolean importance,
      double known,
      float[][] train,
      float[][] test) {
    List<HierarchicalVae.Layer> layers =
        List.of(new HierarchicalVae.Layer(100, 200, 200), new HierarchicalVae.Layer(50, 100, 100));
    try (HierarchicalVaeModel vae =
        bench.train(
            what,
            listener ->
                HierarchicalVaeModel.fit(
                    train,
                    new HierarchicalVaeModel.Settings(
                        layers,
                        draws,
                        importance,
                        true,
                        bench.epochs(13),
                        BATCH,
                        new Adam(0.9, 0.999, 1e-4),
                        schedule(Math.ceilDiv(train.length, BATCH)),
                        bench.seed(),
                        bench.device(),
                        listener)))) {
      float[][] some = Arrays.copyOf(test, TEST_ROWS);
      bench.result(
          what + ".nllK5000", Bench.negativeMean(vae.logLikelihood(some, DRAWS)), known, SOURCE);
    }
  }

  /** A code of two numbers has a likelihood that a grid knows: so has the estimate by draws. */
  private static void quadrature(Bench bench, float[][] train, float[][] test) {
    float[][] some = Arrays.copyOf(test, QUADRATURE_ROWS);
    try (VaeModel plane =
        bench.train(
            "A VAE with a code of two numbers",
            listener ->
                VaeModel.builder()
                    .latent(2)
                    .binarise(true)
                    // Weights of many draws teach the encoder to cover the posterior.
                    .bound(Vae.Bound.importance(10))
                    .epochs(bench.epochs(5))
                    .learningRate(LearningRate.constant(2e-3))
                    .seed(bench.seed())
                    .device(bench.device())
                    .listener(listener)
                    .build()
                    .fit(train))) {
      double least = 1;
      for (float[] scales : plane.encodeScale(some)) {
        least = Math.min(least, Math.min(scales[0], scales[1]));
      }
      double step = least / 3;
      bench.say(Text.format("  a grid of step %.4f", step));
      double exact = Bench.negativeMean(plane.logLikelihoodByQuadrature(some, 6, step));
      bench.result("plane.nllQuadrature", exact);
      double drawn = Bench.negativeMean(plane.logLikelihood(some, DRAWS));
      bench.result("plane.nllK5000", drawn, exact, "quadrature of the same model");
      bench.result("plane.gap", drawn - exact);
    }
  }

  private static void measure(
      Bench bench, String what, Vae.Bound bound, double known, float[][] train, float[][] test) {
    int epochs = bench.epochs(13);
    long steps = Math.ceilDiv(train.length, BATCH);
    try (VaeModel vae =
        bench.train(
            what,
            listener ->
                VaeModel.builder()
                    .latent(50)
                    .hidden(200, 200)
                    .activation(Activation.TANH)
                    .bound(bound)
                    .binarise(true)
                    .batchSize(BATCH)
                    .epochs(epochs)
                    .optimizer(new Adam(0.9, 0.999, 1e-4))
                    .learningRate(schedule(steps))
                    .seed(bench.seed())
                    .device(bench.device())
                    .listener(listener)
                    .build()
                    .fit(train))) {
      bench.result(what + ".testNegativeElbo", Bench.negativeMean(vae.elbo(test)));
      float[][] some = Arrays.copyOf(test, TEST_ROWS);
      bench.say("  log p(x) of " + TEST_ROWS + " test digits by " + DRAWS + " draws");
      bench.result(
          what + ".nllK5000", Bench.negativeMean(vae.logLikelihood(some, DRAWS)), known, SOURCE);
      bench.result(what + ".secondsAnEpoch", vae.summary().seconds() / epochs);
    }
  }

  /** Stage i, of 3^i epochs, at 0.001 10^(-i / 7). */
  private static LearningRate schedule(long steps) {
    return step -> {
      long epoch = step / steps;
      int stage = 0;
      for (long passed = 1; epoch >= passed && stage < 7; passed += (long) Math.pow(3, stage)) {
        stage++;
      }
      return 1e-3 * Math.pow(10, -stage / 7.0);
    };
  }
}
