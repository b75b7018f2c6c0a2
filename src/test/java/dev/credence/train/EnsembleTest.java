package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.GapData;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Plain nets and ensembles of them. */
class EnsembleTest {
  /** Least squares, whose solution for a line is closed. */
  @Test
  void aPlainNetWithoutHiddenLayersIsLeastSquares() {
    float[][] x = {{-1}, {0.5f}, {2}, {3}, {-2}, {1}};
    float[] y = {-1.5f, 2, 4, 7, -4, 1};
    try (var regressor =
        MlpRegressor.builder().hidden().epochs(2000).batchSize(6).fixedNoise(1).build()) {
      Prediction p = regressor.fit(x, y).predict(x);
      double meanX = 3.5 / 6;
      double meanY = 8.5 / 6;
      double xx = 0;
      double xy = 0;
      for (int i = 0; i < 6; i++) {
        xx += Math.pow(x[i][0] - meanX, 2);
        xy += (x[i][0] - meanX) * (y[i] - meanY);
      }
      for (int i = 0; i < 6; i++) {
        assertEquals(meanY + xy / xx * (x[i][0] - meanX), p.mean()[i], 1e-3);
        assertEquals(0, p.epistemicStd()[i]);
        assertEquals(1, p.aleatoricStd()[i], 1e-5);
      }
      assertArrayEquals(p.mean(), regressor.average(x).mean());
      assertEquals(0, regressor.summary().kl());
    }
  }

  /** Ridge, whose solution is closed: the decay is one over the variance of the weights' prior. */
  @Test
  void weightDecayIsANormalPrior() {
    float[][] x = {{-1}, {1}, {-1}, {1}};
    float[] y = {-2, 2, -1, 1};
    double decay = 3;
    try (var regressor =
        MlpRegressor.builder()
            .hidden()
            .epochs(2000)
            .batchSize(4)
            .fixedNoise(2)
            .weightDecay(decay)
            .build()) {
      Prediction p = regressor.fit(x, y).predict(x);
      // Standardised: y = 1.5 x + residuals, divided by the deviation of y.
      double unit = Math.sqrt(10 / 4.0);
      double precision = Math.pow(unit / 2, 2);
      double slope = precision * 4 * 1.5 / unit / (precision * 4 + decay);
      assertEquals(slope * unit, p.mean()[1], 1e-3);
      assertEquals(0.5 * decay * slope * slope, regressor.summary().kl(), 1e-3);
    }
  }

  @Test
  void anEnsembleIsTheMixtureOfItsMembers() {
    GapData gap = GapData.of(300, 1);
    try (var ensemble =
        RegressorEnsemble.of(
                4, seed -> MlpRegressor.builder().epochs(40).learningRate(0.03).seed(seed).build())
            .fit(gap.x(), gap.y())) {
      float[][] x = {{-1}, {0}, {2}, {3.5f}};
      Prediction p = ensemble.predict(x);
      assertEquals(4, p.draws());
      List<Prediction> parts = ensemble.members().stream().map(m -> m.predict(x)).toList();
      for (int i = 0; i < x.length; i++) {
        int row = i;
        double[] means = parts.stream().mapToDouble(part -> part.mean()[row]).toArray();
        double[] noises = parts.stream().mapToDouble(part -> part.aleatoricStd()[row]).toArray();
        double mean = Arrays.stream(means).average().orElseThrow();
        double doubt =
            Arrays.stream(means).map(m -> (m - mean) * (m - mean)).average().orElseThrow();
        double noise = Arrays.stream(noises).map(s -> s * s).average().orElseThrow();
        assertEquals(mean, p.mean()[i], 1e-5);
        assertEquals(Math.sqrt(doubt), p.epistemicStd()[i], 1e-4);
        assertEquals(Math.sqrt(noise), p.aleatoricStd()[i], 1e-4);
        assertTrue(doubt > 0);
      }
      double[] density = p.logDensity(new float[] {0, 0, 0, 0});
      double sum = 0;
      for (Prediction part : parts) {
        sum += Math.exp(part.logDensity(new float[] {0, 0, 0, 0})[1]) / 4;
      }
      assertEquals(Math.log(sum), density[1], 1e-6);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> RegressorEnsemble.of(0, seed -> MlpRegressor.builder().build()));
  }

