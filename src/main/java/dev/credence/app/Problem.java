package dev.credence.app;

import dev.credence.data.CsvTable;
import dev.credence.data.DataException;
import dev.credence.data.GapData;
import dev.credence.data.Split;
import dev.credence.data.Table;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be learned, and from which rows.
 *
 * @param name what the data is called
 * @param target what is predicted
 * @param columns what the inputs are called, in order
 * @param gap whether it is the made-up data with the gap
 * @param x all inputs
 * @param y all targets
 * @param split which rows are for training and which for testing
 */
record Problem(
    String name,
    String target,
    List<String> columns,
    boolean gap,
    float[][] x,
    float[] y,
    Split split) {
  private static final int GAP_ROWS = 1000;

  /** The made-up data. */
  static Problem gap(double testFraction, long seed) {
    GapData data = GapData.of(GAP_ROWS, seed);
    Split split = Split.of(GAP_ROWS, testFraction, seed);
    return new Problem(
        "made-up data with a gap", "y", List.of("x"), true, data.x(), data.y(), split);
  }

  /**
   * A column of a file, to be predicted from all others.
   *
   * @throws DataException if it cannot be learned from
   * @throws UserError if no column is named; it lists those there are
   */
  static Problem of(Path file, @Nullable String target, double testFraction, long seed) {
    Table table = CsvTable.read(file);
    if (target == null) {
      throw new UserError(
          "--target names the column to predict, and "
              + file
              + " has "
              + String.join(", ", table.names())
              + ".");
    }
    float[] y = table.column(target);
    List<String> features = table.names().stream().filter(name -> !name.equals(target)).toList();
    if (features.isEmpty()) {
      throw new DataException(file + " has no column besides '" + target + "' to predict it from.");
    }
    if (table.rows() < 3) {
      throw new DataException(file + " has too few rows to learn from: " + table.rows() + ".");
    }
    Split split = Split.of(table.rows(), testFraction, seed);
    if (split.train().length < features.size()) {
      throw new DataException(
          Text.format(
              "%s has fewer rows than features: %s, %d of them to train on, and %s.",
              file,
              Text.count(table.rows(), "row"),
              split.train().length,
              Text.count(features.size(), "feature")));
    }
    List<String> constant = table.constantColumns();
    if (!constant.isEmpty()) {
      throw new DataException(
          Text.format(
              "%s: %s the same value in every row, so leave %s out.",
              file,
              constant.size() == 1
                  ? "column '" + constant.getFirst() + "' holds"
                  : "columns '" + String.join("', '", constant) + "' hold",
              constant.size() == 1 ? "it" : "them"));
    }
    float[][] x = table.matrix(features);
    return new Problem(file.getFileName().toString(), target, features, false, x, y, split);
  }

  int rows() {
    return y.length;
  }

  int features() {
    return x[0].length;
  }

  float[][] trainX() {
    return Split.rows(x, split.train());
  }

  float[] trainY() {
    return Split.rows(y, split.train());
  }

  float[][] testX() {
    return Split.rows(x, split.test());
  }

  float[] testY() {
    return Split.rows(y, split.test());
  }

  /** The data in one line. */
  String describe() {
    return Text.format(
        "%s: %s to train on, %s to test, %s, target %s",
        name,
        Text.count(split.train().length, "row"),
        Text.count(split.test().length, "row"),
        Text.count(features(), "feature"),
        Text.column(target));
  }
}
