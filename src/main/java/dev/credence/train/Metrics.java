package dev.credence.train;

import java.util.Arrays;

/**
 * What predictions of numbers are worth, beside {@link Crps} and the log density of a {@link
 * Prediction}; {@link Calibration} tells it of predicted classes, {@link Ranking} of scores.
 */
public final class Metrics {
  private Metrics() {}

  /**
   * The root of the mean squared error.
   *
   * @throws IllegalArgumentException if there are no rows, or not equally many
   */
  public static double rmse(float[] y, float[] mean) {
    requireRows(y, mean);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double error = (double) y[i] - mean[i];
      sum += error * error;
    }
    return Math.sqrt(sum / y.length);
  }

  /**
   * The part of the rows whose target lies in its interval, bounds included.
   *
   * @throws IllegalArgumentException if there are no rows, or not equally many
   */
  public static double coverage(float[] y, float[] lower, float[] upper) {
    requireRows(y, lower);
    requireRows(y, upper);
    int inside = 0;
    for (int i = 0; i < y.length; i++) {
      inside += lower[i] <= y[i] && y[i] <= upper[i] ? 1 : 0;
    }
    return (double) inside / y.length;
  }

  /**
   * The mean width of intervals, in the target's unit.
   *
   * @throws IllegalArgumentException if there are no rows, or not equally many
   */
  public static double width(float[] lower, float[] upper) {
    requireRows(lower, upper);
    double sum = 0;
    for (int i = 0; i < lower.length; i++) {
      sum += (double) upper[i] - lower[i];
    }
    return sum / lower.length;
  }

  /**
   * The mean of some numbers.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static double mean(double[] v) {
    if (v.length == 0) {
      throw new IllegalArgumentException("no numbers have no mean");
    }
    double sum = 0;
    for (double value : v) {
      sum += value;
    }
    return sum / v.length;
  }

  /**
   * A quantile, by straight lines between the sorted values.
   *
   * @param part between 0 and 1
   */
  public static double quantile(float[] values, double part) {
    if (values.length == 0 || !(part >= 0 && part <= 1)) {
      throw new IllegalArgumentException(
          "there is no quantile " + part + " of " + values.length + " values");
    }
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    double at = part * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  private static void requireRows(float[] y, float[] other) {
    if (y.length == 0 || y.length != other.length) {
      throw new IllegalArgumentException(
          y.length + " targets cannot be compared with " + other.length + " predictions");
    }
  }
}
