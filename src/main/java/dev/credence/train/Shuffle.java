package dev.credence.train;

import dev.credence.kernel.Philox;
import dev.credence.tensor.Key;

/**
 * The order of rows in an epoch, made on the host: a function of seed and epoch alone. Rows stand
 * in order 0, 1, 2, ..; for i from the last down to 1 row i is exchanged with row j, the integer
 * part of u (i + 1), where u is the i-th number of the stream "shuffle" at step epoch, 32 bits
 * divided by 2^32 (Fisher and Yates). An order's probability is off by less than rows / 2^32.
 */
final class Shuffle {
  private static final Key STREAM = Key.ROOT.split("shuffle");

  private final long key;
  private final int[] order;
  private final int[] block = new int[4];

  Shuffle(long seed, int rows) {
    this.key = Philox.deriveKey(seed, STREAM.stream());
    this.order = new int[rows];
  }

  /** The order of an epoch; the array is reused by the next call. */
  int[] epoch(int epoch) {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int i = order.length - 1; i > 0; i--) {
      int j = (int) (Integer.toUnsignedLong(bits(epoch, i)) * (i + 1) >>> 32);
      int row = order[i];
      order[i] = order[j];
      order[j] = row;
    }
    return order;
  }

  /** {@link Philox#bits} without an array of its own, so that no epoch leaves garbage behind. */
  private int bits(int epoch, int i) {
    Philox.block((i >> 6) * 16 + (i & 15), 0, epoch, 0, key, block);
    return block[(i >> 4) & 3];
  }
}
