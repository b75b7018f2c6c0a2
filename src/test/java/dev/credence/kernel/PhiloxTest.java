package dev.credence.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits are six standard deviations, or one false alarm in a million, of the exact law. */
class PhiloxTest {
  private static final int N = 1 << 24;
  private static final long KEY = Philox.deriveKey(20, 24);
  private static float[] normals = {};

  @BeforeAll
  static void draw() {
    normals = new float[N];
    IntStream.range(0, N).parallel().forEach(e -> normals[e] = Philox.normal(KEY, 3, 1, 0, e));
  }

  /** The vectors that Random123 ships for philox4x32 with 10 rounds. */
  @Test
  void givesTheKnownAnswers() {
    assertBlock(0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertBlock(-1, -1, -1, -1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertBlock(
        0x243f6a88,
        0x85a308d3,
        0x13198a2e,
        0x03707344,
        0xa4093822,
        0x299f31d0, //
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(int c0, int c1, int c2, int c3, int k0, int k1, int... expected) {
    int[] out = new int[4];
    Philox.block(c0, c1, c2, c3, key(k0, k1), out);
    assertArrayEquals(expected, out);
  }

  private static long key(int k0, int k1) {
    return (long) k1 << 32 | Integer.toUnsignedLong(k0);
  }

  @Test
  void placesAnElementInItsBlock() {
    int[] out = new int[4];
    Philox.block(35, 0, 7, 9, KEY, out);
    for (int word = 0; word < 4; word++) {
      assertEquals(out[word], Philox.bits(KEY, 7, 9, 0, 2 * 64 + 16 * word + 3));
    }
    // Block 0x123456_89abcdef's last word, at the third attempt.
    Philox.block(0x89abcdef, 0x03123456, 7, 9, KEY, out);
    long block = 0x12345689abcdefL;
    assertEquals(out[3], Philox.bits(KEY, 7, 9, 3, (block >> 4) * 64 + 48 + (block & 15)));
  }

  @Test
  void derivesKeysFromSeedAndStream() {
    int[] out = new int[4];
    Philox.block(0x55667788, 0x11223344, 0x43524544, 0, 0x0123456789abcdefL, out);
    assertEquals(key(out[0], out[1]), Philox.deriveKey(0x0123456789abcdefL, 0x1122334455667788L));
    assertEquals(
        1 << 16,
        IntStream.range(0, 1 << 16).mapToLong(s -> Philox.deriveKey(5, s)).distinct().count());
  }

  @Test
  void coversTheWholeUniformRange() {
    assertEquals(0.0f, Philox.uniform(0xff));
    assertEquals(0x1p-24f, Philox.uniform(0x100));
    assertEquals(1 - 0x1p-24f, Philox.uniform(-1));
  }

  @Test
  void normalsReachTheirLimitsAndNoFurther() {
    float furthest = (float) Math.sqrt(2 * 33 * Math.log(2));
    assertEquals(furthest, Philox.normalOfEven(0, 0), 1e-5f);
    assertEquals(furthest, Philox.normalOfOdd(0, 1 << 30), 1e-5f);
    assertEquals(-furthest, Philox.normalOfEven(0, 1 << 31), 1e-5f);
    assertEquals(-furthest, Philox.normalOfOdd(0, 3 << 30), 1e-5f);
    assertEquals(0.0f, Math.abs(Philox.normalOfEven(-1, 0)));
  }

  @Test
  void normalsAreThoseOfBoxAndMuller() {
    for (int e = 0; e < 1 << 16; e++) {
      int other = e ^ 16;
      double u = (unsigned(e & ~16) + 0.5) * 0x1p-32;
      double angle = unsigned(e | 16) * 0x1p-32 * 2 * Math.PI;
      double radius = Math.sqrt(-2 * Math.log(u));
      double truth = radius * (e < other ? Math.cos(angle) : Math.sin(angle));
      // A float u near 1 leaves the squared radius uncertain by 2^-23.
      assertEquals(truth, normals[e], 1e-6 * (1 + radius) + 0x1p-24 / radius);
    }
  }

  private static double unsigned(int e) {
    return Integer.toUnsignedLong(Philox.bits(KEY, 3, 1, 0, e));
  }

  @Test
  void normalsHaveTheMomentsOfTheLaw() {
    double mean = mean(i -> normals[i]);
    double variance = mean(i -> square(normals[i] - mean));
    assertTrue(Math.abs(mean) < 1.47e-3);
    assertTrue(Math.abs(variance - 1) < 2.08e-3);
    double skewness = mean(i -> Math.pow(normals[i] - mean, 3)) / Math.pow(variance, 1.5);
    assertTrue(Math.abs(skewness) < 3.6e-3);
    double kurtosis = mean(i -> square(square(normals[i] - mean))) / square(variance);
    assertTrue(Math.abs(kurtosis - 3) < 7.2e-3);
    // The deviation of |x| has variance 1 - 2 / pi.
    double magnitude = mean(i -> Math.abs(normals[i]));
    assertEquals(Math.sqrt(2 / Math.PI), magnitude, 6 * Math.sqrt((1 - 2 / Math.PI) / N));
    double tail = mean(i -> Math.abs(normals[i]) > 4 ? 1 : 0);
    assertEquals(6.334e-5, tail, 6 * Math.sqrt(6.334e-5 / N));
  }

  @Test
  void normalsAreUncorrelated() {
    for (int distance : new int[] {1, 15, 16, 17, 32, 48, 63, 64, 1024}) {
      double limit = 6 / Math.sqrt(N - distance);
      double linear = correlation(distance, x -> x);
      double squares = correlation(distance, x -> (x * x - 1) / Math.sqrt(2));
      assertTrue(Math.abs(linear) < limit, () -> "lag " + distance + ": " + linear);
      assertTrue(Math.abs(squares) < limit, () -> "squares, lag " + distance + ": " + squares);
    }
  }

  private interface Score {
    double of(double x);
  }

  private static double correlation(int distance, Score score) {
    return IntStream.range(0, N - distance)
            .parallel()
            .mapToDouble(i -> score.of(normals[i]) * score.of(normals[i + distance]))
            .sum()
        / (N - distance);
  }

  @Test
  void normalsFollowTheDistributionFunction() {
    float[] sorted = normals.clone();
    Arrays.parallelSort(sorted);

    // Between two of the points looked at, the empirical function rises by no more than 2^-16.
    double furthest = 0;
    for (int i = 0; i < N; i += 256) {
      double gap = Math.abs(Oracles.normalCdf(sorted[i]) - (double) i / N);
      furthest = Math.max(furthest, gap + 0x1p-16);
    }
    double kolmogorovSmirnov = furthest;
    assertTrue(kolmogorovSmirnov < 6.6e-4, () -> "D = " + kolmogorovSmirnov);

    int[] counts = new int[256];
    int before = 0;
    for (int cell = 0; cell < 256; cell++) {
      int found =
          cell == 255
              ? N
              : Arrays.binarySearch(sorted, (float) Oracles.normalQuantile((cell + 1) / 256.0));
      int up = found < 0 ? -found - 1 : found;
      counts[cell] = up - before;
      before = up;
    }
    assertChiSquare(counts);
  }

  @Test
  void bitsAreFairAndBytesEven() {
    for (int shift = 0; shift < 32; shift += 8) {
      int down = shift;
      int[] counts = new int[256];
      IntStream.range(0, N).forEach(e -> counts[Philox.bits(KEY, 4, 0, 0, e) >>> down & 255]++);
      assertChiSquare(counts);
    }
  }

  private static void assertChiSquare(int[] counts) {
    double expected = N / 256.0;
    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += square(count - expected) / expected;
    }
    assertTrue(chiSquare > 161.65 && chiSquare < 377.08, "chi square of " + chiSquare);
  }

  @Test
  void stepSampleAttemptStreamAndSeedEachGiveOtherDraws() {
    int e = 77;
    long other = Philox.deriveKey(20, 25);
    int first = Philox.bits(KEY, 0, 0, 0, e);
    assertNotEquals(first, Philox.bits(KEY, 1, 0, 0, e));
    assertNotEquals(first, Philox.bits(KEY, 0, 1, 0, e));
    assertNotEquals(first, Philox.bits(KEY, 0, 0, 1, e));
    assertNotEquals(first, Philox.bits(other, 0, 0, 0, e));
    assertNotEquals(first, Philox.bits(Philox.deriveKey(21, 24), 0, 0, 0, e));

    int n = 1 << 20;
    double product =
        IntStream.range(0, n)
                .parallel()
                .mapToDouble(i -> normals[i] * Philox.normal(KEY, 4, 1, 0, i))
                .sum()
            / n;
    assertTrue(Math.abs(product) < 6 / Math.sqrt(n));
  }

  private static double mean(IntToDoubleFunction f) {
    return IntStream.range(0, N).parallel().mapToDouble(f).sum() / N;
  }

  private static double square(double x) {
    return x * x;
  }
}
