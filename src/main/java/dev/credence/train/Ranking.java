package dev.credence.train;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How well scores tell two kinds of rows apart. */
public final class Ranking {
  private Ranking() {}

  /**
   * The area under the receiver operating characteristic: the chance that a positive row scores
   * above a negative one, equal scores counting half (Mann and Whitney 1947).
   *
   * @throws IllegalArgumentException if lengths differ or one kind is missing
   */
  public static double auroc(float[] scores, boolean[] positive) {
    if (scores.length != positive.length) {
      throw new IllegalArgumentException(
          scores.length + " scores cannot be compared with " + positive.length + " labels");
    }
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> scores[i]));
    double ranks = 0;
    long positives = 0;
    for (int from = 0; from < order.length; ) {
      int to = from;
      int own = 0;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        own += positive[order[to++]] ? 1 : 0;
      }
      ranks += own * (from + 1.0 + to) / 2;
      positives += own;
      from = to;
    }
    long negatives = scores.length - positives;
    if (positives == 0 || negatives == 0) {
      throw new IllegalArgumentException("a ranking needs rows of both kinds");
    }
    return (ranks - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
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
}
