package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.Sampling;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every classifier with random weights. */
class ClassifierTest {
  private static final int ROWS = 150;

  /** Three clouds in the plane. */
  private record Clouds(float[][] x, int[] labels) {
    static Clouds of(int rows, long seed) {
      Random random = new Random(seed);
      float[][] x = new float[rows][2];
      int[] labels = new int[rows];
      for (int i = 0; i < rows; i++) {
        labels[i] = i % 3;
        double angle = 2 * Math.PI * labels[i] / 3;
        x[i][0] = (float) (2 * Math.cos(angle) + 0.6 * random.nextGaussian());
        x[i][1] = (float) (2 * Math.sin(angle) + 0.6 * random.nextGaussian());
      }
      return new Clouds(x, labels);
    }
  }

  private final Clouds data = Clouds.of(ROWS, 4);

  static BayesianClassifier.Builder bayesian() {
    return BayesianClassifier.builder().hidden(8).epochs(30).draws(20).seed(2);
  }

  static McDropoutClassifier.Builder dropout() {
    return McDropoutClassifier.builder().hidden(16).epochs(30).learningRate(0.01).draws(20).seed(2);
  }

  /** Fits one of the classifiers. */
  interface Fit {
    Classifier<?> of(Clouds data);
  }

  static List<Fit> all() {
    return List.of(
        data -> bayesian().build().fit(data.x(), data.labels()),
        data -> bayesian().predictiveSampling(Sampling.LOCAL).build().fit(data.x(), data.labels()),
        data -> dropout().build().fit(data.x(), data.labels()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void learnsAndIsRepeatedBitForBit(Fit fit) {
    try (Classifier<?> one = fit.of(data);
        Classifier<?> two = fit.of(data)) {
      Clouds test = Clouds.of(300, 9);
      float[][] p = one.predict(test.x()).probabilities();
      assertArrayEquals(p, two.predict(test.x()).probabilities());
      assertTrue(Calibration.accuracy(p, test.labels()) > 0.93);
      assertTrue(Calibration.accuracy(one.average(test.x()), test.labels()) > 0.93);
      assertTrue(Calibration.nll(p, test.labels()) < 0.6);
      assertArrayEquals(
          Arrays.stream(p).mapToInt(Calibration::best).toArray(), one.predict(test.x()).labels());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void numbersAreThoseOfTheDraws(Fit fit) {
    try (Classifier<?> classifier = fit.of(data)) {
      ClassPrediction many = classifier.predict(data.x());
      int row = 7;
      double[] mean = new double[3];
      int[] votes = new int[3];
      double entropy = 0;
      for (int t = 0; t < 20; t++) {
        ClassPrediction one = classifier.draw(data.x(), t);
        assertEquals(0, one.mutualInformation()[row], 1e-6);
        assertEquals(0, one.variationRatio()[row]);
        entropy += one.predictiveEntropy()[row] / 20;
        votes[one.labels()[row]]++;
        for (int c = 0; c < 3; c++) {
          mean[c] += one.probabilities()[row][c] / 20.0;
        }
      }
      double predictive = 0;
      for (int c = 0; c < 3; c++) {
        assertEquals(mean[c], many.probabilities()[row][c], 1e-6);
        predictive -= mean[c] > 0 ? mean[c] * Math.log(mean[c]) : 0;
      }
      assertEquals(entropy, many.expectedEntropy()[row], 1e-5);
      assertEquals(predictive, many.predictiveEntropy()[row], 1e-5);
      assertEquals(predictive - entropy, many.mutualInformation()[row], 1e-5);
      int most = Arrays.stream(votes).max().getAsInt();
      assertEquals(1 - most / 20.0, many.variationRatio()[row], 1e-6);
      for (int i = 0; i < ROWS; i++) {
        assertTrue(many.mutualInformation()[i] >= 0);
        assertTrue(many.predictiveEntropy()[i] <= Math.log(3) + 1e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aPredictionDoesNotDependOnItsSplit(Fit fit) {
    try (Classifier<?> classifier = fit.of(data)) {
      ClassPrediction whole = classifier.predict(data.x());
      float[][] p = new float[ROWS][];
      float[] entropy = new float[ROWS];
      int from = 0;
      for (int size : new int[] {1, 33, 32, 84}) {
        float[][] rows = Arrays.copyOfRange(data.x(), from, from + size);
        ClassPrediction part = classifier.predict(rows, from);
        System.arraycopy(part.probabilities(), 0, p, from, size);
        System.arraycopy(part.expectedEntropy(), 0, entropy, from, size);
        from += size;
      }
      assertArrayEquals(whole.probabilities(), p);
      assertArrayEquals(whole.expectedEntropy(), entropy);
    }
  }

  @Test
  void withoutDropoutNothingIsDisagreedAbout() {
    try (var classifier =
        dropout().dropout(0).inputDropout(0).build().fit(data.x(), data.labels())) {
      ClassPrediction p = classifier.predict(data.x());
      float[][] average = classifier.average(data.x());
      ClassPrediction once = ClassPrediction.of(average);
      float[] entropy = once.predictiveEntropy();
      assertArrayEquals(average, once.probabilities());
      assertArrayEquals(p.labels(), once.labels());
      assertArrayEquals(entropy, once.expectedEntropy());
      assertArrayEquals(new float[ROWS], once.variationRatio());
      for (int i = 0; i < ROWS; i++) {
        assertEquals(0, p.mutualInformation()[i], 1e-6);
        assertArrayEquals(average[i], p.probabilities()[i], 1e-6f);
        assertEquals(entropy[i], p.predictiveEntropy()[i], 1e-5);
      }
    }
  }

  @Test
  void doubtGrowsFarFromTheData() {
    try (var classifier = dropout().epochs(60).draws(200).build().fit(data.x(), data.labels())) {
      float[] doubt = classifier.predict(new float[][] {{2, 0}, {0, 0}}).predictiveEntropy();
      assertTrue(doubt[1] > doubt[0], Arrays.toString(doubt));
    }
  }

  @Test
  void nothingIsLeftOnTheDevice() {
    try (Device device = new ReferenceDevice()) {
      try (var a = bayesian().epochs(1).device(device).build();
          var b = dropout().epochs(1).device(device).build()) {
        a.fit(data.x(), data.labels()).predict(data.x());
        b.fit(data.x(), data.labels()).average(data.x());
      }
      assertEquals(0, device.allocatedBytes());
    }
  }

  private static void refused(String part, Supplier<?> what) {
    var e = assertThrows(IllegalArgumentException.class, what::get);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void badInputIsRefused() {
    float[][] x = {{1, 2}, {3, 5}, {4, 4}};
    try (var classifier = dropout().epochs(1).build()) {
      refused("3 rows, but there are 2 labels", () -> classifier.fit(x, new int[2]));
      refused("row 1 is -1", () -> classifier.fit(x, new int[] {0, -1, 1}));
      refused("every label is 0", () -> classifier.fit(x, new int[3]));
      float[][] constant = {{1, 7}, {3, 7}, {4, 7}};
      refused("column 1", () -> classifier.fit(constant, new int[] {0, 1, 1}));
      assertThrows(IllegalStateException.class, () -> classifier.predict(x));
      classifier.fit(x, new int[] {0, 1, 1});
      refused("holds 3 numbers", () -> classifier.predict(new float[][] {{1, 2, 3}}));
    }
    try (var raw = dropout().epochs(1).standardise(false).build()) {
      float[][] constant = {{1, 7}, {3, 7}, {4, 7}};
      assertEquals(3, raw.fit(constant, new int[] {0, 1, 1}).predict(constant).rows());
    }
  }
}
