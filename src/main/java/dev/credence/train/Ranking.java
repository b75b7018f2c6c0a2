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
   * @throws IllegalArgumentException if lengths differ, one kind is missing or a score is NaN
   */
  public static double auroc(float[] scores, boolean[] positive) {
    long positives = count(scores, positive);
    long negatives = scores.length - positives;
    double[] pairs = {0};
    descend(
        scores,
        positive,
        (hits, falseAlarms, own, ownFalse) -> pairs[0] += ownFalse * (hits - 0.5 * own));
    return pairs[0] / ((double) positives * negatives);
  }

  /**
   * The area under the precision-recall curve as the mean precision over the positive rows, without
   * interpolation; rows of equal scores are taken together.
   *
   * @throws IllegalArgumentException if lengths differ, one kind is missing or a score is NaN
   */
  public static double aupr(float[] scores, boolean[] positive) {
    double[] area = {0};
    long positives = count(scores, positive);
    descend(
        scores,
        positive,
        (hits, falseAlarms, own, ownFalse) ->
            area[0] += (double) own / positives * hits / (hits + falseAlarms));
    return area[0];
  }

  /**
   * The part of the negative rows above the highest threshold that at least 95% of the positive
   * ones reach; rows of equal scores are taken together.
   *
   * @throws IllegalArgumentException if lengths differ, one kind is missing or a score is NaN
   */
  public static double fpr95(float[] scores, boolean[] positive) {
    double[] least = {1};
    long positives = count(scores, positive);
    long negatives = scores.length - positives;
    descend(
        scores,
        positive,
        (hits, falseAlarms, own, ownFalse) -> {
          if (hits >= 0.95 * positives) {
            least[0] = Math.min(least[0], (double) falseAlarms / negatives);
          }
        });
    return least[0];
  }

  @FunctionalInterface
  private interface Threshold {
    /** Positive and negative rows at or above a score, and those of that very score. */
    void at(long hits, long falseAlarms, long own, long ownFalse);
  }

  /** All thresholds from the highest score down. */
  private static void descend(float[] scores, boolean[] positive, Threshold threshold) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    long hits = 0;
    for (int from = 0; from < order.length; ) {
      int to = from;
      long own = 0;
      while (to < order.length && scores[order[to]] == scores[order[from]]) {
        own += positive[order[to++]] ? 1 : 0;
      }
      hits += own;
      threshold.at(hits, to - hits, own, to - from - own);
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
}
