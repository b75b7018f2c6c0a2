package dev.credence.kernel;

/**
 * Random draws as pure functions of (key, step, sample, attempt, element): the Java twin of {@code
 * kernels/philox.h}, with the same bits.
 *
 * <p>The generator is Philox4x32-10 (J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw: "Parallel
 * Random Numbers: As Easy as 1, 2, 3", SC 2011). Element {@code e} of a draw, its row-major index
 * from 0 to 2^58 - 1, takes word {@code (e >> 4) & 3} of block {@code (e >> 6) * 16 + (e & 15)},
 * whose counter is
 *
 * <pre>
 *   low 32 bits of the block | attempt &lt;&lt; 24 + bits 32..55 of the block | step | sample
 * </pre>
 *
 * <p>A key holds the generator's first key word in its low half. Attempts count from 0 to 255; they
 * tell apart the tries of a draw that rejects.
 */
public final class Philox {
  private Philox() {}

  private static final int M0 = 0xd2511f53;
  private static final int M1 = 0xcd9e8d57;
  private static final int W0 = 0x9e3779b9;
  private static final int W1 = 0xbb67ae85;

  /** Third counter word of key derivation ("CRED"): it keeps keys apart from a step's draws. */
  private static final int KEY_TAG = 0x43524544;

  /**
   * Writes the four words of one block.
   *
   * @param c0 first counter word
   * @param c1 second counter word
   * @param c2 third counter word
   * @param c3 fourth counter word
   * @param key the key
   * @param out receives the words at 0 to 3
   */
  public static void block(int c0, int c1, int c2, int c3, long key, int[] out) {
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = Integer.toUnsignedLong(M0) * Integer.toUnsignedLong(c0);
      long p1 = Integer.toUnsignedLong(M1) * Integer.toUnsignedLong(c2);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /**
   * The key of a named stream.
   *
   * @param seed the user's seed
   * @param stream the stream's 64-bit hash
   * @return the key
   */
  public static long deriveKey(long seed, long stream) {
    int[] out = new int[4];
    block((int) stream, (int) (stream >>> 32), KEY_TAG, 0, seed, out);
    return Integer.toUnsignedLong(out[1]) << 32 | Integer.toUnsignedLong(out[0]);
  }

  /**
   * An element's random bits.
   *
   * @param key the stream's key
   * @param step the training step
   * @param sample the draw's index t
   * @param attempt the try, 0 to 255
   * @param e the element
   * @return 32 random bits
   */
  public static int bits(long key, int step, int sample, int attempt, long e) {
    return blockOf(key, step, sample, attempt, e)[word(e)];
  }

  /**
   * An element's uniform number.
   *
   * @param key the stream's key
   * @param step the training step
   * @param sample the draw's index t
   * @param attempt the try, 0 to 255
   * @param e the element
   * @return a multiple of 2^-24 in [0, 1)
   */
  public static float uniform(long key, int step, int sample, int attempt, long e) {
    return uniform(bits(key, step, sample, attempt, e));
  }

  /**
   * Random bits as a uniform number.
   *
   * @param bits 32 random bits
   * @return their upper 24 as a multiple of 2^-24 in [0, 1)
   */
  public static float uniform(int bits) {
    return (bits >>> 8) * 0x1p-24f;
  }

  /**
   * An element's standard normal number, by Box and Muller: its block's words (0, 1) make one pair,
   * words (2, 3) the other; the even word gives the radius, the odd one the angle.
   *
   * @param key the stream's key
   * @param step the training step
   * @param sample the draw's index t
   * @param attempt the try, 0 to 255
   * @param e the element
   * @return a normal number of mean 0 and variance 1, at most 6.77 in magnitude
   */
  public static float normal(long key, int step, int sample, int attempt, long e) {
    int[] words = blockOf(key, step, sample, attempt, e);
    int word = word(e);
    int even = words[word & 2];
    int odd = words[word | 1];
    return (word & 1) == 0 ? normalOfEven(even, odd) : normalOfOdd(even, odd);
  }

  /**
   * The normal number that the element with the even word takes.
   *
   * @param even the even word
   * @param odd the odd word
   * @return radius times cosine
   */
  static float normalOfEven(int even, int odd) {
    return radius(even) * FloatMath.sinQuarters(rest(odd), quarter(odd) + 1);
  }

  /**
   * The normal number that the element with the odd word takes.
   *
   * @param even the even word
   * @param odd the odd word
   * @return radius times sine
   */
  static float normalOfOdd(int even, int odd) {
    return radius(even) * FloatMath.sinQuarters(rest(odd), quarter(odd));
  }

  private static float radius(int even) {
    float u = Math.fma((float) Integer.toUnsignedLong(even), 0x1p-32f, 0x1p-33f);
    return FloatMath.sqrt(-2.0f * FloatMath.logNormal(u));
  }

  /** The quarter turn nearest to the angle. */
  private static int quarter(int odd) {
    return (odd + 0x20000000) >>> 30;
  }

  /** What the nearest quarter turn leaves of the angle. */
  private static float rest(int odd) {
    return (float) (odd << 2) * 0x1.921fb6p-32f;
  }

  private static int word(long e) {
    return (int) (e >> 4) & 3;
  }

  private static int[] blockOf(long key, int step, int sample, int attempt, long e) {
    long block = (e >> 6) * 16 + (e & 15);
    int[] out = new int[4];
    block((int) block, attempt << 24 | ((int) (block >>> 32) & 0xffffff), step, sample, key, out);
    return out;
  }
}
