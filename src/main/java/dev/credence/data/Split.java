package dev.credence.data;

import dev.credence.kernel.Philox;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The numbers of the rows to train on, and of those to test with.
 *
 * <p>The same rows, fraction and seed give the same split anywhere and always: the rows are put in
 * order 0, 1, 2, ..., then for i from the last down to 1 row i is exchanged with row j, the integer
 * part of {@code u (i + 1)}, where u is the i-th 32-bit number of the Philox stream "split" divided
 * by 2^32 (Fisher and Yates); the first rows are for testing.
 *
 * @param train rows to train on
 * @param test rows to test with
 */
public record Split(int[] train, int[] test) {
  /** The name of the random stream ("split"), as eight bytes. */
  private static final long STREAM = 0x73706c6974L;

  /**
   * Splits rows at random.
   *
   * @param rows how many there are, at least 2
   * @param testFraction the part to test with, between 0 and 1; each side gets at least one row
   * @param seed the seed
   * @return the two sides
   */
  public static Split of(int rows, double testFraction, long seed) {
    if (rows < 2) {
      throw new IllegalArgumentException(rows + " rows cannot be split in two");
    }
    if (!(testFraction > 0 && testFraction < 1)) {
      throw new IllegalArgumentException(
          "a test fraction lies between 0 and 1, and " + testFraction + " does not");
    }
    int[] order = shuffled(rows, seed);
    int test = Math.clamp(Math.round(rows * testFraction), 1, rows - 1);
    return new Split(Arrays.copyOfRange(order, test, rows), Arrays.copyOf(order, test));
  }

  private static int[] shuffled(int rows, long seed) {
    int[] order = IntStream.range(0, rows).toArray();
    long key = Philox.deriveKey(seed, STREAM);
    for (int i = rows - 1; i > 0; i--) {
      long bits = Integer.toUnsignedLong(Philox.bits(key, 0, 0, 0, i));
      int j = (int) (bits * (i + 1) >>> 32);
      int row = order[i];
      order[i] = order[j];
      order[j] = row;
    }
    return order;
  }

  /** These rows of a matrix; the arrays of the rows are shared. */
  public static float[][] rows(float[][] matrix, int[] which) {
    return Arrays.stream(which).mapToObj(row -> matrix[row]).toArray(float[][]::new);
  }

  /** These elements of a column. */
  public static float[] rows(float[] column, int[] which) {
    float[] chosen = new float[which.length];
    for (int i = 0; i < which.length; i++) {
      chosen[i] = column[which[i]];
    }
    return chosen;
  }
}
