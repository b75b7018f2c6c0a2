package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Devices;
import dev.credence.dist.Affine;
import dev.credence.dist.Chain;
import dev.credence.nn.Activation;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.run.Program;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Bounds of the model x = z + e, whose evidence is known: log N(1.2; 0, 2). */
class VaeBoundsTest {
  private static final double X = 1.2;
  private static final double EVIDENCE = -1.6255121;
  private static final int ROWS = 1 << 14;
  private static final Key KEY = Key.ROOT.split("test");

  private static Mlp linear(double[] weight, double[] bias, int in) {
    return new Mlp(
        List.of(
            new Linear(
                Tensor.literal(TensorType.of(DType.FLOAT32, weight.length / in, in), weight),
                Tensor.literal(TensorType.of(DType.FLOAT32, bias.length), bias))),
        Activation.IDENTITY);
  }

  /** The decoder says z; the encoder says N(a x, exp(logVariance)). */
  private static Vae.Weights weights(double a, double logVariance) {
    return new Vae.Weights(
        linear(new double[] {a, 0}, new double[] {0, logVariance}, 1),
        linear(new double[] {1}, new double[] {0}, 1));
  }

  private static Tensor rows(int n) {
    return Tensor.fill(X, TensorType.of(DType.FLOAT32, n, 1));
  }

  private static Vae vae(Vae.Bound bound) {
    return new Vae(ROWS, new Likelihood.Gaussian(1), bound);
  }

  private static double scalar(Tensor value) {
    try (Program program = Program.on(Devices.best()).output("v", value).build()) {
      program.seed(7).run();
      return program.scalar("v");
    }
  }

  private static double importance(Vae.Weights w, int k, Function<Tensor, Tensor> of) {
    Vae.Draws draws = vae(Vae.Bound.importance(k)).draw(w, rows(ROWS), null, KEY, k);
    return scalar(of.apply(draws.importanceBound()));
  }

  private static Tensor variance(Tensor x) {
    return x.sub(x.meanAll()).square().meanAll();
  }

  @Test
  void boundsRiseToTheEvidence() {
    Vae.Weights prior = weights(0, 0);
    double one = importance(prior, 1, Tensor::meanAll);
    double five = importance(prior, 5, Tensor::meanAll);
    double fifty = importance(prior, 50, Tensor::meanAll);
    assertEquals(-2.138939, one, 0.05);
    assertEquals(-1.6797, five, 0.012);
    assertEquals(-1.6306, fifty, 0.005);
    assertTrue(one < five && five < fifty && fifty < EVIDENCE + 0.003);
  }

  @Test
  void exactPosteriorGivesTheEvidenceWithoutVariance() {
    Vae.Weights exact = weights(0.5, Math.log(0.5));
    for (int k : new int[] {1, 5}) {
      assertEquals(EVIDENCE, importance(exact, k, Tensor::meanAll), 1e-5);
      assertEquals(0, importance(exact, k, VaeBoundsTest::variance), 1e-10);
    }
  }

  @Test
  void closedDivergenceAgreesWithDraws() {
    Vae.Weights w = weights(0.3, Math.log(0.8));
    double closed = scalar(vae(Vae.Bound.elbo(4)).elbo(w, new Vae.Batch(rows(ROWS)), KEY).loss());
    double drawn = importance(w, 1, Tensor::meanAll);
    assertEquals(-drawn, closed, 0.02);
  }

  @Test
  void divergenceMayBeWeighedAndHaveFreeBits() {
    Vae.Weights w = weights(0.3, Math.log(0.8));
    Vae.Batch batch = new Vae.Batch(rows(64));
    double kl = scalar(vae(Vae.Bound.ELBO).elbo(w, batch, KEY).kl()) / ROWS;
    double expected = 0.5 * (0.8 + 0.36 * 0.36 - 1 - Math.log(0.8));
    assertEquals(expected, kl, 1e-5);
    assertEquals(4 * kl, scalar(vae(Vae.Bound.ELBO.beta(4)).elbo(w, batch, KEY).kl()) / ROWS, 1e-5);
    assertEquals(
        0.5, scalar(vae(Vae.Bound.ELBO.freeBits(0.5)).elbo(w, batch, KEY).kl()) / ROWS, 1e-5);
    assertEquals(0, scalar(vae(Vae.Bound.ELBO.warmUp(9)).elbo(w, batch, KEY).kl()), 0);
  }

