package dev.credence.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class GapDataTest {
  @Test
  void leavesTheGapEmptyAndFillsBothSides() {
    int[] sides = new int[2];
    for (float[] row : GapData.of(1000, 1).x()) {
      assertTrue(row[0] >= GapData.LOW && row[0] <= GapData.HIGH);
      assertFalse(GapData.inGap(row[0]));
      sides[row[0] <= GapData.GAP_LOW ? 0 : 1]++;
    }
    assertArrayEquals(new int[] {800, 200}, sides);
  }

  @Test
  void hasTheNoiseItNames() {
    GapData data = GapData.of(20_000, 3);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < data.y().length; i++) {
      double x = data.x()[i][0];
      double z = (data.y()[i] - GapData.mean(x)) / GapData.noise(x);
      sum += z;
      squares += z * z;
    }
    // Six standard errors.
    assertEquals(0, sum / data.y().length, 6 / Math.sqrt(20_000));
    assertEquals(1, squares / data.y().length, 6 * Math.sqrt(2.0 / 20_000));
  }

  @Test
  void isTheSameForTheSameSeed() {
    assertArrayEquals(GapData.of(50, 5).y(), GapData.of(50, 5).y());
    assertArrayEquals(GapData.of(50, 5).x(), GapData.of(50, 5).x());
  }
}
