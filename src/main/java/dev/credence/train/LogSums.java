package dev.credence.train;

import java.util.Arrays;

/** Logarithms of sums of exponentials that arrive in parts, one sum a row, kept in double. */
final class LogSums {
  private final double[] max;
  private final double[] sum;

  LogSums(int rows) {
    max = new double[rows];
    sum = new double[rows];
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
  }

  /** Adds exp(log) to each row's sum. */
  void add(float[] logs) {
    for (int i = 0; i < logs.length; i++) {
      double top = Math.max(max[i], logs[i]);
      if (top > Double.NEGATIVE_INFINITY) {
        sum[i] = sum[i] * Math.exp(max[i] - top) + Math.exp(logs[i] - top);
        max[i] = top;
      }
    }
  }

  /** The logarithms of the sums, and a shift. */
  double[] plus(double shift) {
    double[] logs = new double[max.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = max[i] + Math.log(sum[i]) + shift;
    }
    return logs;
  }
}