  /** Three clouds of points in a plane, which are the classes. */
  private static float[][] clouds(int rows, int[] labels) {
    Random random = new Random(4);
    float[][] x = new float[rows][2];
    for (int i = 0; i < rows; i++) {
      labels[i] = i % 3;
      x[i][0] = (float) (2 * Math.cos(2 * labels[i]) + random.nextGaussian());
      x[i][1] = (float) (2 * Math.sin(2 * labels[i]) + random.nextGaussian());
    }
    return x;
  }

  @Test
  void anEnsembleOfClassifiersIsTheMixtureOfItsMembers() {
    int[] labels = new int[240];
    float[][] x = clouds(240, labels);
    try (var ensemble =
        ClassifierEnsemble.of(
                3, seed -> MlpClassifier.builder().hidden(16).epochs(30).seed(seed).build())
            .fit(x, labels)) {
      ClassPrediction p = ensemble.predict(x);
      List<ClassPrediction> parts = ensemble.members().stream().map(m -> m.predict(x)).toList();
      assertEquals(3, p.draws());
      int right = 0;
      for (int i = 0; i < x.length; i++) {
        double entropy = 0;
        double[] mean = new double[3];
        int[] votes = new int[3];
        for (ClassPrediction part : parts) {
          assertEquals(1, part.draws());
          assertEquals(0, part.mutualInformation()[i], 1e-6);
          entropy += part.predictiveEntropy()[i] / 3;
          votes[part.labels()[i]]++;
          for (int c = 0; c < 3; c++) {
            mean[c] += part.probabilities()[i][c] / 3;
          }
        }
        double all = 0;
        for (int c = 0; c < 3; c++) {
          assertEquals(mean[c], p.probabilities()[i][c], 1e-6);
          all -= mean[c] * Math.log(mean[c]);
        }
        assertEquals(all, p.predictiveEntropy()[i], 1e-5);
        assertEquals(entropy, p.expectedEntropy()[i], 1e-5);
        assertEquals(all - entropy, p.mutualInformation()[i], 2e-5);
        int most = Arrays.stream(votes).max().orElseThrow();
        assertEquals(1 - most / 3.0, p.variationRatio()[i], 1e-6);
        right += p.labels()[i] == labels[i] ? 1 : 0;
      }
      assertTrue(right > 0.75 * x.length, right + " of " + x.length + " are right");
    }
  }

  /** Logistic regression on one truth value, whose maximum is where shares are probabilities. */
  @Test
  void aPlainClassifierWithoutHiddenLayersIsLogisticRegression() {
    float[][] x = {{0}, {0}, {0}, {0}, {1}, {1}, {1}, {1}};
    int[] labels = {0, 0, 0, 1, 1, 1, 0, 1};
    try (var classifier =
        MlpClassifier.builder()
            .hidden()
            .standardise(false)
            .epochs(2000)
            .batchSize(8)
            .learningRate(0.05)
            .build()
            .fit(x, labels)) {
      float[][] p = classifier.predict(x).probabilities();
      assertEquals(0.25, p[0][1], 1e-4);
      assertEquals(0.75, p[4][1], 1e-4);
      double nats = -8 * (0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
      assertEquals(nats, classifier.summary().nll(), 1e-3);
      classifier.update(new float[][] {{0}, {1}}, new int[] {0, 1});
      assertTrue(classifier.predict(x).probabilities()[0][1] < 0.1);
    }
  }

  @Test
  void membersMayBeBayesian() {
    GapData gap = GapData.of(200, 1);
    try (var ensemble =
        RegressorEnsemble.of(
                2, seed -> BayesianRegressor.builder().epochs(5).draws(32).seed(seed).build())
            .fit(gap.x(), gap.y())) {
      assertEquals(64, ensemble.predict(gap.x()).draws());
    }
  }
}
