package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.GapData;
import java.util.Arrays;
import java.util.List;
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
