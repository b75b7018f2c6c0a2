package dev.credence.data;

import java.util.List;

/** Named columns of finite numbers, all of the same length. Immutable. */
public final class Table {
  private final String source;
  private final List<String> names;
  private final float[][] columns;

  /**
   * A table that takes over the columns it is given.
   *
   * @param source what errors call the table, such as its file
   * @param names a name for each column, no two the same
   * @param columns the columns
   */
  Table(String source, List<String> names, float[][] columns) {
    this.source = source;
    this.names = List.copyOf(names);
    this.columns = columns;
  }

  /** Where the table comes from, such as its file. */
  public String source() {
    return source;
  }

  /** The columns' names, in order. */
  public List<String> names() {
    return names;
  }

  /** How many rows it has. */
  public int rows() {
    return columns[0].length;
  }

  /**
   * One column.
   *
   * @param name its name
   * @return a copy of it
   * @throws DataException if there is no such column; it lists those there are
   */
  public float[] column(String name) {
    return find(name).clone();
  }

  /**
   * Some columns, turned into one array a row.
   *
   * @param which the columns' names, in the order wanted
   * @return the values, by row and then by column
   * @throws DataException if there is no such column; it lists those there are
   */
  public float[][] matrix(List<String> which) {
    float[][] from = which.stream().map(this::find).toArray(float[][]::new);
    float[][] matrix = new float[rows()][from.length];
    for (int row = 0; row < matrix.length; row++) {
      for (int j = 0; j < from.length; j++) {
        matrix[row][j] = from[j][row];
      }
    }
    return matrix;
  }

  /** The names of the columns whose values are all the same. */
  public List<String> constantColumns() {
    return names.stream().filter(name -> isConstant(find(name))).toList();
  }

  private static boolean isConstant(float[] column) {
    for (float value : column) {
      if (value != column[0]) {
        return false;
      }
    }
    return true;
  }

  private float[] find(String name) {
    int at = names.indexOf(name);
    if (at < 0) {
      throw new DataException(
          source + " has no column '" + name + "'; it has " + String.join(", ", names) + ".");
    }
    return columns[at];
  }

  @Override
  public String toString() {
    return source + ": " + rows() + " rows of " + String.join(", ", names);
  }
}
