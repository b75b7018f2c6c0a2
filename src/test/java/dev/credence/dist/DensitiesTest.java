package dev.credence.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.grad.Gradients;
import dev.credence.nn.Compute;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.GammaDistribution;
import org.apache.commons.statistics.distribution.LaplaceDistribution;
import org.apache.commons.statistics.distribution.LogNormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.commons.statistics.distribution.UniformContinuousDistribution;
import org.junit.jupiter.api.Test;

/** Densities and probabilities against an independent library and closed forms. */
class DensitiesTest {
  private static final TensorType ONE = TensorType.of(DType.FLOAT64, 1);
  private static final Key KEY = Key.ROOT.split("test");

  private static Tensor one(double value) {
    return Tensor.fill(value, ONE);
  }

  private static void same(Distribution ours, ContinuousDistribution oracle, boolean cdf) {
    for (double p : new double[] {0.001, 0.1, 0.45, 0.8, 0.999}) {
      double x = oracle.inverseCumulativeProbability(p);
      double wanted = oracle.logDensity(x);
      assertEquals(
          wanted, Compute.scalar(ours.logProb(one(x))), 1e-9 * (1 + Math.abs(wanted)), "at " + x);
      if (cdf) {
        assertEquals(p, Compute.scalar(ours.cdf(one(x))), 1e-8, "at " + x);
      }
    }
    if (Double.isFinite(oracle.getVariance())) {
      assertEquals(oracle.getMean(), Compute.scalar(ours.mean()), 1e-9);
      assertEquals(oracle.getVariance(), Compute.scalar(ours.variance()), 1e-9);
    }
  }

  @Test
  void areThoseOfTheOracle() {
    same(new Laplace(one(1.5), one(0.3)), LaplaceDistribution.of(1.5, 0.3), true);
    same(new Uniform(one(-1), one(2.5)), UniformContinuousDistribution.of(-1, 2.5), true);
    same(new LogNormal(one(0.4), one(0.6)), LogNormalDistribution.of(0.4, 0.6), true);
    for (double df : new double[] {0.5, 1, 2.5, 4, 30, 1e4}) {
      same(new StudentT(df, one(0), one(1)), TDistribution.of(df), false);
    }
    for (double a : new double[] {0.2, 1, 3.3, 120}) {
      same(new Gamma(a, one(2.5)), GammaDistribution.of(a, 1 / 2.5), false);
      same(new Beta(a, 2.2, ONE), BetaDistribution.of(a, 2.2), false);
    }
  }

  @Test
  void discreteOnesAreThoseOfTheOracle() {
    double p = 0.3;
    Tensor logit = one(Math.log(p / (1 - p)));
    var binomial = BinomialDistribution.of(1, p);
    double[] shares = {0.2, 0.5, 0.05, 0.25};
    double[] logits = Arrays.stream(shares).map(s -> Math.log(s) + 3).toArray();
    var classes = new Categorical(Compute.doubles(logits, 1, 4));
    var truth = new Bernoulli(logit);
    double mean = 0;
    double below = 0;
    for (int k = 0; k < 4; k++) {
      Tensor outcome = Tensor.literal(TensorType.of(DType.INT32, 1), k);
      mean += k * shares[k];
      below += shares[k];
      assertEquals(Math.log(shares[k]), Compute.scalar(classes.logProb(outcome)), 1e-12);
      assertEquals(below, Compute.scalar(classes.cdf(outcome)), 1e-12);
      if (k < 2) {
        assertEquals(binomial.logProbability(k), Compute.scalar(truth.logProb(one(k))), 1e-12);
      }
      assertEquals(binomial.cumulativeProbability(k), Compute.scalar(truth.cdf(one(k))), 1e-12);
    }
    assertEquals(0, Compute.scalar(truth.cdf(one(-0.1))));
    assertEquals(mean, Compute.scalar(classes.mean()), 1e-12);
    assertEquals(binomial.getMean(), Compute.scalar(truth.mean()), 1e-12);
    assertEquals(binomial.getVariance(), Compute.scalar(truth.variance()), 1e-12);
    for (double far : new double[] {-800, 800}) {
      var sure = new Bernoulli(one(far));
      assertEquals(0, Compute.scalar(sure.entropy()), 1e-300);
      assertEquals(-800, Compute.scalar(sure.logProb(one(far > 0 ? 0 : 1))), 1e-9);
    }
    assertThrows(UnsupportedOperationException.class, () -> truth.rsample(KEY));
    assertThrows(UnsupportedOperationException.class, () -> classes.rsample(KEY));
  }

