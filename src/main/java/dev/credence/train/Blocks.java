package dev.credence.train;

/** Rows go through programs for a few numbers of rows, so that none needs a program of its own. */
final class Blocks {
  private Blocks() {}

  /** Takes a block of rows through its program. */
  @FunctionalInterface
  interface Body {
    /**
     * Rows from first to end.
     *
     * @param size rows of the program, at least as many
     */
    void run(int size, int first, int end);
  }

  /**
   * All rows, in full blocks where they pay.
   *
   * @param largest rows of a full block
   */
  static void each(int rows, int largest, Body body) {
    for (int from = 0; from < rows; ) {
      int left = rows - from;
      int size = left == 1 ? 1 : left > largest / 2 ? largest : Math.min(32, largest);
      int to = Math.min(rows, from + size);
      body.run(size, from, to);
      from = to;
    }
  }
}
