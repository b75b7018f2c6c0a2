package dev.credence.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.nn.Compute;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the table against the mean of log q - log p over draws of q. */
class KlPairsTest {
  private static final TensorType PAIR = TensorType.of(DType.FLOAT64, 2);
  private static final int DRAWS = 6000;

  record Pair(Distribution q, Distribution p) {}

  private static Tensor two(double a, double b) {
    return Compute.doubles(new double[] {a, b}, 2);
  }

  static List<Pair> pairs() {
    var normal = new Normal(two(0.3, -1), two(0.6, 1.4));
    var other = new Normal(two(1, -1), two(1, 0.9));
    var laplace = new Laplace(two(0, 2), two(0.8, 1.5));
    var wide = new Laplace(two(0.5, -1), two(2, 0.7));
    var mvn = DistributionExamples.multivariateNormal();
    var near =
        new MultivariateNormal(
            mvn.loc().add(0.3), mvn.factor().mul(1.3).add(mvn.factor().square().mul(0.2)));
    return List.of(
        new Pair(normal, other),
        new Pair(normal, laplace),
        new Pair(laplace, normal),
        new Pair(laplace, wide),
        new Pair(new LogNormal(two(0, 1), two(1, 2)), new LogNormal(two(1, 1), two(2, 1))),
        new Pair(Uniform.of(0, 1, PAIR), Uniform.of(-1, 3, PAIR)),
        new Pair(Uniform.of(0, 1, PAIR), other),
        new Pair(new Gamma(2.5, two(1, 3)), new Gamma(0.7, two(2, 1))),
        new Pair(new Beta(2, 3.5, PAIR), new Beta(0.8, 1.5, PAIR)),
        new Pair(
            new Dirichlet(List.of(0.9, 1.5, 4.0), DType.FLOAT64),
            new Dirichlet(List.of(2.0, 0.5, 1.0), DType.FLOAT64)),
        new Pair(new Bernoulli(two(0.3, -1)), new Bernoulli(two(1, 1))),
        new Pair(
            new Categorical(Compute.doubles(new double[] {1, 0, -1}, 1, 3)),
            new Categorical(Compute.doubles(new double[] {0, 0.5, 2}, 1, 3))),
        new Pair(mvn, near),
        new Pair(new Independent(normal, 1), new Independent(other, 1)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void isTheMeanLogRatio(Pair pair) {
    Tensor x = pair.q().sample(Key.ROOT.split("kl"), DRAWS);
    double[] ratio = Compute.of(pair.q().logProb(x).sub(pair.p().logProb(x)));
    double[] closed = Compute.of(Kl.of(pair.q(), pair.p()));
    for (int j = 0; j < closed.length; j++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < DRAWS; i++) {
        double r = ratio[i * closed.length + j];
        sum += r;
        squares += r * r;
      }
      double mean = sum / DRAWS;
      double error = Math.sqrt(Math.max(0, squares / DRAWS - mean * mean) / DRAWS);
      assertEquals(closed[j], mean, 6 * error + 1e-9);
      assertTrue(closed[j] > 0);
    }
  }

  @Test
  void multivariateNormalsOfDiagonalsAddUp() {
    var q = new Normal(two(0.3, -1), two(0.6, 1.4));
    var p = new Normal(two(1, -1), two(1, 0.9));
    Tensor full =
        Kl.of(
            MultivariateNormal.ofCovariance(q.loc(), diagonal(q.variance())),
            MultivariateNormal.ofCovariance(p.loc(), diagonal(p.variance())));
    assertArrayEquals(Compute.of(Kl.of(q, p).sumAll()), Compute.of(full), 1e-12);
  }

  private static Tensor diagonal(Tensor of) {
    return of.unsqueeze(-1).broadcast(2, 2).diagonalOnly();
  }

  @Test
  void unknownPairsAreNamed() {
    var e =
        assertThrows(
            UnsupportedOperationException.class,
            () -> Kl.of(Laplace.of(0, 1, PAIR), new StudentT(3, two(0, 0), two(1, 1))));
    assertTrue(String.valueOf(e.getMessage()).contains("from Laplace to StudentT"));
    assertEquals(
        Double.POSITIVE_INFINITY,
        Compute.of(Kl.of(Uniform.of(-1, 1, PAIR), Uniform.of(0, 1, PAIR)))[0]);
  }
}