  @Test
  void outsideOfWhatIsPossible() {
    double minus = Double.NEGATIVE_INFINITY;
    assertEquals(minus, Compute.scalar(new Uniform(one(0), one(1)).logProb(one(1.1))));
    LogNormal log = new LogNormal(one(0), one(1));
    assertEquals(minus, Compute.scalar(log.logProb(one(-1))));
    assertEquals(0, Compute.scalar(log.cdf(one(-1))));
    assertEquals(
        Double.POSITIVE_INFINITY, Compute.scalar(new StudentT(2, one(0), one(1)).variance()));
    assertTrue(Double.isNaN(Compute.scalar(new StudentT(1, one(0), one(1)).mean())));
    assertThrows(IllegalArgumentException.class, () -> Uniform.of(1, 1, ONE));
    assertThrows(IllegalArgumentException.class, () -> Laplace.of(0, 0, ONE));
    assertThrows(IllegalArgumentException.class, () -> new Gamma(-1, one(1)));
    assertThrows(IllegalArgumentException.class, () -> new ScaleMixture(1, 1, 1, ONE));
    assertThrows(IllegalArgumentException.class, () -> new Dirichlet(List.of(1.0), DType.FLOAT64));
    assertThrows(UnsupportedOperationException.class, () -> new Beta(1, 1, ONE).rsample(KEY));
  }

  @Test
  void aDirichletOfTwoIsABeta() {
    double[] x = {0.3, 0.7};
    var two = new Dirichlet(List.of(0.7, 2.5), DType.FLOAT64);
    var beta = new Beta(0.7, 2.5, ONE);
    assertEquals(
        Compute.scalar(beta.logProb(one(0.3))),
        Compute.scalar(two.logProb(Compute.doubles(x, 2))),
        1e-12);
    assertEquals(Compute.scalar(beta.entropy()), Compute.scalar(two.entropy()), 1e-12);
    assertEquals(Compute.scalar(beta.variance()), Compute.of(two.variance())[0], 1e-12);
  }

  @Test
  void scaleMixtureIsTheGolden() {
    double[] w = {-2, -0.01, 0, 0.001, 0.7};
    var mixture = new ScaleMixture(0.5, 1, Math.exp(-6), TensorType.of(DType.FLOAT64, w.length));
    Tensor x = Compute.doubles(w, w.length);
    double[] golden = {-3.61208571, -1.50065964, 4.39038997, 4.30922218, -1.85708571};
    assertArrayEquals(golden, Compute.of(mixture.logProb(x)), 1e-7);
    double[] gradient = Compute.of(Gradients.of(mixture.logProb(x).sumAll(), List.of(x)).get(0));
    double narrow = Math.exp(12);
    for (int i = 0; i < w.length; i++) {
      double a = Math.exp(-0.5 * w[i] * w[i]);
      double b = Math.exp(6 - 0.5 * w[i] * w[i] * narrow);
      double wanted = -w[i] * (a + b * narrow) / (a + b);
      assertEquals(wanted, gradient[i], 1e-9 * (1 + Math.abs(wanted)));
    }
  }

  @Test
  void scaleMixtureStaysFiniteWhereBothUnderflow() {
    var mixture = new ScaleMixture(0.75, 1, Math.exp(-7), TensorType.of(DType.FLOAT32, 2));
    Tensor x = Compute.floats(new double[] {60, -1e4}, 2);
    double[] got = Compute.of(mixture.logProb(x).cast(DType.FLOAT64));
    double norm = Math.log(0.75) - 0.5 * Math.log(2 * Math.PI);
    assertEquals(-1800 + norm, got[0], 1e-3);
    assertEquals(-5e7 + norm, got[1], 8);
    Tensor g = Gradients.of(mixture.logProb(x).sumAll(), List.of(x)).get(0);
    assertArrayEquals(new double[] {-60, 1e4}, Compute.of(g.cast(DType.FLOAT64)), 1e-2);
  }

  @Test
  void aMixtureOfTwoNormalsIsAScaleMixture() {
    var wanted = new ScaleMixture(0.3, 1.5, 0.2, ONE);
    var got =
        Mixture.ofNormals(ONE, new double[] {0.3, 0.7}, new double[2], new double[] {1.5, 0.2});
    for (double x : new double[] {-3, 0, 0.4}) {
      assertEquals(
          Compute.scalar(wanted.logProb(one(x))), Compute.scalar(got.logProb(one(x))), 1e-12);
      assertEquals(Compute.scalar(wanted.cdf(one(x))), Compute.scalar(got.cdf(one(x))), 1e-12);
    }
    assertEquals(Compute.scalar(wanted.variance()), Compute.scalar(got.variance()), 1e-12);
  }

  @Test
  void multivariateNormalOfADiagonalIsIndependent() {
    double[] loc = {1, -2};
    double[] scale = {0.5, 3};
    Tensor x = Compute.doubles(new double[] {0.3, 1, -1, 4, 2, 2}, 3, 2);
    var plain = new Independent(new Normal(Compute.doubles(loc, 2), Compute.doubles(scale, 2)), 1);
    var full =
        MultivariateNormal.ofCovariance(
            Compute.doubles(loc, 2), Compute.doubles(new double[] {0.25, 0, 0, 9}, 2, 2));
    assertArrayEquals(Compute.of(plain.logProb(x)), Compute.of(full.logProb(x)), 1e-12);
    assertEquals(Compute.scalar(plain.entropy()), Compute.scalar(full.entropy()), 1e-12);
  }
}