  @Test
  void flowsStandForTheNormalsTheyMake() {
    // q = N(0.6, 0.5) once by the encoder and once by a map of its standard normal; the prior by a
    // map that is undone in the decoder.
    Affine shift =
        new Affine(
            Tensor.literal(TensorType.of(DType.FLOAT32, 1), 0.6),
            Tensor.literal(TensorType.of(DType.FLOAT32, 1), 0.5 * Math.log(0.5)));
    Vae.Weights plain = weights(0, 0);
    Vae.Weights flow =
        new Vae.Weights(plain.encoder(), plain.decoder(), Chain.of(shift), Chain.of());
    assertEquals(EVIDENCE, importance(flow, 3, Tensor::meanAll), 1e-5);
    assertEquals(0, importance(flow, 3, VaeBoundsTest::variance), 1e-10);
    assertEquals(
        -EVIDENCE,
        scalar(vae(Vae.Bound.ELBO).elbo(flow, new Vae.Batch(rows(256)), KEY).loss()),
        1e-5);

    Affine wide =
        new Affine(
            Tensor.literal(TensorType.of(DType.FLOAT32, 1), 0.2),
            Tensor.literal(TensorType.of(DType.FLOAT32, 1), Math.log(2)));
    // z' = 2 z + 0.2 is N(0.2, 4), and x is z again; the exact posterior of z' is N(1.4, 2).
    Vae.Weights exact =
        new Vae.Weights(
            linear(new double[] {1, 0}, new double[] {0.2, Math.log(2)}, 1),
            linear(new double[] {0.5}, new double[] {-0.1}, 1),
            Chain.of(),
            Chain.of(wide));
    assertEquals(EVIDENCE, importance(exact, 3, Tensor::meanAll), 1e-5);
  }

  @Test
  void conditionThatIsIgnoredChangesNothing() {
    Vae.Weights plain = weights(0.3, Math.log(0.8));
    Vae.Weights blind =
        new Vae.Weights(
            linear(new double[] {0.3, 0, 0, 0}, new double[] {0, Math.log(0.8)}, 2),
            linear(new double[] {1, 0}, new double[] {0}, 2));
    Tensor condition = Tensor.normal(KEY.split("c"), 64, 1);
    Vae vae = vae(Vae.Bound.ELBO);
    double without = scalar(vae.elbo(plain, new Vae.Batch(rows(64)), KEY).loss());
    double with =
        scalar(
            new ConditionalVae(vae)
                .elbo(blind, new ConditionalVae.Batch(rows(64), condition), KEY)
                .loss());
    assertEquals(without, with, 1e-6);
  }

  @Test
  void hierarchyOfTwoLayersHasItsEvidence() {
    // z2 ~ N(0,1), z1 = z2 + e, x = z1 + e: x ~ N(0, 3); q is exact when it is p(z1|x), p(z2|z1).
    HierarchicalVae.Weights w =
        new HierarchicalVae.Weights(
            List.of(
                linear(new double[] {2.0 / 3, 0}, new double[] {0, Math.log(2.0 / 3)}, 1),
                linear(new double[] {0.5, 0}, new double[] {0, Math.log(0.5)}, 1)),
            List.of(
                linear(new double[] {1}, new double[] {0}, 1),
                linear(new double[] {1, 0}, new double[] {0, 0}, 1)));
    double evidence = -0.5 * Math.log(6 * Math.PI) - X * X / 6;
    for (boolean importance : new boolean[] {false, true}) {
      var model = new HierarchicalVae(ROWS, new Likelihood.Gaussian(1), 3, importance);
      assertEquals(-evidence, scalar(model.elbo(w, new Vae.Batch(rows(64)), KEY).loss()), 1e-5);
    }
  }
}
