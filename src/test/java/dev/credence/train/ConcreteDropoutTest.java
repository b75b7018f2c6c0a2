package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.GapData;
import dev.credence.tensor.Tree;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Estimators that learn how much to drop. */
class ConcreteDropoutTest {
  private static float[][] normals(int rows, int columns, Random random) {
    float[][] x = new float[rows][columns];
    for (float[] row : x) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return x;
  }

  /** The divergence of the weights as equations 3 and 4 of the paper write it. */
  private static double divergence(Regressor<?> regressor, Map<String, Double> rates, double l) {
    return regressor.weights(
        state -> {
          double sum = 0;
          for (var leaf : Tree.leaves(state.tree()).entrySet()) {
            if (!leaf.getKey().endsWith(".weight")) {
              continue;
            }
            double squares = 0;
            for (float w : state.read(leaf.getValue()).floats()) {
              squares += (double) w * w;
            }
            String layer = leaf.getKey().replaceAll("^net\\.|\\.weight$", "");
            double p = rates.get(layer);
            double entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
            int features = leaf.getValue().shape().dim(1);
            // The weights of the paper are those here over 1 - p.
            sum += l * l * (1 - p) / 2 * squares / ((1 - p) * (1 - p)) - features * entropy;
          }
          return sum;
        });
  }

  /** At a rate that moves nothing the objective is that of the weights to start with. */
  @Test
  void theDivergenceIsThePublishedOne() {
    GapData data = GapData.of(40, 2);
    double l = 0.7;
    try (var regressor =
        ConcreteDropoutRegressor.builder()
            .hidden(6, 5)
            .dropout(0.3)
            .lengthScale(l)
            .epochs(1)
            .batchSize(40)
            .learningRate(1e-12)
            .build()) {
      regressor.fit(data.x(), data.y());
      Map<String, Double> rates = regressor.dropout();
      assertEquals(Set.of("layers.0", "layers.1", "layers.2"), rates.keySet());
      rates.values().forEach(p -> assertEquals(0.3, p, 1e-6));
      assertEquals(divergence(regressor, rates, l), regressor.summary().kl(), 1e-4);
    }
  }

  /** What is not known for lack of data goes (Gal, Hron and Kendall 2017, figure 2). */
  @Test
  void moreDataDropLess() {
    Map<String, Double> few = rates(10);
    Map<String, Double> many = rates(1000);
    few.forEach(
        (layer, p) -> {
          assertTrue(p < 1 && many.get(layer) > 0, few + " and " + many);
          assertTrue(many.get(layer) < 0.25 * p, "of 10 rows " + few + ", of 1000 rows " + many);
        });
  }

  /** The rates that as many steps lead to. */
  private static Map<String, Double> rates(int rows) {
    Random random = new Random(3);
    float[][] x = normals(rows, 4, random);
    float[] y = new float[rows];
    for (int i = 0; i < rows; i++) {
      y[i] = (float) (x[i][0] + x[i][1] + x[i][2] + x[i][3] + 2 * random.nextGaussian());
    }
    try (var regressor =
        ConcreteDropoutRegressor.builder()
            .hidden(10)
            .dropout(0.2)
            .fixedNoise(2)
            .epochs(20 * 1000 / rows)
            .batchSize(10)
            .seed(1)
            .build()) {
      return regressor.fit(x, y).dropout();
    }
  }

  @Test
  void classifiersLearnItToo(@TempDir Path folder) {
    Random random = new Random(5);
    float[][] x = normals(300, 3, random);
    int[] labels = new int[x.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = x[i][0] + x[i][1] > 0 ? 1 : 0;
    }
    var settings = ConcreteDropoutClassifier.builder().hidden(16).learningRate(0.01).seed(2);
    Path file = folder.resolve("classifier.safetensors");
    try (var classifier = settings.build().fit(x, labels);
        var again = settings.build()) {
      ClassPrediction said = classifier.predict(x);
      assertTrue(Calibration.accuracy(said.probabilities(), labels) > 0.95);
      // The masks stay: draws differ, and the model doubts.
      float doubt = 0;
      for (float nats : said.mutualInformation()) {
        doubt = Math.max(doubt, nats);
      }
      assertTrue(doubt > 1e-3, "doubt of " + doubt);
      classifier.dropout().forEach((layer, p) -> assertTrue(p > 0 && p < 1, layer + ": " + p));
      classifier.save(file);
      again.load(file);
      assertEquals(classifier.dropout(), again.dropout());
      assertArrayEquals(said.probabilities()[7], again.predict(x).probabilities()[7]);
    }
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> ConcreteDropoutRegressor.builder().dropout(0));
    assertThrows(
        IllegalArgumentException.class, () -> ConcreteDropoutClassifier.builder().lengthScale(-1));
    GapData data = GapData.of(40, 2);
    try (var one = ConcreteDropoutRegressor.builder().build();
        var two = ConcreteDropoutRegressor.builder().build()) {
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Regressor.fitAll(
                      List.of(one, two), List.of(data.x(), data.x()), List.of(data.y(), data.y())));
      assertTrue(refused.getMessage().contains("one after the other"), refused.getMessage());
      assertThrows(IllegalStateException.class, one::dropout);
    }
  }
}
