package dev.credence.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A regression set with its published splits, laid out as those of "Dropout as a Bayesian
 * Approximation" (Gal and Ghahramani 2016): data.txt, index_features.txt, index_target.txt, and
 * index_train_k.txt, index_test_k.txt for each split k.
 */
public final class UciSet {
  private final String name;
  private final float[][] x;
  private final float[] y;
  private final List<Split> splits;
  private final int hidden;
  private final int epochs;
  private final double[] dropoutRates;
  private final double[] taus;

  private UciSet(Path folder) {
    Path data = folder.resolve("data");
    name = String.valueOf(folder.getFileName());
    List<double[]> table = numbers(data.resolve("data.txt"));
    int[] features = whole(data.resolve("index_features.txt"));
    int[] target = whole(data.resolve("index_target.txt"));
    x = new float[table.size()][features.length];
    y = new float[table.size()];
    for (int row = 0; row < x.length; row++) {
      double[] values = table.get(row);
      for (int k = 0; k < features.length; k++) {
        x[row][k] = (float) at(values, features[k], row, data);
      }
      y[row] = (float) at(values, target[0], row, data);
    }
    List<Split> found = new ArrayList<>();
    int count = whole(data.resolve("n_splits.txt"))[0];
    for (int k = 0; k < count; k++) {
      Path train = data.resolve("index_train_" + k + ".txt");
      Path test = data.resolve("index_test_" + k + ".txt");
      found.add(new Split(rows(train), rows(test)));
    }
    splits = List.copyOf(found);
    hidden = whole(data.resolve("n_hidden.txt"))[0];
    epochs = whole(data.resolve("n_epochs.txt"))[0];
    dropoutRates = column(data.resolve("dropout_rates.txt"));
    taus = column(data.resolve("tau_values.txt"));
  }

  /**
   * Reads a set.
   *
   * @param folder the set's folder, such as uci/bostonHousing
   * @throws DataException naming file and line, if a file is missing or malformed
   */
  public static UciSet read(Path folder) {
    return new UciSet(folder);
  }

  private static double at(double[] values, int column, int row, Path data) {
    if (column < 0 || column >= values.length) {
      throw new DataException(
          data.resolve("data.txt") + ", line " + (row + 1) + ", has no column " + column);
    }
    return values[column];
  }

  private int[] rows(Path file) {
    int[] rows = whole(file);
    for (int row : rows) {
      if (row < 0 || row >= x.length) {
        throw new DataException(file + " names row " + row + " of " + x.length);
      }
    }
    return rows;
  }

  private static int[] whole(Path file) {
    double[] values = column(file);
    int[] whole = new int[values.length];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = (int) values[i];
      if (whole[i] != values[i]) {
        throw new DataException(file + ", line " + (i + 1) + ": " + values[i] + " is not whole");
      }
    }
    return whole;
  }

  /** All numbers of a file, line after line. */
  private static double[] column(Path file) {
    double[] all = numbers(file).stream().flatMapToDouble(java.util.Arrays::stream).toArray();
    if (all.length == 0) {
      throw new DataException(file + " is empty");
    }
    return all;
  }

  private static List<double[]> numbers(Path file) {
    List<double[]> rows = new ArrayList<>();
    try (BufferedReader in = Files.newBufferedReader(file)) {
      int line = 0;
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        line++;
        if (text.isBlank()) {
          continue;
        }
        String[] words = text.strip().split("\\s+", -1);
        double[] values = new double[words.length];
        for (int i = 0; i < values.length; i++) {
          values[i] = number(words[i], file, line);
        }
        rows.add(values);
      }
    } catch (NoSuchFileException e) {
      throw new DataException("there is no file " + file);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage());
    }
    return rows;
  }

  private static double number(String word, Path file, int line) {
    try {
      double value = Double.parseDouble(word);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as for a number that is not finite.
    }
    throw new DataException(file + ", line " + line + ": '" + word + "' is not a finite number");
  }

  /** The set's name, that of its folder. */
  public String name() {
    return name;
  }

  /** The inputs, a row an example. */
  public float[][] x() {
    return x;
  }

  /** The targets. */
  public float[] y() {
    return y;
  }

  /** The published splits. */
  public List<Split> splits() {
    return splits;
  }

  /** Hidden units of the published experiment. */
  public int hidden() {
    return hidden;
  }

  /** Base number of epochs of the published experiment. */
  public int epochs() {
    return epochs;
  }

  /** The grid of dropout probabilities. */
  public double[] dropoutRates() {
    return dropoutRates.clone();
  }

  /** The grid of observation precisions, in units of the raw target. */
  public double[] taus() {
    return taus.clone();
  }
}
