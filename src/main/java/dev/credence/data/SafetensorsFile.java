package dev.credence.data;

import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Named arrays and a few words about them in one file of the safetensors format: eight bytes of
 * length, a header in JSON, and the arrays' bytes one after the other, little-endian and row-major.
 * Python's libraries read and write the same files.
 */
public final class SafetensorsFile {
  private static final String METADATA = "__metadata__";
  private static final String NO_FOLDER = "there is no such directory";

  /** Longer headers are refused, as the format's own library does. */
  private static final long LONGEST_HEADER = 100_000_000;

  private final Path file;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;
  private final long start;

  private SafetensorsFile(
      Path file, Map<String, String> metadata, Map<String, Entry> entries, long start) {
    this.file = file;
    this.metadata = metadata;
    this.entries = entries;
    this.start = start;
  }

  /**
   * Where an array lies.
   *
   * @param dtype the format's name of the elements' kind, such as F32
   * @param shape extents of its axes
   * @param begin of its bytes, counted from the end of the header
   * @param end of its bytes
   */
  private record Entry(String dtype, long[] shape, long begin, long end) {
    boolean is(TensorType type) {
      return dtype.equals(code(type.dtype()))
          && Arrays.equals(shape, Arrays.stream(type.shape().dims()).asLongStream().toArray());
    }

    @Override
    public String toString() {
      DType known = kind(dtype);
      return (known == null ? dtype : known.toString()) + Arrays.toString(shape);
    }
  }

  /**
   * An array to be written.
   *
   * @param name by which it is found again
   * @param type kind and shape
   * @param bytes makes its little-endian bytes when they are needed
   */
  public record Array(String name, TensorType type, Supplier<byte[]> bytes) {}

