package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  private static final float[] CONFIDENCE = {0.95f, 0.85f, 0.75f, 0.65f, 0.55f};
  private static final boolean[] CORRECT = {true, true, false, true, false};

  @Test
  void expectedCalibrationErrorIsTheGolden() {
    assertEquals(0.37, Calibration.ece(CONFIDENCE, CORRECT, 10), 1e-7);
    assertEquals(Math.abs(0.6 - 0.75), Calibration.ece(CONFIDENCE, CORRECT, 1), 1e-7);
    // Two bins hold rows 4, 3 and 2, 1, 0.
    double low = 2 * Math.abs(0.5 - 0.6);
    double high = 3 * Math.abs(2 / 3.0 - 0.85);
    assertEquals((low + high) / 5, Calibration.adaptiveEce(CONFIDENCE, CORRECT, 2), 1e-7);
    assertEquals(0.37, Calibration.adaptiveEce(CONFIDENCE, CORRECT, 5), 1e-7);
  }

  @Test
  void binsIncludeTheirRightEdge() {
    float[] edges = {0, 0.1f, 0.3f, 0.7f, 0.8f, 1};
    List<Calibration.Bin> bins = Calibration.reliability(edges, new boolean[6], 10);
    int[] counts = bins.stream().mapToInt(Calibration.Bin::count).toArray();
    org.junit.jupiter.api.Assertions.assertArrayEquals(
        new int[] {2, 0, 1, 0, 0, 0, 1, 1, 0, 1}, counts);
    assertEquals(1, Calibration.ece(new float[] {1, 1}, new boolean[2], 10));
    assertEquals(0, Calibration.ece(new float[] {1, 1}, new boolean[] {true, true}, 10));
  }

  @Test
  void theOrderOfRowsDoesNotMatter() {
    int n = 200;
    Random random = new Random(5);
    float[] confidence = new float[n];
    boolean[] correct = new boolean[n];
    float[] turned = new float[n];
    boolean[] turnedCorrect = new boolean[n];
    for (int i = 0; i < n; i++) {
      // Few values, so that bins of equally many rows end within rows of equal confidence.
      confidence[i] = 0.5f + 0.125f * random.nextInt(5);
      correct[i] = random.nextFloat() < 0.6;
      turned[n - 1 - i] = confidence[i];
      turnedCorrect[n - 1 - i] = correct[i];
    }
    for (int bins : new int[] {1, 7, 15, 300}) {
      assertEquals(
          Calibration.ece(confidence, correct, bins),
          Calibration.ece(turned, turnedCorrect, bins),
          1e-12);
      assertEquals(
          Calibration.adaptiveEce(confidence, correct, bins),
          Calibration.adaptiveEce(turned, turnedCorrect, bins),
          1e-12);
    }
    // Two bins of three rows; the five rows of confidence 1 are right in three of five cases.
    float[] ties = {1, 0.5f, 1, 1, 1, 1};
    boolean[] right = {false, true, true, true, true, false};
    double low = Math.abs(1 + 2 * 0.6 - 2.5);
    double high = 3 * 0.4;
    assertEquals((low + high) / 6, Calibration.adaptiveEce(ties, right, 2), 1e-12);
  }

  @Test
  void calibratedProbabilitiesHaveASmallError() {
    int n = 50_000;
    Random random = new Random(4);
    float[] confidence = new float[n];
    boolean[] correct = new boolean[n];
    for (int i = 0; i < n; i++) {
      confidence[i] = random.nextFloat();
      correct[i] = random.nextFloat() < confidence[i];
    }
    // Even a perfect predictor's error is positive: a sum over bins of mean absolute deviations.
    double expected = 0;
    for (int b = 0; b < 15; b++) {
      double p = (b + 0.5) / 15;
      expected += Math.sqrt(2 * p * (1 - p) / (Math.PI * n / 15)) / 15;
    }
    assertEquals(expected, Calibration.ece(confidence, correct, 15), expected);
    assertEquals(expected, Calibration.adaptiveEce(confidence, correct, 15), expected);
    for (int i = 0; i < n; i++) {
      confidence[i] = 0.5f * confidence[i] + 0.5f;
    }
    assertTrue(Calibration.ece(confidence, correct, 15) > 0.2);
  }

  @Test
  void properScoresAreTheirDefinitions() {
    float[][] p = {{0.7f, 0.2f, 0.1f}, {0.25f, 0.25f, 0.5f}};
    int[] labels = {0, 1};
    assertEquals(-0.5 * (Math.log(0.7) + Math.log(0.25)), Calibration.nll(p, labels), 1e-7);
    double first = 0.09 + 0.04 + 0.01;
    double second = 0.0625 + 0.5625 + 0.25;
    assertEquals(0.5 * (first + second), Calibration.brier(p, labels), 1e-7);
    assertEquals(0.5, Calibration.accuracy(p, labels));
    assertEquals(0.5 * (0.3 + 0.5), Calibration.ece(p, labels, 10), 1e-7);
    assertEquals(2, Calibration.brier(new float[][] {{1, 0}}, new int[] {1}));
    assertEquals(Double.POSITIVE_INFINITY, Calibration.nll(new float[][] {{1, 0}}, new int[] {1}));
  }

  @Test
  void badInputIsRefused() {
    float[][] p = {{1, 0}};
    assertThrows(IllegalArgumentException.class, () -> Calibration.nll(p, new int[] {2}));
    assertThrows(IllegalArgumentException.class, () -> Calibration.brier(p, new int[2]));
    assertThrows(IllegalArgumentException.class, () -> Calibration.ece(p, new int[1], 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> Calibration.ece(new float[] {1.5f}, new boolean[1], 10));
  }
}
