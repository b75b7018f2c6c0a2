package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static final float[] SCORES = {0.1f, 0.4f, 0.35f, 0.8f};
  private static final boolean[] POSITIVE = {false, false, true, true};

  @Test
  void areTheGoldens() {
    assertEquals(0.75, Ranking.auroc(SCORES, POSITIVE), 1e-12);
    // Precision 1 at recall 1/2, then 2/3 at recall 1.
    assertEquals(0.5 + 0.5 * 2 / 3, Ranking.aupr(SCORES, POSITIVE), 1e-12);
    assertEquals(0.5, Ranking.fpr95(SCORES, POSITIVE), 1e-12);
  }

  @Test
  void tiesAreAveraged() {
    float[] same = {2, 2, 2, 2};
    assertEquals(0.5, Ranking.auroc(same, POSITIVE), 1e-12);
    assertEquals(0.5, Ranking.aupr(same, POSITIVE), 1e-12);
    assertEquals(1, Ranking.fpr95(same, POSITIVE), 1e-12);
  }

  @Test
  void turnAroundWithTheSignAndIgnoreMonotoneMaps() {
    Random random = new Random(6);
    float[] scores = new float[500];
    float[] negated = new float[500];
    float[] mapped = new float[500];
    boolean[] positive = new boolean[500];
    double pairs = 0;
    double won = 0;
    for (int i = 0; i < 500; i++) {
      positive[i] = random.nextBoolean();
      scores[i] = random.nextInt(40) + (positive[i] ? 8 : 0);
      negated[i] = -scores[i];
      mapped[i] = (float) Math.exp(scores[i] / 10);
    }
    for (int i = 0; i < 500; i++) {
      for (int j = 0; j < 500; j++) {
        if (positive[i] && !positive[j]) {
          pairs++;
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    double auroc = Ranking.auroc(scores, positive);
    assertEquals(won / pairs, auroc, 1e-12);
    assertEquals(1 - auroc, Ranking.auroc(negated, positive), 1e-12);
    assertEquals(auroc, Ranking.auroc(mapped, positive), 1e-12);
    assertEquals(Ranking.aupr(scores, positive), Ranking.aupr(mapped, positive), 1e-12);
    assertEquals(Ranking.fpr95(scores, positive), Ranking.fpr95(mapped, positive), 1e-12);
  }

  @Test
  void perfectScoresArePerfect() {
    boolean[] positive = {false, true, false, true};
    float[] scores = {0, 3, 1, 2};
    assertEquals(1, Ranking.auroc(scores, positive));
    assertEquals(1, Ranking.aupr(scores, positive));
    assertEquals(0, Ranking.fpr95(scores, positive));
  }

  @Test
  void badInputIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Ranking.aupr(SCORES, new boolean[] {true}));
    assertThrows(IllegalArgumentException.class, () -> Ranking.fpr95(SCORES, new boolean[4]));
    assertThrows(IllegalArgumentException.class, () -> Ranking.auroc(SCORES, new boolean[4]));
    float[] nan = {0, Float.NaN, 1, 2};
    assertThrows(IllegalArgumentException.class, () -> Ranking.auroc(nan, POSITIVE));
  }
}
