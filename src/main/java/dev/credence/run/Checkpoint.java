package dev.credence.run;

import dev.credence.data.DataException;
import dev.credence.data.SafetensorsFile;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * States, and what belongs to them, in one file of the safetensors format. The array of a state's
 * leaf is called by the name that the state was given and the leaf's path, such as {@code
 * weights.layers.0.weight}, or by the path alone where that name is empty, so that files of other
 * libraries whose layers have the same names and shapes can be loaded.
 */
public final class Checkpoint {
  private final SafetensorsFile file;

  private Checkpoint(SafetensorsFile file) {
    this.file = file;
  }

  /** Begins a file with a state by its name. */
  public static Writer of(String name, State<?> state) {
    return of(Map.of(name, state));
  }

  /** Begins a file with states by their names. */
  public static Writer of(Map<String, State<?>> states) {
    Writer writer = new Writer();
    new TreeMap<>(states).forEach(writer::with);
    return writer;
  }

  /** What is to be written. */
  public static final class Writer {
    private final List<SafetensorsFile.Array> arrays = new ArrayList<>();
    private final Map<String, String> texts = new LinkedHashMap<>();

    private Writer() {}

    private void with(String name, State<?> state) {
      state
          .paths()
          .forEach(
              (path, leaf) ->
                  arrays.add(
                      new SafetensorsFile.Array(
                          Tree.join(name, path), leaf.type(), () -> state.bytes(leaf))));
    }

    /** Numbers, as float64. */
    public Writer with(String name, double... numbers) {
      TensorType type = TensorType.of(DType.FLOAT64, numbers.length);
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.toIntExact(type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asDoubleBuffer().put(numbers);
      arrays.add(new SafetensorsFile.Array(name, type, bytes::array));
      return this;
    }

    /** A word. */
    public Writer with(String name, String text) {
      texts.put(name, text);
      return this;
    }

    /**
     * Writes the file, which is never seen half written.
     *
     * @throws DataException in one sentence, if it cannot be written; what was there stays
     */
    public void write(Path file) {
      SafetensorsFile.write(file, arrays, texts);
    }
  }

  /**
   * Opens a file, whose arrays are read when they are asked for.
   *
   * @throws DataException in one sentence, if it is missing or damaged
   */
  public static Checkpoint read(Path file) {
    return new Checkpoint(SafetensorsFile.open(file));
  }

  /** Where it lies. */
  public Path path() {
    return file.path();
  }

  /**
   * A word.
   *
   * @throws DataException in one sentence, if it is missing
   */
  public String text(String name) {
    String text = file.metadata().get(name);
    if (text == null) {
      throw new DataException(path() + " does not say its " + name + ".");
    }
    return text;
  }

  /** All words by their names. */
  public Map<String, String> texts() {
    return file.metadata();
  }

  /**
   * A word that is a whole number.
   *
   * @throws DataException in one sentence, if it is missing or none
   */
  public long integer(String name) {
    String text = text(name);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new DataException(
          path() + " says that its " + name + " is " + text + ", which is no whole number.");
    }
  }

  /**
   * Numbers.
   *
   * @throws DataException in one sentence, if they are missing
   */
  public double[] numbers(String name) {
    TensorType type = file.type(name);
    byte[] bytes = file.bytes(name, TensorType.of(DType.FLOAT64, type.shape().size()));
    double[] numbers = new double[type.shape().size()];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(numbers);
    return numbers;
  }

  /**
   * A number.
   *
   * @throws DataException in one sentence, if it is missing or there are several
   */
  public double number(String name) {
    double[] numbers = numbers(name);
    if (numbers.length != 1) {
      throw new DataException(path() + " holds no single " + name + ".");
    }
    return numbers[0];
  }

  /**
   * Overwrites the arrays of a state with those of the file.
   *
   * @param name that the state was given, or an empty one for paths alone
   * @throws DataException in one sentence, if an array is missing, of another type or left over;
   *     then nothing has been overwritten
   */
  public void load(String name, State<?> state) {
    load(Map.of(name, state));
  }

  /**
   * Overwrites the arrays of states with those of the file.
   *
   * @param states by the names that they were given
   * @throws DataException in one sentence, if an array is missing, of another type or left over;
   *     then nothing has been overwritten
   */
  public void load(Map<String, State<?>> states) {
    states.forEach(this::check);
    states.forEach(
        (name, state) ->
            state
                .paths()
                .forEach(
                    (path, leaf) ->
                        state.write(leaf, file.bytes(Tree.join(name, path), leaf.type()))));
  }

  private void check(String name, State<?> state) {
    Set<String> known = new HashSet<>();
    state
        .paths()
        .forEach(
            (path, leaf) -> {
              file.require(Tree.join(name, path), leaf.type());
              known.add(Tree.join(name, path));
            });
    for (String array : file.names()) {
      if ((name.isEmpty() || array.startsWith(name + ".")) && !known.contains(array)) {
        throw new DataException(path() + " holds an array " + array + " that has no place here.");
      }
    }
  }
}
