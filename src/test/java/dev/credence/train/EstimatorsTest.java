package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.PlaneData;
import dev.credence.device.Devices;
import dev.credence.model.HierarchicalVae;
import dev.credence.model.Likelihood;
import dev.credence.model.MaskedAutoregressiveFlow;
import dev.credence.model.NeuralSplineFlow;
import dev.credence.model.Potential;
import dev.credence.model.RealNvp;
import dev.credence.model.Vae;
import dev.credence.nn.Activation;
import dev.credence.nn.ImageFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The estimators on plain arrays, small and fast. */
class EstimatorsTest {
  /** Black and white rows of 12 pixels: one of four patterns, with some pixels flipped. */
  private static float[][] patterns(int rows, int[] labels) {
    Random random = new Random(1);
    float[][] x = new float[rows][12];
    for (int i = 0; i < rows; i++) {
      labels[i] = random.nextInt(4);
      for (int p = 0; p < 12; p++) {
        boolean on = p / 3 == labels[i];
        x[i][p] = on ^ random.nextInt(12) == 0 ? 1 : 0;
      }
    }
    return x;
  }

  private static VaeModel.Builder small() {
    return VaeModel.builder()
        .latent(2)
        .hidden(24)
        .activation(Activation.TANH)
        .epochs(60)
        .batchSize(50)
        .learningRate(LearningRate.constant(5e-3))
        .seed(3);
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  @Test
  void vaeBoundsItsLikelihoodWhichQuadratureKnows() {
    float[][] x = patterns(400, new int[400]);
    float[][] some = Arrays.copyOf(x, 50);
    try (VaeModel vae = small().build().fit(x)) {
      double[] drawn = vae.logLikelihood(some, 2000);
      double[] exact = vae.logLikelihoodByQuadrature(some, 6, 0.03);
      double difference = 0;
      double evidence = 0;
      for (int i = 0; i < some.length; i++) {
        difference += (drawn[i] - exact[i]) / some.length;
        evidence += exact[i] / some.length;
        assertEquals(exact[i], drawn[i], 0.5);
      }
      assertEquals(0, difference, 0.05);
      assertTrue(mean(vae.elbo(some)) < evidence);
      assertTrue(evidence > -6.5, () -> "little was learned");
      assertEquals(2, vae.encode(some)[0].length);
      assertEquals(12, vae.reconstruct(some)[0].length);
      assertEquals(5, vae.interpolate(x[0], x[1], 5).length);
      assertArrayEquals(vae.sample(3)[1], vae.sample(600)[1]);
      for (float pixel : vae.decodeDraw(vae.drawCodes(7))[6]) {
        assertTrue(pixel == 0 || pixel == 1);
      }
    }
  }

  @Test
  void hierarchiesLearnToo() {
    float[][] x = patterns(400, new int[400]);
    var settings =
        new HierarchicalVaeModel.Settings(
            List.of(new HierarchicalVae.Layer(4, 24), new HierarchicalVae.Layer(2, 8)),
            5,
            true,
            false,
            60,
            50,
            new Adam(),
            LearningRate.constant(5e-3),
            1,
            null,
            progress -> true,
            null);
    try (HierarchicalVaeModel vae = HierarchicalVaeModel.fit(x, settings)) {
      double sum = 0;
      for (double nats : vae.logLikelihood(x, 200)) {
        sum += nats;
      }
      double mean = sum / x.length;
      assertTrue(mean > -6.5 && mean > -vae.summary().nll() / x.length, () -> "log p " + mean);
      assertEquals(12, vae.sample(9)[8].length);
    }
  }

  @Test
  void sameSeedSameWeights() {
    float[][] x = patterns(200, new int[200]);
    try (VaeModel one = small().epochs(3).build().fit(x);
        VaeModel two = small().epochs(3).build().fit(x);
        VaeModel other = small().epochs(3).seed(4).build().fit(x)) {
      assertArrayEquals(one.encode(x)[0], two.encode(x)[0]);
      assertFalse(Arrays.equals(one.encode(x)[0], other.encode(x)[0]));
    }
  }

  @Test
  void flowsMayBePosteriorAndPrior() {
    float[][] x = patterns(400, new int[400]);
    try (VaeModel vae =
        small()
            .epochs(30)
            .posterior((key, latent) -> RealNvp.init(key, latent, 0, 2, 8))
            .prior((key, latent) -> NeuralSplineFlow.init(key, latent, 0, 2, 4, 3, 8))
            .build()
            .fit(x)) {
      assertTrue(mean(vae.elbo(x)) > -7.5);
      assertEquals(12, vae.sample(5)[4].length);
    }
  }

  @Test
  void convolutionsLearnImages() {
    // A bar in one of four rows of an image of 8x4.
    Random random = new Random(6);
    float[][] x = new float[256][32];
    for (float[] image : x) {
      int row = 2 * random.nextInt(4);
      for (int p = 0; p < 4; p++) {
        image[4 * row + p] = 1;
      }
    }
    try (VaeModel vae =
        small().images(new ImageFormat(1, 8, 4)).hidden(8, 8).epochs(60).build().fit(x)) {
      // log 4 nats say which row; all 32 pixels by themselves cost some 12.
      assertTrue(mean(vae.elbo(x)) > -4, () -> "bound " + mean(vae.elbo(x)));
      assertEquals(32, vae.reconstruct(x)[3].length);
    }
    try (AutoencoderModel net =
        AutoencoderModel.builder()
            .images(new ImageFormat(1, 8, 4))
            .hidden(8, 8)
            .epochs(60)
            .batchSize(32)
            .learningRate(5e-3)
            .build()
            .fit(x)) {
      assertEquals(0, net.summary().nll() / x.length, 0.5);
    }
  }

  @Test
  void conditionsHelp() {
    int[] labels = new int[400];
    float[][] x = patterns(400, labels);
    float[][] condition = new float[400][4];
    for (int i = 0; i < 400; i++) {
      condition[i][labels[i]] = 1;
    }
    try (VaeModel plain = small().build().fit(x);
        VaeModel conditional = small().build().fit(x, condition)) {
      assertTrue(mean(conditional.elbo(x, condition)) > mean(plain.elbo(x)) + 0.7);
      float[][] asked = {{1, 0, 0, 0}, {0, 0, 0, 1}};
      float[][] made = conditional.sample(asked);
      assertTrue(made[0][1] > 0.7 && made[0][10] < 0.3);
      assertTrue(made[1][10] > 0.7 && made[1][1] < 0.3);
    }
  }

  @Test
  void mixedTablesAreMadeAnew() {
    Random random = new Random(2);
    float[][] x = new float[500][4];
    for (float[] row : x) {
      int kind = random.nextInt(10) < 7 ? 0 : random.nextInt(2) + 1;
      row[0] = (float) (0.5 * random.nextGaussian() + kind - 0.5);
      row[1 + kind] = 1;
    }
    Likelihood mixed =
        new Likelihood.Mixed(
            List.of(
                new Likelihood.Mixed.Column(1, new Likelihood.LearnedGaussian(0.05)),
                new Likelihood.Mixed.Column(3, new Likelihood.Categorical())));
    try (VaeModel vae = small().likelihood(mixed).bound(Vae.Bound.elbo(2)).build().fit(x)) {
      float[][] made = vae.decodeDraw(vae.drawCodes(4000));
      double first = 0;
      for (float[] row : made) {
        assertEquals(1, row[1] + row[2] + row[3]);
        first += row[1] / made.length;
      }
      assertEquals(0.7, first, 0.1);
    }
  }

  @Test
  void flowsLearnMoonsAndCheckThemselves() {
    float[][] x = PlaneData.MOONS.sample(4000, 1);
    float[][] test = PlaneData.MOONS.sample(4000, 2);
    try (DensityEstimator spline =
            DensityEstimator.builder()
                .flow((key, width, c) -> NeuralSplineFlow.init(key, width, c, 3, 8, 3, 32))
                .epochs(25)
                .learningRate(5e-3)
                .build()
                .fit(x);
        DensityEstimator affine =
            DensityEstimator.builder()
                .flow((key, width, c) -> RealNvp.init(key, width, c, 3, 32))
                .epochs(25)
                .learningRate(5e-3)
                .build()
                .fit(x)) {
      double gap = -mean(spline.logDensity(test)) - PlaneData.MOONS.entropy();
      assertTrue(gap > -0.05 && gap < 0.2, () -> "gap " + gap);
      assertTrue(mean(spline.logDensity(test)) > mean(affine.logDensity(test)));
      DensityEstimator.Check check = spline.check(Arrays.copyOf(test, 100));
      assertTrue(check.roundTrip() < 1e-4, check::toString);
      assertTrue(check.logDet() < 1e-3, check::toString);
      assertArrayEquals(spline.sample(2)[1], spline.sample(1500)[1]);
      assertArrayEquals(
          spline.sample(3)[2],
          spline.through(spline.noise(3), new float[3][0], spline.layers())[2]);
    }
  }

  @Test
  void densitiesMayHaveAContext() {
    // Given c, both numbers are normal around c and -c.
    Random random = new Random(4);
    float[][] x = new float[3000][2];
    float[][] c = new float[3000][1];
    for (int i = 0; i < x.length; i++) {
      c[i][0] = (float) (2 * random.nextDouble() - 1);
      x[i][0] = (float) (c[i][0] + 0.3 * random.nextGaussian());
      x[i][1] = (float) (-c[i][0] + 0.3 * random.nextGaussian());
    }
    double entropy = Math.log(2 * Math.PI * Math.E * 0.09);
    for (DensityEstimator.FlowMaker flow :
        List.<DensityEstimator.FlowMaker>of(
            (key, width, n) -> RealNvp.init(key, width, n, 4, 32),
            (key, width, n) -> MaskedAutoregressiveFlow.init(key, width, n, 2, 32))) {
      try (DensityEstimator density =
          DensityEstimator.builder().flow(flow).epochs(20).learningRate(5e-3).build().fit(x, c)) {
        assertEquals(entropy, -mean(density.logDensity(x, c)), 0.1);
        float[][] made = density.sample(new float[][] {{0.8f}, {-0.8f}});
        assertTrue(made[0][0] > made[1][0]);
      }
    }
  }

  @Test
  void planarFlowsComeNearAnEnergy() {
    var settings = new EnergyFit.Settings(8, 1000, 500, 128, 1e-2, 1, progress -> true, null);
    try (EnergyFit fit = EnergyFit.of(Potential.U2, settings, Devices.best())) {
      double gap = fit.gap(20_000);
      assertTrue(gap > -0.03 && gap < 0.6, () -> "gap " + gap);
    }
  }

  @Test
  void unusualRowsScoreHigher() {
    Random random = new Random(5);
    float[][] usual = new float[500][4];
    for (float[] row : usual) {
      double t = random.nextGaussian();
      for (int j = 0; j < 4; j++) {
        row[j] = (float) (t * (j + 1) + 0.1 * random.nextGaussian());
      }
    }
    float[][] odd = {{3, -3, 3, -3}, {0, 4, 0, 4}};
    try (AnomalyDetector linear =
            AnomalyDetector.builder().code(1).epochs(400).learningRate(0.01).build().fit(usual);
        AnomalyDetector none = AnomalyDetector.builder().code(0).build().fit(usual)) {
      float[] scores = linear.score(usual);
      Pca pca = Pca.fit(Standardiser.of("x", usual).rows(usual));
      float[] residuals = pca.residuals(Standardiser.of("x", usual).rows(usual), 1);
      for (int i = 0; i < scores.length; i++) {
        assertEquals(residuals[i], 4 * scores[i], 2e-3);
      }
      assertTrue(linear.unusual(odd)[0] && linear.unusual(odd)[1]);
      int above = 0;
      for (boolean unusual : linear.unusual(usual)) {
        above += unusual ? 1 : 0;
      }
      assertEquals(25, above);
      assertTrue(none.score(odd)[0] > 0);
    }
  }

  @Test
  void mistakesAreToldInASentence() {
    assertThrows(
        IllegalStateException.class, () -> VaeModel.builder().build().encode(new float[1][2]));
    assertThrows(
        IllegalArgumentException.class, () -> VaeModel.builder().build().fit(new float[0][0]));
    assertThrows(
        IllegalArgumentException.class,
        () -> DensityEstimator.builder().build().fit(new float[][] {{1}, {2}}));
    assertThrows(
        IllegalArgumentException.class,
        () -> AnomalyDetector.builder().build().fit(new float[][] {{1, 2}, {1, 3}}));
  }
}
