package dev.credence.app;

import dev.credence.model.HierarchicalVae;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.train.Adam;
import dev.credence.train.HierarchicalVaeModel;
import dev.credence.train.LearningRate;
import dev.credence.train.VaeModel;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/** Importance-weighted autoencoders of one and of two stochastic layers. */
final class Iwae implements Experiment {
  private static final int TEST_ROWS = 1000;
  private static final int DRAWS = 5000;
  private static final int CURVE_DRAWS = 500;
  private static final int OWN_EPOCHS = 13;
  private static final String VAE = "vaeK1";
  private static final String IWAE_5 = "iwaeK5";
  private static final String IWAE_50 = "iwaeK50";
  private static final String TWO_LAYER_VAE = "twoLayerVaeK1";
  private static final String TWO_LAYER_IWAE = "twoLayerIwaeK5";
  private static final String PLANE = "plane";
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
  public List<String> parts() {
    return List.of(VAE, IWAE_5, IWAE_50, TWO_LAYER_VAE, TWO_LAYER_IWAE, PLANE);
  }

  @Override
  public void run(Bench bench) {
    float[][] train = Digits.rows(bench.images("mnist", true));
    float[][] grey = Digits.rows(bench.images("mnist", false));
    float[][] test = Digits.binarised(grey, 0);
    Map<String, NavigableMap<Integer, Double>> curves = new LinkedHashMap<>();
    for (String part : bench.parts()) {
      switch (part) {
        case VAE -> curves.put(part, measure(bench, part, Vae.Bound.ELBO, 86.76, train, test));
        case IWAE_5 ->
            curves.put(part, measure(bench, part, Vae.Bound.importance(5), 85.54, train, test));
        case IWAE_50 ->
            curves.put(part, measure(bench, part, Vae.Bound.importance(50), 84.78, train, test));
        case TWO_LAYER_VAE -> twoLayers(bench, part, 1, false, 85.33, train, test);
        case TWO_LAYER_IWAE -> twoLayers(bench, part, 5, true, 83.89, train, test);
        default -> quadrature(bench, train, test);
      }
    }
    if (curves.values().stream().anyMatch(curve -> curve.size() > 1)) {
      bench.picture(() -> curves(curves));
    }
  }

