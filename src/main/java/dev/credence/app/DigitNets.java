package dev.credence.app;

import dev.credence.bayes.Sampling;
import dev.credence.data.Images;
import dev.credence.train.BayesianClassifier;
import dev.credence.train.Calibration;
import dev.credence.train.ClassPrediction;
import dev.credence.train.ClassifierBuilder;
import dev.credence.train.MlpClassifier;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** What the experiments with dense nets that read digits have in common. */
final class DigitNets {
  /** Draws of a prediction. */
  static final int DRAWS = 100;

  /** Bins of a calibration error. */
  static final int BINS = 15;

  private DigitNets() {}

  /**
   * Images as rows with pixels from 0 to 1, and what they show.
   *
   * @param x one image a row
   * @param labels from 0 to 9
   */
  record Rows(float[][] x, int[] labels) {
    static Rows of(Images images) {
      return new Rows(Digits.rows(images), images.labels());
    }

    /** The first of them. */
    Rows first(int count) {
      return new Rows(Arrays.copyOf(x, count), Arrays.copyOf(labels, count));
    }
  }

  /** Settings of a net of two hidden layers. */
  static <S extends ClassifierBuilder<S>> S settings(
      S builder, int units, int epochs, long seed, Course course) {
    return course
        .on(builder)
        .hidden(units, units)
        .standardise(false)
        .epochs(epochs)
        .batchSize(128)
        .learningRate(1e-3)
        .draws(DRAWS)
        .seed(seed);
  }

  /** Settings of a net without anything random, which starts as the others do. */
  static MlpClassifier.Builder plain(int units, int epochs, long seed, Course course) {
    return settings(MlpClassifier.builder(), units, epochs, seed, course).draws(1);
  }

  /**
   * Settings of Bayes by Backprop with draws of the weights in training, too, as the paper has
   * them: all rows of a batch share a draw.
   */
  static BayesianClassifier.Builder bayesByBackprop(
      int units, int epochs, long seed, Course course) {
    return settings(BayesianClassifier.builder(), units, epochs, seed, course)
        .sampling(Sampling.DIRECT)
        .priorScale(1)
        .initialScale(0.02);
  }

  /** How good predictions are, in numbers named after the net; the error in percent. */
  static void measure(
      String net, ClassPrediction prediction, int[] labels, BiConsumer<String, Double> result) {
    measure(net, prediction.probabilities(), labels, result);
  }

  /** How good probabilities p[row][class] are, in numbers named after the net. */
  static void measure(String net, float[][] p, int[] labels, BiConsumer<String, Double> result) {
    result.accept(net + ".testError", 100 * (1 - Calibration.accuracy(p, labels)));
    result.accept(net + ".nll", Calibration.nll(p, labels));
    result.accept(net + ".brier", Calibration.brier(p, labels));
    result.accept(net + ".ece", Calibration.ece(p, labels, BINS));
    result.accept(net + ".adaptiveEce", Calibration.adaptiveEce(p, labels, BINS));
  }
}
