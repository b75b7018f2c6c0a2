package dev.credence.train;

/** Refuses tables that cannot be learned from, each in one sentence. */
final class Tables {
  private Tables() {}

  /**
   * Checks inputs.
   *
   * @param width numbers a row must have; 0 for any
   */
  static void requireRows(float[][] x, int width) {
    if (x.length == 0) {
      throw new IllegalArgumentException("x has no rows");
    }
    if (x[0].length == 0) {
      throw new IllegalArgumentException("the rows of x hold no numbers");
    }
    for (int i = 0; i < x.length; i++) {
      if (width > 0 && x[i].length != width) {
        throw new IllegalArgumentException(
            "row "
                + i
                + " of x holds "
                + x[i].length
                + " numbers, but the fit was made with "
                + width);
      }
      if (x[i].length != x[0].length) {
        throw new IllegalArgumentException(
            "row " + i + " of x holds " + x[i].length + " numbers, but row 0 holds " + x[0].length);
      }
      for (int j = 0; j < x[i].length; j++) {
        requireFinite(x[i][j], "row " + i + ", column " + j + " of x");
      }
    }
  }

  /** Checks inputs and targets to learn from. */
  static void requireLearnable(float[][] x, float[] y) {
    requireRows(x, 0);
    requireTargets(x, y);
    if (x.length < x[0].length) {
      throw new IllegalArgumentException(
          "x has fewer rows than features: " + x.length + " against " + x[0].length);
    }
  }

  /** Checks the targets of rows. */
  static void requireTargets(float[][] x, float[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "x has " + x.length + " rows, but y holds " + y.length + " numbers");
    }
    for (int i = 0; i < y.length; i++) {
      requireFinite(y[i], "row " + i + " of y");
    }
  }

  /** One number a row, as a table of one column. */
  static float[][] column(float[] y) {
    float[][] column = new float[y.length][1];
    for (int i = 0; i < y.length; i++) {
      column[i][0] = y[i];
    }
    return column;
  }

  private static void requireFinite(float value, String where) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(where + " is " + value + ", not a finite number");
    }
  }

  /** The numbers of rows of one width, row by row. */
  static float[] flat(float[][] rows) {
    int width = rows[0].length;
    float[] flat = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * width, width);
    }
    return flat;
  }
}