  /** The negative log likelihood at the end of every stage, by the epochs gone by. */
  private static Picture curves(Map<String, NavigableMap<Integer, Double>> curves) {
    double most = 0;
    double least = Double.MAX_VALUE;
    int epochs = 1;
    for (NavigableMap<Integer, Double> curve : curves.values()) {
      most = Math.max(most, Collections.max(curve.values()));
      least = Math.min(least, Collections.min(curve.values()));
      epochs = Math.max(epochs, curve.lastKey());
    }
    double right = Math.log10(epochs);
    Drawing drawing =
        new Drawing(720, 420, "log10 of the epochs", "-log p(x), nats")
            .range(-0.03 * right, 1.03 * right, Math.floor(least - 1), Math.ceil(most + 1));
    int[] at = {0};
    curves.forEach(
        (name, curve) ->
            drawing.markedLine(
                name,
                ClassPictures.colour(at[0]++),
                curve.keySet().stream().mapToDouble(Math::log10).toArray(),
                curve.values().stream().mapToDouble(nll -> nll).toArray()));
    return new Picture(
        "curves.png",
        "How the likelihood of test digits grows",
        "Minus the log likelihood of "
            + TEST_ROWS
            + " test digits by "
            + CURVE_DRAWS
            + " draws, at the end of each stage of the learning rate.",
        720,
        drawing.png());
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
            course ->
                HierarchicalVaeModel.fit(
                    train,
                    new HierarchicalVaeModel.Settings(
                        layers,
                        draws,
                        importance,
                        true,
                        bench.epochs(OWN_EPOCHS),
                        BATCH,
                        new Adam(0.9, 0.999, 1e-4),
                        schedule(Math.ceilDiv(train.length, BATCH)),
                        bench.seed(),
                        bench.device(),
                        course.listener(),
                        course.checkpoint())))) {
      bench.result(
          what + ".nllK5000",
          Bench.negativeMean(vae.logLikelihood(some(bench, test), DRAWS)),
          known,
          SOURCE);
    }
  }

  /** A code of two numbers has a likelihood that a grid knows: so has the estimate by draws. */
  private static void quadrature(Bench bench, float[][] train, float[][] test) {
    float[][] some = Arrays.copyOf(test, QUADRATURE_ROWS);
    try (VaeModel plane =
        bench.train(
            "A VAE with a code of two numbers",
            course ->
                course
                    .on(VaeModel.builder())
                    .latent(2)
                    .binarise(true)
                    // Weights of many draws teach the encoder to cover the posterior.
                    .bound(Vae.Bound.importance(10))
                    .epochs(bench.epochs(5))
                    .learningRate(LearningRate.constant(2e-3))
                    .seed(bench.seed())
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

  /** Trains and measures; what comes back is the negative log likelihood by epochs gone by. */
  private static NavigableMap<Integer, Double> measure(
      Bench bench, String what, Vae.Bound bound, double known, float[][] train, float[][] test) {
    int epochs = bench.epochs(OWN_EPOCHS);
    long steps = Math.ceilDiv(train.length, BATCH);
    float[][] some = some(bench, test);
    NavigableMap<Integer, Double> curve = new TreeMap<>();
    AtomicReference<VaeModel> running = new AtomicReference<>();
    try (VaeModel vae =
        bench.train(
            what,
            course -> {
              VaeModel model =
                  course
                      .on(VaeModel.builder())
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
                      .listener(
                          progress -> {
                            int epoch = progress.epoch();
                            if (stage(epoch) > stage(epoch - 1) || epoch == epochs) {
                              course.follow(epoch, () -> new double[] {nll(running.get(), test)});
                            }
                            return course.listener().onEpoch(progress);
                          })
                      .build();
              running.set(model);
              model.fit(train);
              course.points().forEach((epoch, nll) -> curve.put(epoch, nll[0]));
              return model;
            })) {
      bench.result(what + ".testNegativeElbo", Bench.negativeMean(vae.elbo(test)));
      bench.say("  log p(x) of " + some.length + " test digits by " + DRAWS + " draws");
      bench.result(
          what + ".nllK5000", Bench.negativeMean(vae.logLikelihood(some, DRAWS)), known, SOURCE);
      bench.result(what + ".epochs", epochs);
      bench.result(what + ".secondsAnEpoch", vae.summary().seconds() / epochs);
    }
    curve.forEach((epoch, nll) -> bench.result(what + ".nllEpoch" + epoch, nll));
    return curve;
  }

  /** The negative log likelihood of the first test digits by fewer draws. */
  private static double nll(VaeModel vae, float[][] test) {
    return Bench.negativeMean(vae.logLikelihood(Arrays.copyOf(test, TEST_ROWS), CURVE_DRAWS));
  }

  /** The test digits whose likelihood is told: all of them after a long training. */
  private static float[][] some(Bench bench, float[][] test) {
    return bench.epochs(OWN_EPOCHS) > OWN_EPOCHS ? test : Arrays.copyOf(test, TEST_ROWS);
  }

  /** Stage i, of 3^i epochs, at 0.001 10^(-i / 7). */
  private static LearningRate schedule(long steps) {
    return step -> 1e-3 * Math.pow(10, -stage(step / steps) / 7.0);
  }

  /** The stage of an epoch counted from 0. */
  private static int stage(long epoch) {
    int stage = 0;
    for (long passed = 1; epoch >= passed && stage < 7; passed += (long) Math.pow(3, stage)) {
      stage++;
    }
    return stage;
  }
}
