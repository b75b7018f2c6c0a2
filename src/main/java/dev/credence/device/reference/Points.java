package dev.credence.device.reference;

import dev.credence.kernel.Loop;
import java.util.ArrayList;
import java.util.List;

/**
 * The block of points now computed. A point is a kept element with an inner element; a phase runs
 * through its points in row-major order, kept axes outside, inner axes inside.
 */
final class Points {
  /** The most points, and the most kept elements, that are computed at a time. */
  static final int MOST = 512;

  /** Coordinates of the points, one array an axis. */
  final int[][] coordinates;

  /** Kept elements of the points, counted from the first of those now computed. */
  final int[] kept = new int[MOST];

  private final int[] extents;
  private final long[] strides;
  private final long inner;

  Points(List<Integer> keptExtents, List<Integer> innerExtents) {
    List<Integer> all = new ArrayList<>(keptExtents);
    all.addAll(innerExtents);
    extents = Loop.array(all);
    coordinates = new int[extents.length][MOST];
    strides = new long[extents.length];
    long stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents[axis];
    }
    inner = Loop.size(innerExtents);
  }

  /** Moves to the points from first on. */
  void moveTo(long first, int count, long firstKept) {
    for (int axis = 0; axis < extents.length; axis++) {
      count(first, count, strides[axis], 0, extents[axis], coordinates[axis]);
    }
    count(first, count, inner, firstKept, Integer.MAX_VALUE, kept);
  }

  /** Writes (position / stride - base) mod extent for successive positions. */
  private static void count(
      long position, int count, long stride, long base, int extent, int[] out) {
    int value = (int) ((position / stride - base) % extent);
    long left = stride - position % stride;
    for (int p = 0; p < count; p++) {
      out[p] = value;
      if (--left == 0) {
        left = stride;
        value = value + 1 == extent ? 0 : value + 1;
      }
    }
  }
}
