package dev.credence.app;

import dev.credence.data.DataException;
import dev.credence.data.Table;
import dev.credence.device.Device;
import dev.credence.train.BayesianRegressor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a regressor of the command line learned from, kept in its file.
 *
 * @param columns what the inputs are called, in order
 * @param target what is predicted
 * @param seed that predictions are drawn by
 */
record Fitted(List<String> columns, String target, long seed) {
  private static final String COLUMN = "column ";
  private static final String TARGET = "target";
  private static final String SEED = "seed";

  /** Saves a regressor with it. */
  void save(BayesianRegressor regressor, Path file) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put(TARGET, target);
    about.put(SEED, Long.toString(seed));
    for (int i = 0; i < columns.size(); i++) {
      about.put(COLUMN + (i + 1), columns.get(i));
    }
    regressor.save(file, about);
  }

  /**
   * Reads it from a file.
   *
   * @throws DataException in one sentence, if the file is missing, damaged, or of something else
   */
  static Fitted read(Path file) {
    Map<String, String> about = BayesianRegressor.about(file);
    String target = about.get(TARGET);
    String seed = about.get(SEED);
    List<String> columns = new ArrayList<>();
    for (@Nullable String name = about.get(COLUMN + 1);
        name != null;
        name = about.get(COLUMN + (columns.size() + 1))) {
      columns.add(name);
    }
    if (target == null || seed == null || columns.isEmpty()) {
      throw new DataException(file + " was not saved by 'credence fit'.");
    }
    return new Fitted(columns, target, Long.parseLong(seed));
  }

  /** The regressor of the file. */
  BayesianRegressor regressor(Path file, Device device) {
    BayesianRegressor regressor = BayesianRegressor.builder().seed(seed).device(device).build();
    regressor.load(file);
    return regressor;
  }

  /**
   * The inputs among the columns of a table. Columns with names are found by them, and others may
   * stand beside; columns without are those of the table learned from, with or without the target.
   *
   * @throws DataException in one sentence, if there are not all of them
   */
  float[][] inputs(Table table) {
    if (!numbered()) {
      return table.matrix(columns);
    }
    int there = table.names().size();
    if (there == columns.size()) {
      return table.matrix(table.names());
    }
    if (there != columns.size() + 1) {
      throw new DataException(
          Text.format(
              "%s has %s, but what was learned from had no names for its columns, so that here are"
                  + " %d, or %d with the target, which is not read.",
              table.source(), Text.count(there, "column"), columns.size(), columns.size() + 1));
    }
    return table.matrix(columns);
  }

  /** Whether the table learned from had no names. */
  private boolean numbered() {
    List<String> all = new ArrayList<>(columns);
    all.add(target);
    return IntStream.rangeClosed(1, all.size()).allMatch(i -> all.contains(String.valueOf(i)));
  }
}
