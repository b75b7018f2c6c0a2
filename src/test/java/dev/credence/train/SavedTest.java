package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.DataException;
import dev.credence.data.GapData;
import dev.credence.model.HierarchicalVae;
import dev.credence.nn.ImageFormat;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Estimators come back from their files as they were. */
class SavedTest {
  @TempDir Path folder;

  private final GapData gap = GapData.of(60, 3);

  private static <R extends Regressor<?>> R fitted(R regressor, GapData data) {
    regressor.learn(data.x(), data.y());
    return regressor;
  }

  @Test
  void regressorsPredictWhatTheyPredicted() {
    Path file = folder.resolve("regressor.safetensors");
    List<Supplier<Regressor<?>>> all =
        List.of(
            () -> BayesianRegressor.builder().hidden(5).epochs(2).draws(20).build(),
            () -> BayesianRegressor.builder().learnedNoise().hidden().epochs(2).draws(20).build(),
            () -> MlpRegressor.builder().fixedNoise(0.3).hidden(5).epochs(2).build(),
            () -> McDropoutRegressor.builder().hidden(5).epochs(2).draws(20).build());
    for (Supplier<Regressor<?>> kind : all) {
      try (Regressor<?> first = fitted(kind.get(), gap);
          Regressor<?> again = kind.get()) {
        assertThrows(IllegalStateException.class, () -> again.save(file));
        first.save(file);
        again.load(file);
        Prediction wanted = first.predict(gap.x());
        Prediction read = again.predict(gap.x());
        assertArrayEquals(wanted.mean(), read.mean());
        assertArrayEquals(wanted.std(), read.std());
        assertThrows(IllegalStateException.class, again::summary);
      }
    }
  }

