package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.dist.LuLinear;
import dev.credence.nn.Activation;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.train.Adam;
import dev.credence.train.FitSummary;
import dev.credence.train.LearningRate;
import dev.credence.train.Pca;
import dev.credence.train.Trainer;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What linear models reach is known in closed form: that of principal component analysis. */
class LinearOraclesTest {
  private static final int ROWS = 400;
  private static final int WIDTH = 6;
  private static final int LATENT = 2;

  private static float[][] x;
  private static Pca pca;

  @BeforeAll
  static void data() {
    Random random = new Random(1);
    double[] scales = {2.5, 1.6, 0.7, 0.6, 0.5, 0.4};
    x = new float[ROWS][WIDTH];
    double[][] turn = new double[WIDTH][WIDTH];
    for (double[] row : turn) {
      for (int j = 0; j < WIDTH; j++) {
        row[j] = random.nextGaussian() / Math.sqrt(WIDTH);
      }
    }
    for (float[] row : x) {
      double[] e = new double[WIDTH];
      for (int j = 0; j < WIDTH; j++) {
        e[j] = scales[j] * random.nextGaussian();
      }
      for (int j = 0; j < WIDTH; j++) {
        double sum = 0.3 * j;
        for (int i = 0; i < WIDTH; i++) {
          sum += turn[j][i] * e[i];
        }
        row[j] = (float) sum;
      }
    }
    pca = Pca.fit(x);
  }

  private interface Use<W> {
    void of(State<W> weights, FitSummary summary);
  }

