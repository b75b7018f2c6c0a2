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
   * The area under the precision-recall curve as the mean precision over the positive rows, without
   * interpolation; rows of equal scores are taken together.
   *
   * @throws IllegalArgumentException if lengths differ or one kind is missing
   */
  public static double aupr(float[] scores, boolean[] positive) {
    double[] area = {0};
    long positives = count(scores, positive);
    descend(
        scores,
        positive,
        (hits, falseAlarms, own) ->
            area[0] += (double) own / positives * hits / (hits + falseAlarms));
    return area[0];
  }

  /**
   * The part of the negative rows above the highest threshold that at least 95% of the positive
   * ones reach; rows of equal scores are taken together.
   *
   * @throws IllegalArgumentException if lengths differ or one kind is missing
   */
  public static double fpr95(float[] scores, boolean[] positive) {
    double[] least = {1};
    long positives = count(scores, positive);
    long negatives = scores.length - positives;
    descend(
        scores,
        positive,
        (hits, falseAlarms, own) -> {
          if (hits >= 0.95 * positives) {
            least[0] = Math.min(least[0], (double) falseAlarms / negatives);
          }
        });
    return least[0];
  }

  @FunctionalInterface
  private interface Threshold {
    /** Positive and negative rows at or above a score, and the positive ones of that score. */
    void at(long hits, long falseAlarms, long own);
  }

  /** All thresholds from the highest score down. */
  private static void descend(float[] scores, boolean[] positive, Threshold threshold) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    java.util.Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    long hits = 0;
    for (int from = 0; from < order.length; ) {
      int to = from;
      long own = 0;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        own += positive[order[to++]] ? 1 : 0;
      }
      hits += own;
      threshold.at(hits, to - hits, own);
      from = to;
    }
  }

  /** How many rows are positive; neither none nor all. */
  private static long count(float[] scores, boolean[] positive) {
    if (scores.length != positive.length) {
      throw new IllegalArgumentException(
          scores.length + " scores cannot be compared with " + positive.length + " labels");
    }
    long positives = 0;
    for (int i = 0; i < positive.length; i++) {
      if (Float.isNaN(scores[i])) {
        throw new IllegalArgumentException("the score of row " + i + " is NaN");
      }
      positives += positive[i] ? 1 : 0;
    }
    if (positives == 0 || positives == positive.length) {
      throw new IllegalArgumentException("a ranking needs rows of both kinds");
    }
    return positives;
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