  @Test
  void classifiersPredictWhatTheyPredicted() {
    Path file = folder.resolve("classifier.safetensors");
    Random random = new Random(1);
    int[] labels = random.ints(40, 0, 3).toArray();
    float[][] x = new float[40][256];
    for (float[] row : x) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextFloat();
      }
    }
    ImageFormat format = new ImageFormat(1, 16, 16);
    List<Supplier<Classifier<?>>> all =
        List.of(
            () -> BayesianClassifier.builder().hidden(5).epochs(2).draws(20).build(),
            () -> MlpClassifier.builder().hidden(5).epochs(2).standardise(false).build(),
            () -> McDropoutClassifier.builder().hidden(5).epochs(2).draws(20).build(),
            () -> LeNetClassifier.builder(format).epochs(1).draws(3).build(),
            () -> BayesianLeNetClassifier.builder(format).epochs(1).draws(3).build());
    for (Supplier<Classifier<?>> kind : all) {
      try (Classifier<?> first = kind.get();
          Classifier<?> again = kind.get()) {
        first.learn(x, labels);
        first.save(file);
        again.load(file);
        float[][] wanted = first.predict(x).probabilities();
        assertTrue(Arrays.deepEquals(wanted, again.predict(x).probabilities()));
        assertTrue(Arrays.deepEquals(first.average(x), again.average(x)));
      }
    }
  }

  /** What was known before a file was refused is still known. */
  @Test
  void filesOfOthersAreRefused() {
    Path file = folder.resolve("regressor.safetensors");
    try (var plain = MlpRegressor.builder().hidden(5).epochs(2).build().fit(gap.x(), gap.y());
        var wider = MlpRegressor.builder().hidden(6).epochs(2).build().fit(gap.x(), gap.y());
        var dropping = McDropoutRegressor.builder().build()) {
      plain.save(file);
      float[] before = wider.predict(gap.x()).mean();
      var refused = assertThrows(DataException.class, () -> wider.load(file));
      assertEquals(
          "The array weights.layers.0.weight of "
              + file
              + " is float32[5, 1], but float32[6, 1] is needed.",
          refused.getMessage());
      assertArrayEquals(before, wider.predict(gap.x()).mean());
      refused = assertThrows(DataException.class, () -> dropping.load(file));
      assertEquals(
          file + " was saved by a MlpRegressor, not by a McDropoutRegressor.",
          refused.getMessage());
      wider.close();
      assertThrows(IllegalStateException.class, () -> wider.load(file));
      assertThrows(IllegalStateException.class, () -> wider.save(file));
    }
  }

  /** Learning goes on where the file was saved. */
  @Test
  void whatIsLoadedLearnsFurther() {
    Path file = folder.resolve("regressor.safetensors");
    GapData further = GapData.of(40, 5);
    try (var first = BayesianRegressor.builder().hidden(5).epochs(2).draws(20).build();
        var again = BayesianRegressor.builder().hidden(5).epochs(2).draws(20).build()) {
      first.fit(gap.x(), gap.y()).save(file);
      again.load(file);
      assertArrayEquals(
          first.update(further.x(), further.y()).predict(gap.x()).mean(),
          again.update(further.x(), further.y()).predict(gap.x()).mean());
    }
  }

  private float[][] table(int columns) {
    Random random = new Random(2);
    float[][] x = new float[30][columns];
    for (float[] row : x) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextFloat() + (j > 0 ? row[j - 1] : 0);
      }
    }
    return x;
  }

  @Test
  void modelsOfRowsComeBack() {
    Path file = folder.resolve("model.safetensors");
    float[][] x = table(6);
    float[][] condition = table(2);
    try (var first = AutoencoderModel.builder().hidden(4).epochs(2).build().fit(x);
        var again = AutoencoderModel.builder().hidden(4).epochs(2).build()) {
      first.save(file);
      again.load(file);
      assertTrue(Arrays.deepEquals(first.reconstruct(x), again.reconstruct(x)));
    }
    try (var first = VaeModel.builder().latent(2).hidden(4).epochs(2).build().fit(x, condition);
        var again = VaeModel.builder().latent(2).hidden(4).build()) {
      first.save(file);
      again.load(file);
      assertArrayEquals(
          first.logLikelihood(x, condition, 10), again.logLikelihood(x, condition, 10));
      assertTrue(Arrays.deepEquals(first.sample(condition), again.sample(condition)));
    }
    try (var first = DensityEstimator.builder().epochs(2).build().fit(x, condition);
        var again = DensityEstimator.builder().build()) {
      first.save(file);
      again.load(file);
      assertArrayEquals(first.logDensity(x, condition), again.logDensity(x, condition));
      assertTrue(Arrays.deepEquals(first.sample(condition), again.sample(condition)));
      assertThrows(IllegalStateException.class, again::summary);
    }
    for (int code : new int[] {0, 2}) {
      try (var first = AnomalyDetector.builder().code(code).epochs(2).build().fit(x);
          var again = AnomalyDetector.builder().code(code).build()) {
        first.save(file);
        again.load(file);
        assertArrayEquals(first.score(x), again.score(x));
        assertEquals(first.threshold(), again.threshold());
        again.close();
        assertThrows(IllegalStateException.class, () -> again.score(x));
      }
    }
    var settings =
        new HierarchicalVaeModel.Settings(
            List.of(new HierarchicalVae.Layer(2, 4), new HierarchicalVae.Layer(1, 3)),
            1,
            false,
            false,
            2,
            10,
            new Adam(),
            LearningRate.constant(1e-3),
            1,
            null,
            progress -> true,
            null);
    float[][] pixels = new float[20][9];
    pixels[3][4] = 1;
    try (var first = HierarchicalVaeModel.fit(pixels, settings)) {
      first.save(file);
      try (var again = HierarchicalVaeModel.load(file, settings)) {
        assertArrayEquals(first.logLikelihood(pixels, 5), again.logLikelihood(pixels, 5));
        assertThrows(IllegalStateException.class, again::summary);
      }
    }
    try (var other = VaeModel.builder().build()) {
      assertThrows(DataException.class, () -> other.load(file));
    }
  }
}
