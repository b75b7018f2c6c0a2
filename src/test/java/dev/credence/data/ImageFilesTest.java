package dev.credence.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image files and published splits: what is read, and what is refused and how. */
class ImageFilesTest {
  @TempDir private Path folder;

  private Path idx(String name, int magic, int[] dims, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dims.length + bytes).putInt(magic);
    for (int dim : dims) {
      buffer.putInt(dim);
    }
    for (int i = 0; i < bytes; i++) {
      buffer.put((byte) (200 + i));
    }
    Path file = folder.resolve(name);
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out = name.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
      out.write(buffer.array());
    }
    return file;
  }

  private static String refusal(Runnable reading) {
    return String.valueOf(assertThrows(DataException.class, reading::run).getMessage());
  }

  @Test
  void idxIsReadPlainAndCompressed() throws IOException {
    for (String name : new String[] {"images", "images.gz"}) {
      IdxFile file = IdxFile.read(idx(name, 0x0803, new int[] {2, 3, 1}, 6));
      assertArrayEquals(new int[] {2, 3, 1}, file.dims());
      assertEquals((byte) 205, file.bytes()[5]);
    }
    Images images =
        IdxFile.images(
            idx("x", 0x0803, new int[] {2, 3, 1}, 6), idx("y", 0x0801, new int[] {2}, 2));
    assertEquals(2, images.count());
    assertArrayEquals(new int[] {200, 201}, images.labels());
    assertArrayEquals(
        new float[] {203f / 255, 204f / 255, 205f / 255}, images.rows(1, 2, 1)[0], 1e-7f);
  }

  @Test
  void wrongIdxFilesAreRefusedByName() throws IOException {
    Path shorter = idx("short", 0x0803, new int[] {2, 3, 1}, 5);
    assertTrue(refusal(() -> IdxFile.read(shorter)).contains("ends after 5 of 6 bytes"));
    Path longer = idx("long", 0x0803, new int[] {2, 3, 1}, 7);
    assertTrue(refusal(() -> IdxFile.read(longer)).contains("goes on after its last byte"));
    Path magic = idx("magic", 0x0d03, new int[] {2, 3, 1}, 6);
    assertTrue(refusal(() -> IdxFile.read(magic)).contains("0x00000d03"));
    Path huge = idx("huge", 0x0803, new int[] {1 << 30, 1 << 30, 1 << 30}, 6);
    assertTrue(refusal(() -> IdxFile.read(huge)).contains("impossible"));
    Path head = Files.write(folder.resolve("head"), new byte[] {0, 0, 8});
    assertTrue(refusal(() -> IdxFile.read(head)).contains("ends within"));
    Path gzip = Files.write(folder.resolve("not.gz"), new byte[100]);
    assertTrue(refusal(() -> IdxFile.read(gzip)).contains("gzip"));
    assertTrue(refusal(() -> IdxFile.read(folder.resolve("none"))).contains("there is no file"));
    Path labels = idx("labels", 0x0801, new int[] {3}, 3);
    Path images = idx("images", 0x0803, new int[] {2, 3, 1}, 6);
    assertTrue(refusal(() -> IdxFile.images(images, labels)).contains("2 images"));
  }

  @Test
  void cifarRecordsAreReadAndRefused() throws IOException {
    byte[] record = new byte[3073];
    record[0] = 7;
    record[1] = (byte) 255;
    Images images = CifarFile.read(Files.write(folder.resolve("c.bin"), record));
    assertEquals(7, images.labels()[0]);
    assertEquals(1f, images.rows(0, 1, 1)[0][0]);
    assertEquals(2, CifarFile.join(images, images).count());
    Path cut = Files.write(folder.resolve("cut.bin"), new byte[3000]);
    assertTrue(refusal(() -> CifarFile.read(cut)).contains("whole records of 3073"));
    record[0] = 10;
    Path label = Files.write(folder.resolve("label.bin"), record);
    assertTrue(refusal(() -> CifarFile.read(label)).contains("label 10 in record 0"));
  }

  private static Path shared() {
    Path data =
        Path.of(Optional.ofNullable(System.getenv("CREDENCE_DATA")).orElse("../shared/data"));
    assumeTrue(Files.isDirectory(data), "the shared data sets are not there: " + data);
    return data;
  }

  @Test
  void mnistIsTheOneThatWasPublished() {
    Path mnist = shared().resolve("mnist");
    Images test =
        IdxFile.images(
            mnist.resolve("t10k-images-idx3-ubyte.gz"), mnist.resolve("t10k-labels-idx1-ubyte.gz"));
    assertEquals(10000, test.count());
    int[] counts = new int[10];
    for (int label : test.labels()) {
      counts[label]++;
    }
    assertArrayEquals(new int[] {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, counts);
    double sum = 0;
    for (byte pixel : test.pixels()) {
      sum += pixel & 0xff;
    }
    assertEquals(33.7912, sum / test.pixels().length, 1e-4);
  }

  @Test
  void publishedSplitsCoverEveryRowOnce() {
    UciSet boston = UciSet.read(shared().resolve("uci/bostonHousing"));
    assertEquals(506, boston.y().length);
    assertEquals(13, boston.x()[0].length);
    assertEquals(20, boston.splits().size());
    for (Split split : boston.splits()) {
      int[] seen = new int[506];
      for (int row : split.train()) {
        seen[row]++;
      }
      for (int row : split.test()) {
        seen[row]++;
      }
      for (int times : seen) {
        assertEquals(1, times);
      }
    }
    assertEquals(50, boston.hidden());
    assertEquals(40, boston.epochs());
  }

  @Test
  void malformedSetsAreRefusedWithFileAndLine() throws IOException {
    Path data = Files.createDirectories(folder.resolve("set/data"));
    Files.writeString(data.resolve("data.txt"), "1 2\n3 x\n");
    String message = refusal(() -> UciSet.read(folder.resolve("set")));
    assertTrue(message.contains("line 2") && message.contains("'x'"), message);
  }
}
