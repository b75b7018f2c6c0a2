package dev.credence.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What predicted probabilities of classes are worth; {@link Metrics} tells it of predicted numbers,
 * {@link Ranking} of scores. Probabilities are p[row][class]; labels count from 0. A row's
 * confidence is the largest of its probabilities, and it is right if that is its label's, the first
 * of equals counting.
 */
public final class Calibration {
  private Calibration() {}

  /**
   * A bin of a reliability diagram: rows of confidence in (lower, upper].
   *
   * @param lower bound of the confidence, excluded
   * @param upper bound of the confidence, included
   * @param count how many rows
   * @param confidence their mean confidence, NaN for none
   * @param accuracy the part of them that is right, NaN for none
   */
  public record Bin(double lower, double upper, int count, double confidence, double accuracy) {
    /** |accuracy - confidence| for each row, summed. */
    double gap() {
      return count == 0 ? 0 : count * Math.abs(accuracy - confidence);
    }
  }

  /**
   * The mean of -log p(label) in nats; infinite if a label was thought impossible.
   *
   * @throws IllegalArgumentException in one sentence, if there are no rows, not as many labels, or
   *     a label is no class
   */
  public static double nll(float[][] p, int[] labels) {
    requireRows(p, labels);
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum -= Math.log(p[i][labels[i]]);
    }
    return sum / labels.length;
  }

  /**
   * The mean over the rows of the squared distance from what came true, sum over the classes of (p
   * - 1[label])^2, from 0 to 2 (Brier 1950).
   *
   * @throws IllegalArgumentException as {@link #nll}
   */
  public static double brier(float[][] p, int[] labels) {
    requireRows(p, labels);
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      for (int c = 0; c < p[i].length; c++) {
        double error = p[i][c] - (c == labels[i] ? 1.0 : 0.0);
        sum += error * error;
      }
    }
    return sum / labels.length;
  }

  /**
   * The part of the rows that are right.
   *
   * @throws IllegalArgumentException as {@link #nll}
   */
  public static double accuracy(float[][] p, int[] labels) {
    requireRows(p, labels);
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += best(p[i]) == labels[i] ? 1 : 0;
    }
    return (double) right / labels.length;
  }

  /** The first of the largest. */
  static int best(float[] row) {
    int best = 0;
    for (int c = 1; c < row.length; c++) {
      best = row[c] > row[best] ? c : best;
    }
    return best;
  }

  private static float[] confidences(float[][] p) {
    float[] confidence = new float[p.length];
    for (int i = 0; i < p.length; i++) {
      confidence[i] = p[i][best(p[i])];
    }
    return confidence;
  }

  private static boolean[] correct(float[][] p, int[] labels) {
    boolean[] correct = new boolean[p.length];
    for (int i = 0; i < p.length; i++) {
      correct[i] = best(p[i]) == labels[i];
    }
    return correct;
  }

  /**
   * The expected calibration error (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, equation
   * 3): how far accuracy and confidence lie apart, over bins of equal width.
   *
   * @param bins how many, such as 15
   * @throws IllegalArgumentException as {@link #nll}, or if there are no bins
   */
  public static double ece(float[][] p, int[] labels, int bins) {
    requireRows(p, labels);
    return ece(confidences(p), correct(p, labels), bins);
  }

  /**
   * The expected calibration error of confidences in any event, over bins of equal width.
   *
   * @param confidence in [0, 1]
   * @param correct whether the event came true
   */
  public static double ece(float[] confidence, boolean[] correct, int bins) {
    return error(reliability(confidence, correct, bins), confidence.length);
  }

  /**
   * The adaptive expected calibration error (Nguyen and O'Connor 2015; Nixon et al. 2019): as
   * {@link #ece}, over bins of equally many rows.
   *
   * @param bins how many
   * @throws IllegalArgumentException as {@link #ece}
   */
  public static double adaptiveEce(float[][] p, int[] labels, int bins) {
    requireRows(p, labels);
    return adaptiveEce(confidences(p), correct(p, labels), bins);
  }

  /**
   * The adaptive expected calibration error of confidences in any event. Rows of equal confidence
   * count each as their mean, so that the order of the rows does not matter where a bin ends among
   * them.
   */
  public static double adaptiveEce(float[] confidence, boolean[] correct, int bins) {
    requireBins(confidence, correct, bins);
    int n = confidence.length;
    Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> confidence[i]));
    double[] right = new double[n];
    for (int from = 0; from < n; ) {
      int to = from;
      int hits = 0;
      while (to < n && confidence[order[to]] == confidence[order[from]]) {
        hits += correct[order[to++]] ? 1 : 0;
      }
      Arrays.fill(right, from, to, (double) hits / (to - from));
      from = to;
    }
    List<Bin> filled = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      int from = (int) ((long) b * n / bins);
      int to = (int) ((long) (b + 1) * n / bins);
      double sum = 0;
      double hits = 0;
      for (int i = from; i < to; i++) {
        sum += confidence[order[i]];
        hits += right[i];
      }
      filled.add(new Bin(0, 1, to - from, sum / (to - from), hits / (to - from)));
    }
    return error(filled, n);
  }

  private static double error(List<Bin> bins, int rows) {
    return bins.stream().mapToDouble(Bin::gap).sum() / rows;
  }

  /**
   * What a reliability diagram shows: confidence against accuracy, over bins of equal width.
   *
   * @throws IllegalArgumentException as {@link #ece}
   */
  public static List<Bin> reliability(float[][] p, int[] labels, int bins) {
    requireRows(p, labels);
    return reliability(confidences(p), correct(p, labels), bins);
  }

  /** What a reliability diagram of confidences in any event shows. */
  public static List<Bin> reliability(float[] confidence, boolean[] correct, int bins) {
    requireBins(confidence, correct, bins);
    double[] sums = new double[bins];
    int[] counts = new int[bins];
    int[] right = new int[bins];
    for (int i = 0; i < confidence.length; i++) {
      // In float32, so that 0.8f is on the edge of 8 bins of 10, and not beyond it.
      int bin = (int) Math.ceil(confidence[i] * bins) - 1;
      int at = Math.clamp(bin, 0, bins - 1);
      sums[at] += confidence[i];
      counts[at]++;
      right[at] += correct[i] ? 1 : 0;
    }
    List<Bin> filled = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      filled.add(
          new Bin(
              (double) b / bins,
              (b + 1.0) / bins,
              counts[b],
              sums[b] / counts[b],
              (double) right[b] / counts[b]));
    }
    return List.copyOf(filled);
  }

  private static void requireBins(float[] confidence, boolean[] correct, int bins) {
    if (confidence.length == 0 || confidence.length != correct.length) {
      throw new IllegalArgumentException(
          confidence.length + " confidences cannot be compared with " + correct.length + " events");
    }
    if (bins < 1) {
      throw new IllegalArgumentException("there are bins, but " + bins + " was given");
    }
    for (float c : confidence) {
      if (!(c >= 0 && c <= 1.0001f)) {
        throw new IllegalArgumentException("a confidence lies in [0, 1], but one is " + c);
      }
    }
  }

  private static void requireRows(float[][] p, int[] labels) {
    if (p.length == 0 || p.length != labels.length) {
      throw new IllegalArgumentException(
          labels.length + " labels cannot be compared with " + p.length + " predictions");
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= p[i].length) {
        throw new IllegalArgumentException(
            "the label of row " + i + " is " + labels[i] + ", of " + p[i].length + " classes");
      }
    }
  }
}
