package dev.credence.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
  /** Made by another program, written after the text that documents the split. */
  private static final int[] GOLDEN = {4, 13, 16, 0, 11};

  @ParameterizedTest
  @CsvSource({"1599,0.1,160", "2,0.5,1", "2,0.001,1", "2,0.999,1", "10,0.25,3", "1000,0.1,100"})
  void everyRowIsOnOneSide(int rows, double fraction, int test) {
    Split split = Split.of(rows, fraction, 7);
    assertEquals(test, split.test().length);
    assertArrayEquals(
        IntStream.range(0, rows).toArray(),
        IntStream.concat(Arrays.stream(split.train()), Arrays.stream(split.test()))
            .sorted()
            .toArray());
  }

  /** Published results name their seed: these rows must never change. */
  @Test
  void staysTheSameForEver() {
    assertArrayEquals(GOLDEN, Split.of(20, 0.25, 1).test());
    assertFalse(Arrays.equals(GOLDEN, Split.of(20, 0.25, 2).test()));
  }

  @Test
  void picksEveryRowAboutEquallyOften() {
    int[] counts = new int[10];
    for (long seed = 0; seed < 10_000; seed++) {
      for (int row : Split.of(10, 0.2, seed).test()) {
        counts[row]++;
      }
    }
    // 2000 expected of each, with a standard deviation of 40.
    for (int count : counts) {
      assertEquals(2000, count, 200);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
  void refusesFractionsOutOfRange(double fraction) {
    assertThrows(IllegalArgumentException.class, () -> Split.of(10, fraction, 1));
  }

  @Test
  void takesRows() {
    int[] which = {2, 0};
    assertArrayEquals(new float[] {30, 10}, Split.rows(new float[] {10, 20, 30}, which));
    assertArrayEquals(new float[][] {{3}, {1}}, Split.rows(new float[][] {{1}, {2}, {3}}, which));
  }
}