  private static <W> void train(
      Model<W, Vae.Batch> model, W initial, float[][] rows, int epochs, Use<W> use) {
    Device device = Devices.best();
    Tensor zeros = Tensor.zeros(TensorType.of(DType.FLOAT32, ROWS, WIDTH));
    var how =
        new Trainer.Settings(epochs, ROWS, 1, new Adam(), LearningRate.cosine(0.02, 1e-6, epochs));
    float[] flat = new float[ROWS * WIDTH];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / WIDTH][i % WIDTH];
    }
    try (State<Vae.Batch> data = State.of(device, 0, new Vae.Batch(zeros))) {
      data.write(data.tree().x(), flat);
      try (var trainer = new Trainer<>(model, initial, data, how)) {
        FitSummary summary = trainer.fit(progress -> true);
        use.of(trainer.weights(), summary);
      }
    }
  }

  private static float[][] centred() {
    float[][] centred = new float[ROWS][WIDTH];
    double[] mean = pca.mean();
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < WIDTH; j++) {
        centred[i][j] = (float) (x[i][j] - mean[j]);
      }
    }
    return centred;
  }

  @Test
  void linearAutoencoderSpansThePrincipalSubspace() {
    Autoencoder model =
        new Autoencoder(ROWS, Autoencoder.Loss.SQUARED, new Autoencoder.Corruption.None());
    Autoencoder.Weights initial =
        Autoencoder.init(Key.ROOT.split("init"), Activation.IDENTITY, WIDTH, LATENT);
    train(
        model,
        initial,
        x,
        3000,
        (weights, summary) -> {
          assertEquals(pca.discarded(LATENT), summary.nll() / ROWS, 1e-4);
          Linear decoder = ((Mlp) weights.tree().decoder()).layers().get(0);
          double[] w = weights.read(decoder.weight()).doubles();
          assertTrue(largestAngle(w) < 1e-3, () -> "angle " + largestAngle(w));
        });
  }

  /** The largest angle between the decoder's columns' span and that of the components. */
  private static double largestAngle(double[] w) {
    double[][] q = new double[LATENT][WIDTH];
    for (int k = 0; k < LATENT; k++) {
      for (int j = 0; j < WIDTH; j++) {
        q[k][j] = w[j * LATENT + k];
      }
      for (int i = 0; i < k; i++) {
        double dot = dot(q[k], q[i]);
        for (int j = 0; j < WIDTH; j++) {
          q[k][j] -= dot * q[i][j];
        }
      }
      double length = Math.sqrt(dot(q[k], q[k]));
      for (int j = 0; j < WIDTH; j++) {
        q[k][j] /= length;
      }
    }
    // The sine of the largest principal angle is at most the Frobenius norm of what is left of q.
    double squares = 0;
    for (double[] direction : q) {
      double[] rest = direction.clone();
      for (double[] component : pca.components(LATENT)) {
        double dot = dot(direction, component);
        for (int j = 0; j < WIDTH; j++) {
          rest[j] -= dot * component[j];
        }
      }
      squares += dot(rest, rest);
    }
    return Math.asin(Math.min(1, Math.sqrt(squares)));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  @Test
  void denoisingLinearAutoencoderReachesItsOptimum() {
    double v = 0.25;
    double[] values = pca.eigenvalues();
    double optimum = 0;
    for (int i = 0; i < WIDTH; i++) {
      optimum += values[i] - (i < LATENT ? values[i] * values[i] / (values[i] + v) : 0);
    }
    Autoencoder model =
        new Autoencoder(
            ROWS, Autoencoder.Loss.SQUARED, new Autoencoder.Corruption.Noise(Math.sqrt(v)));
    Autoencoder.Weights initial =
        Autoencoder.init(Key.ROOT.split("init"), Activation.IDENTITY, WIDTH, LATENT);
    double expected = optimum;
    train(
        model,
        initial,
        centred(),
        2000,
        (weights, summary) -> {
          // The expected loss of what was learned: tr S - 2 tr(B S) + tr(B (S + v I) B').
          double[] e =
              weights.read(((Mlp) weights.tree().encoder()).layers().get(0).weight()).doubles();
          double[] d =
              weights.read(((Mlp) weights.tree().decoder()).layers().get(0).weight()).doubles();
          double loss = 0;
          double[][] u = pca.components(WIDTH);
          for (int i = 0; i < WIDTH; i++) {
            double[] image = new double[WIDTH];
            for (int k = 0; k < LATENT; k++) {
              double code = 0;
              for (int j = 0; j < WIDTH; j++) {
                code += e[k * WIDTH + j] * u[i][j];
              }
              for (int j = 0; j < WIDTH; j++) {
                image[j] += d[j * LATENT + k] * code;
              }
            }
            loss += values[i] * (1 - 2 * dot(image, u[i])) + (values[i] + v) * dot(image, image);
          }
          assertTrue(loss > expected - 1e-4 && loss < 1.01 * expected, loss + " of " + expected);
        });
  }

  @Test
  void linearVaeReachesTheLikelihoodOfProbabilisticPca() {
    double best = pca.probabilistic(LATENT).meanLogLikelihood();
    train(
        new LinearVae(ROWS),
        LinearVae.init(Key.ROOT.split("init"), WIDTH, LATENT),
        x,
        2500,
        (weights, summary) -> {
          double elbo = -(summary.nll() + summary.kl()) / ROWS;
          assertEquals(best, elbo, 1e-2);
          assertTrue(elbo < best + 1e-4);
          double[] values = pca.eigenvalues();
          double noise = pca.probabilistic(LATENT).noise();
          double kl = 0;
          for (int i = 0; i < LATENT; i++) {
            kl += 0.5 * Math.log(values[i] / noise);
          }
          assertEquals(kl, summary.kl() / ROWS, 2e-2);
        });
  }

  @Test
  void likelihoodOfProbabilisticPcaIsItsRowsMean() {
    double sum = 0;
    for (double nats : pca.probabilistic(LATENT).logLikelihood(x)) {
      sum += nats;
    }
    assertEquals(pca.probabilistic(LATENT).meanLogLikelihood(), sum / ROWS, 1e-5);
  }

  @Test
  void linearFlowReachesTheLikelihoodOfTheFullNormal() {
    double logDet = 0;
    for (double value : pca.eigenvalues()) {
      logDet += Math.log(value);
    }
    double best = -0.5 * (WIDTH * Math.log(2 * Math.PI) + logDet + WIDTH);
    Model<LuLinear, Vae.Batch> model =
        (flow, batch, key) ->
            new NormalizingFlow<LuLinear>(ROWS)
                .elbo(flow, new NormalizingFlow.Batch(batch.x(), null), key);
    train(
        model,
        LuLinear.identity(WIDTH),
        x,
        1500,
        (weights, summary) -> assertEquals(best, -summary.nll() / ROWS, 1e-3));
  }
}
