package dev.credence.benchmarks;

import java.util.List;

/**
 * How a workload grows with its size.
 *
 * @param id the workload
 * @param what its size means: n or T
 */
record Curve(String id, String what, List<Point> points) {
  /**
   * A size.
   *
   * @param threads of the cpu device
   * @param bytes resident in the measured process while it ran
   */
  record Point(int size, int threads, double seconds, long bytes) {}
}
