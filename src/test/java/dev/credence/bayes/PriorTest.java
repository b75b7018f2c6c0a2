package dev.credence.bayes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.dist.Kl;
import dev.credence.dist.Normal;
import dev.credence.nn.Compute;
import dev.credence.nn.Linear;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Divergences from every prior against closed forms and quadrature. */
class PriorTest {
  private static final Key KEY = Key.ROOT.split("test");
  private static final int T = 1 << 16;
  private static final double[] MU = {0.4, -0.3, 0.02};
  private static final double SCALE = 0.25;

  private static Linear weights() {
    return new Linear(
        Compute.doubles(new double[] {MU[0], MU[1]}, 1, 2),
        Compute.doubles(new double[] {MU[2]}, 1));
  }

  private static MeanField<Linear> q() {
    return MeanField.init(weights(), SCALE);
  }

  private static double logNormal(double x, double mean, double scale) {
    double z = (x - mean) / scale;
    return -0.5 * z * z - Math.log(scale) - 0.5 * Math.log(2 * Math.PI);
  }

  /** Mean and variance of log q(w) - log p(w), summed over the weights, by the trapezium rule. */
  private static double[] quadrature(DoubleUnaryOperator logPrior) {
    double mean = 0;
    double variance = 0;
    double h = 1e-4;
    for (double mu : MU) {
      double first = 0;
      double second = 0;
      for (double z = -9; z <= 9; z += h) {
        double w = mu + SCALE * z;
        double nats = logNormal(w, mu, SCALE) - logPrior.applyAsDouble(w);
        double mass = h * Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
        first += mass * nats;
        second += mass * nats * nats;
      }
      mean += first;
      variance += second - first * first;
    }
    return new double[] {mean, variance};
  }

  @Test
  void laplaceIsClosed() {
    double[] wanted = quadrature(w -> -Math.abs(w) / 0.3 - Math.log(2 * 0.3));
    assertEquals(wanted[0], Compute.scalar(q().kl(Prior.laplace(0.3))), 1e-6);
    assertEquals(wanted[0], Compute.scalar(q().kl(Prior.laplace(0.3), KEY)), 1e-6);
  }

  @Test
  void aMixtureIsEstimatedWithoutBias() {
    Prior prior = Prior.scaleMixture(0.25, 1, 0.05);
    double[] wanted =
        quadrature(
            w ->
                Math.log(
                    0.25 * Math.exp(logNormal(w, 0, 1)) + 0.75 * Math.exp(logNormal(w, 0, 0.05))));
    double error = Math.sqrt(wanted[1] / T);
    assertEquals(wanted[0], Compute.scalar(q().kl(prior, KEY, T)), 6 * error);
    assertTrue(error < 0.01);
    assertThrows(UnsupportedOperationException.class, () -> q().kl(prior));
  }

  /** A mixture of two equal normals is that normal, whose divergence is closed. */
  @Test
  void theEstimateHasTheMeanOfTheClosedForm() {
    double closed = Compute.scalar(q().kl(Prior.normal(0.5)));
    double variance = 0;
    for (double mu : MU) {
      double square = 0.5 * (SCALE * SCALE / 0.25 - 1);
      double linear = mu * SCALE / 0.25;
      variance += 2 * square * square + linear * linear;
    }
    double drawn = Compute.scalar(q().kl(Prior.scaleMixture(0.3, 0.5, 0.5), KEY, T));
    assertEquals(closed, drawn, 6 * Math.sqrt(variance / T));
  }

  @Test
  void everyDrawOfTheEstimateIsZeroBetweenEquals() {
    Linear zeros =
        new Linear(Compute.doubles(new double[2], 1, 2), Compute.doubles(new double[1], 1));
    MeanField<Linear> q = MeanField.init(zeros, 0.5);
    for (int i = 0; i < 5; i++) {
      assertEquals(0, Compute.scalar(q.kl(Prior.scaleMixture(0.3, 0.5, 0.5), KEY.fold(i))), 1e-12);
    }
  }

  /** The estimate looks at the very weights that a pass with drawn weights uses. */
  @Test
  void theEstimateSharesTheDrawOfThePass() {
    Prior prior = Prior.scaleMixture(0.25, 1, 0.05);
    Linear w = q().sample(KEY);
    Tensor nats = Tensor.fill(0, TensorType.of(DType.FLOAT64));
    for (Tensor[] of :
        new Tensor[][] {
          {w.weight(), q().mean().weight(), q().scale().weight()},
          {w.bias(), q().mean().bias(), q().scale().bias()}
        }) {
      Tensor p = prior.of("", of[0].type()).logProb(of[0]);
      nats = nats.add(new Normal(of[1], of[2]).logProb(of[0]).sub(p).sumAll());
    }
    assertEquals(Compute.scalar(nats), Compute.scalar(q().kl(prior, KEY)), 1e-12);
  }

  @Test
  void aPosteriorIsAPriorOfItsOwnForEveryWeight() {
    MeanField<Linear> before =
        MeanField.init(new Linear(weights().weight().add(1), weights().bias()), 0.7);
    double wanted = 0;
    for (int i = 0; i < MU.length; i++) {
      Tensor type = Compute.doubles(new double[1], 1);
      Normal own = Normal.of(MU[i], SCALE, type.type());
      Normal old = Normal.of(MU[i] + (i < 2 ? 1 : 0), 0.7, type.type());
      wanted += Compute.scalar(Kl.of(own, old));
    }
    assertEquals(wanted, Compute.scalar(q().kl(Prior.of(before))), 1e-9);
    assertEquals(0, Compute.scalar(q().kl(Prior.of(q()))), 1e-12);
  }

  @Test
  void aPosteriorThatDoesNotFitIsRefused() {
    MeanField<Linear> part = MeanField.init(weights(), 1, path -> path.equals("bias"));
    var missing = assertThrows(IllegalArgumentException.class, () -> q().kl(Prior.of(part)));
    assertTrue(missing.getMessage().contains("none for 'weight'"), missing.getMessage());
    MeanField<Linear> other =
        MeanField.init(
            new Linear(Compute.doubles(new double[3], 1, 3), Compute.doubles(new double[1], 1)), 1);
    assertThrows(IllegalArgumentException.class, () -> q().kl(Prior.of(other)));
    assertFalse(part.rho().containsKey("weight"));
    assertThrows(IllegalArgumentException.class, () -> Prior.scaleMixture(2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> Prior.laplace(0));
  }

  @Test
  void weightsOfAnEpochAddUpToOne() {
    for (int batches : new int[] {1, 2, 7, 600, 2000}) {
      for (KlWeight weight : new KlWeight[] {KlWeight.UNIFORM, KlWeight.HALVING}) {
        double sum = 0;
        for (int i = 0; i < batches; i++) {
          sum += weight.of(3, i, batches);
        }
        assertEquals(1, sum, 1e-12);
      }
    }
    double all = Math.pow(2, 5) - 1;
    for (int i = 1; i <= 5; i++) {
      assertEquals(Math.pow(2, 5 - i) / all, KlWeight.HALVING.of(0, i - 1, 5), 1e-15);
    }
    KlWeight annealed = KlWeight.UNIFORM.annealed(2);
    assertEquals(0.25 * 0.125, annealed.of(0, 0, 4), 1e-15);
    assertEquals(0.25 * 0.5, annealed.of(0, 3, 4), 1e-15);
    assertEquals(0.25, annealed.of(1, 3, 4), 1e-15);
    assertEquals(0.25, annealed.of(7, 0, 4), 1e-15);
  }
}
