package dev.credence.train;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Turns a column of any distribution into a standard normal one by ranks, and back (van der Waerden
 * 1952). Equal values get the ranks between them in random order, so that the way back gives each
 * its own share.
 */
public final class RankNormal {
  private final float[] sorted;

  private RankNormal(float[] sorted) {
    this.sorted = sorted;
  }

  /** The transformation of a column's values. */
  public static RankNormal of(float[] column) {
    float[] sorted = column.clone();
    Arrays.sort(sorted);
    return new RankNormal(sorted);
  }

  /**
   * The column it was made from, normal: the quantiles of (rank + 1/2) / n.
   *
   * @param seed decides the order of equal values
   */
  public static float[] normal(float[] column, long seed) {
    int n = column.length;
    Random random = new Random(seed);
    double[] tie = random.doubles(n).toArray();
    Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingDouble(i -> column[i]).thenComparingDouble(i -> tie[i]));
    float[] normal = new float[n];
    for (int rank = 0; rank < n; rank++) {
      normal[order[rank]] = (float) StandardNormal.quantile((rank + 0.5) / n);
    }
    return normal;
  }

  /** The value of the column that stands where a normal number does. */
  public float back(float normal) {
    int rank = (int) (StandardNormal.cdf(normal) * sorted.length);
    return sorted[Math.min(rank, sorted.length - 1)];
  }
}
