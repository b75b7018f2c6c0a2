package dev.credence.benchmarks;

import java.util.Arrays;

/**
 * Times of one task on one side.
 *
 * @param found what its verification found, or why there are no times
 * @param seconds per step, sorted
 */
record Samples(String found, double[] seconds) {
  Samples {
    seconds = seconds.clone();
    Arrays.sort(seconds);
  }

  boolean present() {
    return seconds.length > 0;
  }

  double median() {
    int n = seconds.length;
    return n == 0 ? Double.NaN : 0.5 * (seconds[(n - 1) / 2] + seconds[n / 2]);
  }

  double least() {
    return seconds.length == 0 ? Double.NaN : seconds[0];
  }

  double quantile(double q) {
    return seconds.length == 0 ? Double.NaN : seconds[(int) (q * (seconds.length - 1))];
  }
}
