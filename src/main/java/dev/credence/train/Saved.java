package dev.credence.train;

import dev.credence.data.DataException;
import dev.credence.device.Device;
import dev.credence.run.Checkpoint;
import dev.credence.run.State;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What an estimator keeps in a file: its kind, its weights, and how numbers are standardised. */
final class Saved {
  static final String INPUTS = "inputs";
  static final String TARGET = "target";
  static final String CLASSES = "classes";
  static final String WIDTH = "width";
  static final String CONDITION = "condition";
  static final String THRESHOLD = "threshold";

  private static final String ESTIMATOR = "estimator";
  private static final String WEIGHTS = "weights";
  private static final String CENTRE = ".centre";
  private static final String UNIT = ".unit";
  private static final String ABOUT = "about.";

  private final Checkpoint file;

  private Saved(Checkpoint file) {
    this.file = file;
  }

  /** Begins the file of an estimator. */
  static Checkpoint.Writer of(Object estimator, State<?> weights) {
    return named(estimator, Checkpoint.of(WEIGHTS, weights));
  }

  /** Begins the file of an estimator without weights. */
  static Checkpoint.Writer of(Object estimator) {
    return named(estimator, Checkpoint.of(Map.of()));
  }

  private static Checkpoint.Writer named(Object estimator, Checkpoint.Writer writer) {
    return writer.with(ESTIMATOR, estimator.getClass().getSimpleName());
  }

  /** Adds a count. */
  static Checkpoint.Writer with(Checkpoint.Writer writer, String name, int count) {
    return writer.with(name, Integer.toString(count));
  }

  /** Adds how numbers are standardised. */
  static Checkpoint.Writer with(Checkpoint.Writer writer, String name, Standardiser standardiser) {
    return writer.with(name + CENTRE, standardiser.centre()).with(name + UNIT, standardiser.unit());
  }

  /** Adds what whoever saves an estimator says about it. */
  static Checkpoint.Writer with(Checkpoint.Writer writer, Map<String, String> about) {
    about.forEach((name, text) -> writer.with(ABOUT + name, text));
    return writer;
  }

  /** What was said about an estimator, by whoever saved it. */
  static Map<String, String> about(Path path) {
    Map<String, String> about = new TreeMap<>();
    Checkpoint.read(path)
        .texts()
        .forEach(
            (name, text) -> {
              if (name.startsWith(ABOUT)) {
                about.put(name.substring(ABOUT.length()), text);
              }
            });
    return about;
  }

  /**
   * Opens the file of an estimator.
   *
   * @throws DataException in one sentence, if it is missing, damaged, or of another kind
   */
  static Saved read(Path path, Class<?> estimator) {
    Checkpoint file = Checkpoint.read(path);
    String here = estimator.getSimpleName();
    String there = file.text(ESTIMATOR);
    if (!here.equals(there)) {
      throw new DataException(path + " was saved by a " + there + ", not by a " + here + ".");
    }
    return new Saved(file);
  }

  Standardiser standardiser(String name) {
    double[] centre = file.numbers(name + CENTRE);
    double[] unit = file.numbers(name + UNIT);
    if (centre.length != unit.length) {
      throw new DataException(
          file.path() + " holds " + name + " of " + centre.length + " and " + unit.length + ".");
    }
    return new Standardiser(centre, unit);
  }

  int count(String name) {
    return Math.toIntExact(file.integer(name));
  }

  double number(String name) {
    return file.number(name);
  }

  /**
   * The weights, in a state that the caller closes.
   *
   * @param shapes weights of the same names and shapes, expressions without inputs
   */
  <W> State<W> weights(Device device, W shapes) {
    State<W> weights = State.of(device, 0, shapes);
    try {
      file.load(Map.of(WEIGHTS, weights));
      return weights;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }
}
