package dev.credence.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import org.junit.jupiter.api.Test;

class ConcreteDropoutTest {
  private static final Key KEY = Key.ROOT.split("test");

  private static ConcreteDropout dropout(double p, double temperature) {
    return new ConcreteDropout(Compute.doubles(new double[] {Math.log(p / (1 - p))}), temperature);
  }

  /** E z = integral over u of sigmoid((logit p + logit u) / t), by the midpoint rule. */
  private static double[] moments(double p, double temperature) {
    int n = 1 << 20;
    double mean = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double u = (i + 0.5) / n;
      double logit = Math.log(p / (1 - p)) + Math.log(u / (1 - u));
      double z = 1 / (1 + Math.exp(-logit / temperature));
      mean += z / n;
      squares += z * z / n;
    }
    return new double[] {mean, squares - mean * mean};
  }

  @Test
  void masksHaveTheMeanOfTheRelaxedDistribution() {
    int n = 1 << 16;
    Tensor ones = Tensor.fill(1, TensorType.of(DType.FLOAT64, n / 64, 64));
    for (double p : new double[] {0.05, 0.3, 0.5}) {
      for (double t : new double[] {0.1, 0.7}) {
        double[] expected = moments(p, t);
        double kept = Compute.scalar(dropout(p, t).apply(ones, KEY, false).meanAll()) * (1 - p);
        assertEquals(1 - expected[0], kept, 6 * Math.sqrt(expected[1] / n), p + " at " + t);
      }
    }
    // By symmetry exactly a half; nearly p where masks are nearly 0 or 1.
    assertEquals(0.5, moments(0.5, 0.7)[0], 1e-9);
    assertEquals(0.3, moments(0.3, 0.01)[0], 1e-3);
  }

  @Test
  void channelsOfImagesAreDroppedWhole() {
    Tensor ones = Tensor.fill(1, TensorType.of(DType.FLOAT64, 2, 3, 4, 2, 2));
    double[] y = Compute.of(dropout(0.5, 0.1).apply(ones, KEY, true));
    for (int i = 0; i < y.length; i++) {
      assertEquals(y[i / 4 * 4], y[i]);
    }
    assertEquals(24, java.util.Arrays.stream(y).distinct().count());
  }

  @Test
  void gradientsReachTheProbability() {
    record Given(Tensor x, Tensor weight, ConcreteDropout dropout) {}
    Given given = new Given(Slopes.numbers(1, 5, 4), Slopes.numbers(2, 3, 4), dropout(0.2, 0.4));
    Slopes.assertAsDifferences(given, g -> g.dropout.apply(g.x, KEY, false));
    Slopes.assertAsDifferences(given, g -> g.dropout.kl(g.weight, 0.7, 4));
    Slopes.assertAsDifferences(given, g -> g.dropout.rate());
  }

  /** l^2 (1 - p) / 2 |M|^2 - K H(p), for the weights M = W / (1 - p) before any scaling. */
  @Test
  void theDivergenceIsThePublishedOne() {
    Tensor weight = Slopes.numbers(2, 3, 4);
    double squares = Compute.scalar(weight.square().sumAll());
    for (double p : new double[] {0.01, 0.4, 0.9}) {
      double unscaled = squares / ((1 - p) * (1 - p));
      double entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
      assertEquals(
          0.49 * (1 - p) / 2 * unscaled - 4 * entropy,
          Compute.scalar(dropout(p, 0.1).kl(weight, 0.7, 4)),
          1e-10);
      assertEquals(p, Compute.scalar(dropout(p, 0.1).rate()), 1e-12);
    }
    assertEquals(0.2, Compute.scalar(ConcreteDropout.init(0.2).rate()), 1e-7);
    assertThrows(IllegalArgumentException.class, () -> ConcreteDropout.init(0));
    assertThrows(IllegalArgumentException.class, () -> dropout(0.5, 0));
  }
}
