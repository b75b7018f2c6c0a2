package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.Prior;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What classifiers with normals over their weights can do: be read, pruned and learn further. */
class MeanFieldClassifierTest {
  /** Rows of two classes, told apart by the two columns that are the task's own. */
  private static float[][] rows(int task, int[] labels, long seed) {
    Random random = new Random(seed);
    float[][] x = new float[labels.length][4];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 2;
      for (int j = 0; j < 4; j++) {
        x[i][j] = (float) (0.5 * random.nextGaussian());
      }
      x[i][2 * task] += labels[i] == 0 ? 1.5f : -1.5f;
      x[i][2 * task + 1] += labels[i] == 0 ? -1.5f : 1.5f;
    }
    return x;
  }

  private final int[] labels = new int[200];
  private final float[][] first = rows(0, labels, 1);
  private final float[][] second = rows(1, labels, 2);

  private static BayesianClassifier.Builder settings() {
    return BayesianClassifier.builder()
        .hidden(8)
        .standardise(false)
        .epochs(40)
        .batchSize(20)
        .draws(20)
        .seed(3);
  }

  private static int count(List<WeightNormals> posterior) {
    return posterior.stream().mapToInt(array -> array.mean().length).sum();
  }

  @Test
  void thePosteriorIsReadArrayByArray() {
    try (var classifier = settings().learningRate(1e-12).initialScale(0.07).epochs(1).build()) {
      List<WeightNormals> posterior = classifier.fit(first, labels).posterior();
      assertEquals(
          List.of("layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"),
          posterior.stream().map(WeightNormals::path).toList());
      assertEquals(8 * 4 + 8 + 2 * 8 + 2, count(posterior));
      for (WeightNormals array : posterior) {
        for (int i = 0; i < array.mean().length; i++) {
          assertEquals(0.07, array.std()[i], 1e-6);
          assertEquals(Math.abs(array.mean()[i]) / array.std()[i], array.signalToNoise()[i], 1e-5);
        }
      }
    }
    var sure = new WeightNormals("w", new float[] {0, 2}, new float[2]);
    assertArrayEquals(new float[] {0, Float.POSITIVE_INFINITY}, sure.signalToNoise());
  }

  @Test
  void pruningRemovesTheWeightsOfLeastSignal() {
    try (var classifier = settings().build().fit(first, labels)) {
      List<WeightNormals> before = classifier.posterior();
      float[] ratios = new float[0];
      for (WeightNormals array : before) {
        float[] own = array.signalToNoise();
        int at = ratios.length;
        ratios = Arrays.copyOf(ratios, at + own.length);
        System.arraycopy(own, 0, ratios, at, own.length);
      }
      Arrays.sort(ratios);
      float[][] whole = classifier.predict(first).probabilities();
      assertArrayEquals(whole, classifier.prune(0).predict(first).probabilities());
      for (double part : new double[] {0.25, 0.5}) {
        classifier.prune(part);
        int removed = (int) Math.round(part * ratios.length);
        float most = ratios[removed - 1];
        List<WeightNormals> after = classifier.posterior();
        int gone = 0;
        for (int a = 0; a < after.size(); a++) {
          float[] ratio = before.get(a).signalToNoise();
          for (int i = 0; i < ratio.length; i++) {
            boolean out = ratio[i] <= most;
            gone += out ? 1 : 0;
            assertEquals(out ? 0 : before.get(a).mean()[i], after.get(a).mean()[i]);
            assertEquals(out ? 0 : before.get(a).std()[i], after.get(a).std()[i]);
          }
        }
        assertEquals(removed, gone);
      }
      ClassPrediction nothing = classifier.prune(1).predict(first);
      for (int i = 0; i < nothing.rows(); i++) {
        assertArrayEquals(new float[] {0.5f, 0.5f}, nothing.probabilities()[i]);
        assertEquals(0, nothing.mutualInformation()[i], 1e-6);
      }
      assertThrows(IllegalStateException.class, () -> classifier.update(second, labels));
      assertThrows(IllegalArgumentException.class, () -> classifier.prune(1.5));
    }
  }

  @Test
  void anUpdateStartsWhereThePosteriorIsAndKeepsItAsPrior() {
    try (var classifier = settings().learningRate(1e-12).epochs(1).build()) {
      assertTrue(classifier.fit(first, labels).summary().kl() > 10);
      List<WeightNormals> before = classifier.posterior();
      assertEquals(0, classifier.update(second, labels).summary().kl(), 1e-4);
      for (int a = 0; a < before.size(); a++) {
        assertArrayEquals(before.get(a).mean(), classifier.posterior().get(a).mean(), 1e-6f);
        assertArrayEquals(before.get(a).std(), classifier.posterior().get(a).std(), 1e-6f);
      }
    }
  }

  @Test
  void whatWasLearnedBeforeIsRemembered() {
    // The second task's clouds contradict the first's in its columns, unless the labels of those
    // are remembered.
    float[][] clash = new float[200][];
    for (int i = 0; i < clash.length; i++) {
      clash[i] = second[i].clone();
      clash[i][0] -= labels[i] == 0 ? 0.4f : -0.4f;
    }
    try (var bayesian = settings().epochs(150).build().fit(first, labels);
        var plain =
            MlpClassifier.builder()
                .hidden(8)
                .standardise(false)
                .epochs(150)
                .batchSize(20)
                .learningRate(0.01)
                .draws(1)
                .seed(3)
                .build()
                .fit(first, labels)) {
      double kept = accuracy(bayesian.update(clash, labels), first);
      double forgotten = accuracy(plain.update(clash, labels), first);
      assertTrue(accuracy(bayesian, clash) > 0.95);
      assertTrue(accuracy(plain, clash) > 0.95);
      assertTrue(kept > 0.95 && kept > forgotten, kept + " against " + forgotten);
    }
  }

  private double accuracy(Classifier<?> classifier, float[][] x) {
    return Calibration.accuracy(classifier.predict(x).probabilities(), labels);
  }

  @Test
  void priorsWithoutAClosedDivergenceAndUnequalPartsOfItWillDo() {
    try (var classifier =
        settings()
            .prior(Prior.scaleMixture(0.75, 1, Math.exp(-6)))
            .klWeight(KlWeight.HALVING)
            .build()
            .fit(first, labels)) {
      assertTrue(accuracy(classifier, first) > 0.95);
    }
  }

  private static void refused(String part, Supplier<?> what) {
    var e = assertThrows(IllegalArgumentException.class, what::get);
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }

  @Test
  void badUpdatesAreRefused() {
    try (var classifier = settings().epochs(1).build()) {
      assertThrows(IllegalStateException.class, () -> classifier.update(first, labels));
      assertThrows(IllegalStateException.class, classifier::posterior);
      classifier.fit(first, labels);
      int[] more = labels.clone();
      more[7] = 2;
      refused("with 2 classes, but a label is 2", () -> classifier.update(first, more));
      refused("holds 1 numbers", () -> classifier.update(new float[][] {{1}}, new int[1]));
      assertEquals(4, classifier.update(new float[][] {first[0]}, new int[1]).posterior().size());
    }
  }

  @Test
  void nothingIsLeftOnTheDevice() {
    try (Device device = new ReferenceDevice()) {
      try (var classifier = settings().epochs(1).device(device).build().fit(first, labels)) {
        classifier.update(second, labels).prune(0.5).predict(second);
      }
      assertEquals(0, device.allocatedBytes());
    }
  }
}
