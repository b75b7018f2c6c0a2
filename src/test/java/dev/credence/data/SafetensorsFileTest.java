package dev.credence.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  private static final TensorType PAIR = TensorType.of(DType.FLOAT32, 2);

  @TempDir Path folder;

  /** A file put together by hand from the format's description. */
  private Path file(String header, byte... body) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + body.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).put(body);
    return Files.write(folder.resolve("by-hand.safetensors"), bytes.array());
  }

  @Test
  void readsWhatTheFormatDescribes() throws IOException {
    Path path =
        file(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[8,16]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  ",
            new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0, 7, 0, 0, 0, 0, 0, 0, 0});
    SafetensorsFile file = SafetensorsFile.open(path);
    assertEquals(Map.of("format", "pt"), file.metadata());
    assertEquals(List.of("b", "a"), file.names());
    ByteBuffer a = ByteBuffer.wrap(file.bytes("a", PAIR)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1, a.getFloat());
    assertEquals(-2, a.getFloat());
    refuses("The array b of " + path + " is of the kind I64.", () -> file.type("b"));
    refuses(
        "The array b of " + path + " is I64[1], but float32[2] is needed.",
        () -> file.bytes("b", PAIR));
    refuses(path + " holds no array c.", () -> file.bytes("c", PAIR));
  }

  private static void refuses(String sentence, org.junit.jupiter.api.function.Executable body) {
    assertEquals(sentence, assertThrows(DataException.class, body).getMessage());
  }

  @Test
  void readsWhatItWrote() throws IOException {
    Path path = folder.resolve("own.safetensors");
    Files.writeString(path, "what was there before");
    byte[] first = {1, 2, 3, 4, 5, 6, 7, 8};
    byte[] second = {1, 0, 1};
    SafetensorsFile.write(
        path,
        List.of(
            new SafetensorsFile.Array("layers.0.weight", PAIR, () -> first),
            new SafetensorsFile.Array("mask", TensorType.of(DType.BOOL, 3, 1), () -> second),
            new SafetensorsFile.Array("one", TensorType.of(DType.FLOAT64), () -> first)),
        Map.of("name", "a \"quoted\" ü"));
    SafetensorsFile file = SafetensorsFile.open(path);
    assertEquals(List.of("layers.0.weight", "mask", "one"), file.names());
    assertEquals(Map.of("name", "a \"quoted\" ü"), file.metadata());
    assertArrayEquals(first, file.bytes("layers.0.weight", PAIR));
    assertEquals(TensorType.of(DType.BOOL, 3, 1), file.type("mask"));
    assertArrayEquals(second, file.bytes("mask", file.type("mask")));
    assertArrayEquals(first, file.bytes("one", file.type("one")));
    // Arrays start at a multiple of 8 bytes.
    assertEquals(
        0, ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
    onlyFile(path);
  }

  private void onlyFile(Path path) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  /** Whatever goes wrong while a file is written, the one before stays. */
  @Test
  void whatCannotBeWrittenLosesNothing() throws IOException {
    Path path = folder.resolve("own.safetensors");
    SafetensorsFile.write(path, List.of(), Map.of("old", "yes"));
    assertThrows(
        IllegalStateException.class,
        () ->
            SafetensorsFile.write(
                path,
                List.of(
                    new SafetensorsFile.Array(
                        "a",
                        PAIR,
                        () -> {
                          throw new IllegalStateException("closed");
                        })),
                Map.of()));
    assertEquals(Map.of("old", "yes"), SafetensorsFile.open(path).metadata());
    onlyFile(path);
    Path nowhere = folder.resolve("no/such/place");
    refuses(
        nowhere + " cannot be written: there is no such directory.",
        () -> SafetensorsFile.write(nowhere, List.of(), Map.of()));
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    Path path = folder.resolve("own.safetensors");
    refuses("There is no file " + path + ".", () -> SafetensorsFile.open(path));
    SafetensorsFile.write(
        path, List.of(new SafetensorsFile.Array("a", PAIR, () -> new byte[8])), Map.of());
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertThrows(DataException.class, () -> SafetensorsFile.open(path), "cut to " + length);
    }
    Files.write(path, Arrays.copyOf(whole, whole.length + 1));
    refuses(path + " promises 8 bytes of arrays, but holds 9.", () -> SafetensorsFile.open(path));
    for (String header :
        List.of(
            "[]",
            "{\"a\":3}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}",
            "{\"a\":{\"dtype\":7}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4294967296],\"data_offsets\":[8,8]}}",
            "{\"__metadata__\":{\"a\":1}}")) {
      Path other = file(header, new byte[8]);
      DataException refused =
          assertThrows(DataException.class, () -> SafetensorsFile.open(other), header);
      assertTrue(refused.getMessage().startsWith(other.toString()), refused.getMessage());
    }
  }
}
