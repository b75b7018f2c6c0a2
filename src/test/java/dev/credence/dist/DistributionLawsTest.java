package dev.credence.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.nn.Compute;
import dev.credence.run.HostArray;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every distribution: its draws have the moments and the density it claims. */
class DistributionLawsTest {
  private static final Key KEY = Key.ROOT.split("laws");
  private static final int DRAWS = 6000;
  private static final double SIGMAS = 6;

  static List<Distribution> all() {
    return DistributionExamples.all();
  }

  @Test
  void everyDistributionHasAnExample() {
    Set<Class<?>> shown = all().stream().map(Object::getClass).collect(Collectors.toSet());
    for (Class<?> kind : Distribution.class.getPermittedSubclasses()) {
      assertTrue(shown.contains(kind), kind.getSimpleName() + " has no example");
    }
  }

  private static @Nullable Tensor closed(Supplier<Tensor> of) {
    try {
      return of.get();
    } catch (UnsupportedOperationException e) {
      return null;
    }
  }

  private static Shape outcome(Distribution d) {
    return d.batchShape().concat(d.eventShape());
  }

  /** The mean of some numbers, each column by itself, and what six standard errors of it are. */
  private static void assertMean(double[] wanted, double[] draws, String what) {
    int width = wanted.length;
    int n = draws.length / width;
    for (int j = 0; j < width; j++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        sum += draws[i * width + j];
        squares += draws[i * width + j] * draws[i * width + j];
      }
      double mean = sum / n;
      double error = Math.sqrt(Math.max(0, squares / n - mean * mean) / n);
      assertEquals(wanted[j], mean, SIGMAS * error + 1e-9, what + " " + j);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void drawsHaveItsMoments(Distribution d) {
    Tensor x = d.sample(KEY, DRAWS);
    Tensor mean = closed(d::mean);
    if (mean != null) {
      Tensor variance = d.variance();
      assertEquals(outcome(d), mean.shape());
      assertEquals(outcome(d), variance.shape());
      assertMean(Compute.of(mean), Compute.of(x), "mean");
      boolean heavy = d instanceof StudentT t && t.df() <= 4;
      if (!heavy) {
        assertMean(
            Compute.of(variance), Compute.of(x.cast(DType.FLOAT64).sub(mean).square()), "variance");
      }
    }
    Tensor entropy = closed(d::entropy);
    if (entropy != null) {
      assertEquals(d.batchShape(), entropy.shape());
      assertMean(Compute.of(entropy), Compute.of(d.logProb(x).neg()), "entropy");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void drawsFollowItsDistributionFunction(Distribution d) {
    Tensor x = d.sample(KEY, DRAWS);
    if (d.eventShape().rank() > 0 || closed(() -> d.cdf(x)) == null) {
      return;
    }
    double[] u = Compute.of(d.cdf(x));
    int width = d.batchShape().size();
    for (int j = 0; j < width; j++) {
      double[] column = new double[DRAWS];
      for (int i = 0; i < DRAWS; i++) {
        column[i] = u[i * width + j];
      }
      Arrays.sort(column);
      double distance = 0;
      for (int i = 0; i < DRAWS; i++) {
        // Of equal draws the last one has all those below or equal behind it.
        if (i == DRAWS - 1 || column[i] < column[i + 1]) {
          distance = Math.max(distance, Math.abs(column[i] - (i + 1.0) / DRAWS));
        }
      }
      // Kolmogorov's distance with a chance of 1e-6.
      assertTrue(distance < 2.7 / Math.sqrt(DRAWS), "column " + j + ": " + distance);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void shapesAreSampleBatchEvent(Distribution d) {
    assertEquals(outcome(d), d.sample(KEY).shape());
    Tensor x = d.sample(KEY, 3, 2);
    assertEquals(Shape.of(3, 2).concat(outcome(d)), x.shape());
    assertEquals(Shape.of(3, 2).concat(d.batchShape()), d.logProb(x).shape());
    assertEquals(x.shape().size(), Compute.of(x).length);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aDrawAloneIsThatOfMany(Distribution d) {
    try (var device = new ReferenceDevice()) {
      HostArray many = Compute.all(device, 7, 0, d.sample(KEY, 5)).get(0);
      HostArray alone = Compute.all(device, 7, 3, d.sample(KEY)).get(0);
      int size = alone.doubles().length;
      assertArrayEquals(Arrays.copyOfRange(many.doubles(), 3 * size, 4 * size), alone.doubles());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void divergenceFromItselfVanishes(Distribution d) {
    Tensor kl = closed(() -> Kl.of(d, d));
    if (kl != null) {
      assertEquals(d.batchShape(), kl.shape());
      assertArrayEquals(new double[kl.shape().size()], Compute.of(kl), 1e-12);
    }
    Tensor estimate = closed(() -> Kl.estimate(d, d, KEY, 3));
    if (estimate != null) {
      assertArrayEquals(new double[estimate.shape().size()], Compute.of(estimate), 1e-12);
    }
  }
}