  private static String code(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      case INT32 -> "I32";
      case BOOL -> "BOOL";
    };
  }

  private static @Nullable DType kind(String code) {
    return Arrays.stream(DType.values()).filter(d -> code(d).equals(code)).findFirst().orElse(null);
  }

  /**
   * Writes a file. It is written beside its place, forced to the disk, and only then moved there,
   * so that whatever happens either the old or the new file is whole.
   *
   * @param file replaced if it is there
   * @throws DataException in one sentence, if it cannot be written; what was there stays
   */
  public static void write(Path file, List<Array> arrays, Map<String, String> metadata) {
    Path place = file.toAbsolutePath();
    Path partial =
        place.resolveSibling(
            "." + place.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        byte[] header = header(arrays, metadata);
        ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        put(channel, length.putLong(header.length).flip());
        put(channel, ByteBuffer.wrap(header));
        for (Array array : arrays) {
          put(channel, ByteBuffer.wrap(array.bytes.get()));
        }
        channel.force(true);
      }
      Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new DataException(file + " cannot be written: " + reason(e) + ".");
    } finally {
      remove(partial);
    }
  }

  /**
   * Looks, before any work is done, whether a file can be written.
   *
   * @throws DataException in one sentence, if not
   */
  public static void requirePlace(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    String wrong =
        Files.isDirectory(file)
            ? "it is a directory"
            : folder == null || !Files.isDirectory(folder)
                ? NO_FOLDER
                : Files.isWritable(folder) ? "" : "permission denied";
    if (!wrong.isEmpty()) {
      throw new DataException(file + " cannot be written: " + wrong + ".");
    }
  }

  private static byte[] header(List<Array> arrays, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeName(METADATA);
      json.writeStartObject();
      new TreeMap<>(metadata).forEach(json::writeStringProperty);
      json.writeEndObject();
      long at = 0;
      for (Array array : arrays) {
        json.writeName(array.name);
        json.writeStartObject();
        json.writeStringProperty("dtype", code(array.type.dtype()));
        json.writeName("shape");
        int[] dims = array.type.shape().dims();
        json.writeArray(dims, 0, dims.length);
        json.writeName("data_offsets");
        json.writeArray(new long[] {at, at + array.type.bytes()}, 0, 2);
        json.writeEndObject();
        at += array.type.bytes();
      }
      json.writeEndObject();
    }
    // Arrays start at a multiple of 8 bytes, so that a file that is mapped can be used in place.
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void remove(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      // It stays; the error that led here is the one to tell.
    }
  }

  /**
   * Reads the header of a file; arrays are read when they are asked for.
   *
   * @throws DataException in one sentence, if the file is missing, is none of this kind, is cut
   *     short or goes on after its end
   */
  public static SafetensorsFile open(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      get(channel, length, 0);
      long bytes = size < 8 ? -1 : length.getLong(0);
      if (bytes < 2 || bytes > Math.min(LONGEST_HEADER, size - 8)) {
        throw new DataException(file + " is not a safetensors file.");
      }
      ByteBuffer header = ByteBuffer.allocate((int) bytes);
      get(channel, header, 8);
      Map<String, String> metadata = new LinkedHashMap<>();
      Map<String, Entry> entries = new LinkedHashMap<>();
      try {
        parse(new String(header.array(), StandardCharsets.UTF_8), metadata, entries);
      } catch (JacksonException | IllegalArgumentException | ArithmeticException e) {
        throw new DataException(file + " has a header that is not that of a safetensors file.");
      }
      long end = 0;
      for (Entry entry : entries.values()) {
        end = Math.max(end, entry.end);
      }
      if (8 + bytes + end != size) {
        throw new DataException(
            file + " promises " + end + " bytes of arrays, but holds " + (size - 8 - bytes) + ".");
      }
      return new SafetensorsFile(file, Map.copyOf(metadata), entries, 8 + bytes);
    } catch (NoSuchFileException e) {
      throw new DataException("There is no file " + file + ".");
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + reason(e) + ".");
    }
  }

  private static void parse(
      String header, Map<String, String> metadata, Map<String, Entry> entries) {
    try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), header)) {
      expect(json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        expect(json.nextToken(), JsonToken.START_OBJECT);
        if (name.equals(METADATA)) {
          while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            expect(json.nextToken(), JsonToken.VALUE_STRING);
            metadata.put(key, json.getString());
          }
        } else {
          entries.put(name, entry(json));
        }
      }
      expect(json.currentToken(), JsonToken.END_OBJECT);
    }
  }

  private static Entry entry(JsonParser json) {
    String dtype = "";
    long[] shape = {};
    long[] offsets = {};
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "dtype" -> dtype = json.getString();
        case "shape" -> shape = longs(json);
        case "data_offsets" -> offsets = longs(json);
        default -> throw new IllegalArgumentException(key);
      }
    }
    if (offsets.length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) {
      throw new IllegalArgumentException("data_offsets");
    }
    DType known = kind(dtype);
    long size = known == null ? 1 : known.bytes();
    for (long extent : shape) {
      if (extent != Math.clamp(extent, 0, Integer.MAX_VALUE)) {
        throw new IllegalArgumentException("shape");
      }
      size = Math.multiplyExact(size, extent);
    }
    if (known != null && size != offsets[1] - offsets[0]) {
      throw new IllegalArgumentException("shape");
    }
    return new Entry(dtype, shape, offsets[0], offsets[1]);
  }

  private static long[] longs(JsonParser json) {
    expect(json.currentToken(), JsonToken.START_ARRAY);
    long[] values = {};
    while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
      values = Arrays.copyOf(values, values.length + 1);
      values[values.length - 1] = json.getLongValue();
    }
    return values;
  }

  private static void expect(@Nullable JsonToken token, JsonToken wanted) {
    if (token != wanted) {
      throw new IllegalArgumentException(wanted.toString());
    }
  }

  private static void get(FileChannel channel, ByteBuffer to, long from) throws IOException {
    while (to.hasRemaining() && channel.read(to, from + to.position()) >= 0) {
      // A read may stop before the end.
    }
  }

  /** Where it lies. */
  public Path path() {
    return file;
  }

  /** The words that were written beside the arrays. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The names of all arrays, in the file's order. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /**
   * The kind and shape of an array.
   *
   * @throws DataException in one sentence, if it is missing or of a kind that tensors do not have
   */
  public TensorType type(String name) {
    Entry entry = entry(name);
    DType dtype = kind(entry.dtype);
    if (dtype == null) {
      throw new DataException(
          "The array " + name + " of " + file + " is of the kind " + entry.dtype + ".");
    }
    int[] dims = Arrays.stream(entry.shape).mapToInt(Math::toIntExact).toArray();
    return TensorType.of(dtype, dims);
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new DataException(file + " holds no array " + name + ".");
    }
    return entry;
  }

  /**
   * Refuses a file that does not hold an array.
   *
   * @throws DataException in one sentence, if it is missing or of another type
   */
  public void require(String name, TensorType type) {
    Entry entry = entry(name);
    if (!entry.is(type)) {
      throw new DataException(
          "The array " + name + " of " + file + " is " + entry + ", but " + type + " is needed.");
    }
  }

  /**
   * The little-endian bytes of an array.
   *
   * @throws DataException in one sentence, if it is missing, of another type or cannot be read
   */
  public byte[] bytes(String name, TensorType type) {
    require(name, type);
    Entry entry = entry(name);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.end - entry.begin));
    try (FileChannel channel = FileChannel.open(file)) {
      get(channel, bytes, start + entry.begin);
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + reason(e) + ".");
    }
    if (bytes.hasRemaining()) {
      throw new DataException(file + " was cut short while it was read.");
    }
    return bytes.array();
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? NO_FOLDER : String.valueOf(e.getMessage());
  }
}
