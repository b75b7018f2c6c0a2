package dev.credence.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiled kernels are kept whole, within a limit, or not at all. */
class BinaryCacheTest {
  private static final String PROPERTY = "credence.cache";

  @TempDir Path folder;

  @Test
  void givesBackWhatItKeeps() {
    byte[] content = {1, 2, 3};
    new BinaryCache(folder).put("a", content);
    assertArrayEquals(content, new BinaryCache(folder).get("a").orElseThrow());
    assertTrue(new BinaryCache(folder).get("b").isEmpty());
  }

  @Test
  void whatIsDamagedIsAsGoodAsNone() throws IOException {
    BinaryCache cache = new BinaryCache(folder);
    cache.put("a", new byte[100]);
    byte[] entry = Files.readAllBytes(folder.resolve("a"));
    entry[entry.length - 1] ^= 1;
    Files.write(folder.resolve("a"), entry);
    assertTrue(cache.get("a").isEmpty());
  }

  /** Entries are ever older the later their letter; the one that was asked for counts as new. */
  @Test
  void whatWasUsedLongestAgoGoes() throws IOException {
    BinaryCache cache = new BinaryCache(folder, 4 * (100 + 32));
    List<String> names = List.of("a", "b", "c", "d");
    for (String name : names) {
      cache.put(name, new byte[100]);
    }
    for (String name : names) {
      FileTime time = FileTime.fromMillis(1_000_000L - 1000 * names.indexOf(name));
      Files.setLastModifiedTime(folder.resolve(name), time);
    }
    assertTrue(cache.get("d").isPresent());
    cache.put("e", new byte[100]);
    assertEquals(List.of("a", "b", "d", "e"), kept());
    cache.put("f", new byte[3 * 100 + 2 * 32]);
    assertEquals(1, kept().indexOf("f"));
    assertEquals(2, kept().size());
    cache.put("too large", new byte[1000]);
    assertFalse(kept().contains("too large"));
  }

  @Test
  void nothingIsKeptWhereThereIsNoFolderOrNoneIsWanted() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    BinaryCache nowhere = new BinaryCache(file);
    nowhere.put("a", new byte[1]);
    assertTrue(nowhere.get("a").isEmpty());

    String before = System.getProperty(PROPERTY);
    try {
      System.setProperty(PROPERTY, folder.toString());
      BinaryCache.ofUser("kind").put("a", new byte[1]);
      assertTrue(BinaryCache.ofUser("kind").get("a").isPresent());
      System.setProperty(PROPERTY, "off");
      assertTrue(BinaryCache.ofUser("kind").get("a").isEmpty());
      BinaryCache.ofUser("kind").put("b", new byte[1]);
      assertTrue(Files.notExists(Path.of("off")));
    } finally {
      if (before == null) {
        System.clearProperty(PROPERTY);
      } else {
        System.setProperty(PROPERTY, before);
      }
    }
  }

  private List<String> kept() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
