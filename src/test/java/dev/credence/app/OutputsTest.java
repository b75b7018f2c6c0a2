package dev.credence.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputsTest {
  @TempDir private Path folder;

  private List<Path> tree() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> !path.equals(folder)).map(folder::relativize).sorted().toList();
    }
  }

  @Test
  void writesAndOverwrites() throws IOException {
    Path file = folder.resolve("a/b/file");
    Outputs.write(Map.of(file, new byte[] {1, 2, 3}));
    Outputs.write(Map.of(file, new byte[] {4}));
    assertEquals(List.of(Path.of("a"), Path.of("a/b"), Path.of("a/b/file")), tree());
    assertEquals(1, Files.size(file));
  }

  @Test
  void leavesNothingBehindWhereOneFileFails() throws IOException {
    Files.writeString(folder.resolve("wall"), "");
    Map<Path, byte[]> files = new LinkedHashMap<>();
    files.put(folder.resolve("new/one"), new byte[10]);
    files.put(folder.resolve("wall/two"), new byte[10]);
    assertThrows(UserError.class, () -> Outputs.write(files));
    assertEquals(List.of(Path.of("wall")), tree());
  }

  @Test
  void keepsTheOldFileWhereTheNewOneFails() throws IOException {
    Path old = Files.writeString(folder.resolve("old"), "old");
    Files.writeString(folder.resolve("wall"), "");
    Map<Path, byte[]> files = new LinkedHashMap<>();
    files.put(old, new byte[10]);
    files.put(folder.resolve("wall/two"), new byte[10]);
    assertThrows(UserError.class, () -> Outputs.write(files));
    assertEquals("old", Files.readString(old));
  }

  @Test
  void checksWithoutMakingAnything() throws IOException {
    Outputs.checkDirectory(folder.resolve("not/yet/there"));
    Outputs.checkFile(folder.resolve("not/yet/there.json"));
    assertFalse(Files.exists(folder.resolve("not")));
  }
}
