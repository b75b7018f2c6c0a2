package dev.credence.train;

import java.util.Arrays;

/**
 * Shifts and scales columns to mean 0 and standard deviation 1.
 *
 * @param centre mean of each column
 * @param unit standard deviation of each column
 */
record Standardiser(double[] centre, double[] unit) {
  /**
   * The standardiser of a table.
   *
   * @param name what errors call the table
   * @throws IllegalArgumentException naming a column that holds one value in all rows
   */
  static Standardiser of(String name, float[][] table) {
    for (int j = 0; j < table[0].length; j++) {
      if (constant(table, j)) {
        String what = table[0].length == 1 ? name : "column " + j + " of " + name;
        throw new IllegalArgumentException(
            what + " holds " + table[0][j] + " in every row, so nothing can be learned from it");
      }
    }
    return lenient(table);
  }

  /** The standardiser of a table; a column that holds one value in all rows is only shifted. */
  static Standardiser lenient(float[][] table) {
    int columns = table[0].length;
    double[] centre = new double[columns];
    double[] unit = new double[columns];
    for (int j = 0; j < columns; j++) {
      double sum = 0;
      for (float[] row : table) {
        sum += row[j];
      }
      centre[j] = sum / table.length;
      double squares = 0;
      for (float[] row : table) {
        squares += (row[j] - centre[j]) * (row[j] - centre[j]);
      }
      unit[j] = constant(table, j) ? 1 : Math.sqrt(squares / table.length);
    }
    return new Standardiser(centre, unit);
  }

  /** The one that leaves a table of some columns as it is. */
  static Standardiser none(int columns) {
    double[] unit = new double[columns];
    Arrays.fill(unit, 1);
    return new Standardiser(new double[columns], unit);
  }

  private static boolean constant(float[][] table, int column) {
    for (float[] row : table) {
      if (row[column] != table[0][column]) {
        return false;
      }
    }
    return true;
  }

  /** A number of a column, standardised. */
  float apply(float value, int column) {
    return (float) ((value - centre[column]) / unit[column]);
  }

  /** All rows, standardised. */
  float[][] rows(float[][] table) {
    float[][] rows = new float[table.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = apply(table, i, i + 1, 1);
    }
    return rows;
  }

  /** Some rows, standardised, one after the other, and zeros up to a number of rows. */
  float[] apply(float[][] table, int from, int to, int rows) {
    int columns = centre.length;
    float[] flat = new float[rows * columns];
    for (int i = from; i < to; i++) {
      for (int j = 0; j < columns; j++) {
        flat[(i - from) * columns + j] = apply(table[i][j], j);
      }
    }
    return flat;
  }
}
