package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  /** The library, or a skipped test that says why there is none. */
  static NativeLibrary library() {
    assumeTrue(NativeLibrary.load().isPresent(), NativeLibrary::whyAbsent);
    return NativeLibrary.load().get();
  }

  @Test
  void saysWhyItIsAbsentExactlyWhenItIs() {
    assertEquals(NativeLibrary.load().isEmpty(), NativeLibrary.whyAbsent().endsWith("."));
  }

  @Test
  void callsAKernelOverARange() {
    long add = library().address("cr_probe_add");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counts = arena.allocate(ValueLayout.JAVA_LONG, 5);
      NativeLibrary.call(add, counts.address(), 1, 4);
      NativeLibrary.call(add, counts.address(), 3, 5);
      assertEquals(
          List.of(0L, 1L, 1L, 2L, 1L),
          counts.elements(ValueLayout.JAVA_LONG).map(Longs::get).toList());
    }
  }

  private interface Longs {
    static long get(MemorySegment one) {
      return one.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  @Test
  void refusesAKernelItDoesNotHold() {
    NativeLibrary library = library();
    assertFalse(library.has("cr_no_such_kernel"));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> library.address("cr_no_such_kernel"));
    assertEquals("The native library has no kernel cr_no_such_kernel.", e.getMessage());
  }

  @Test
  void obeysALowerLevel() throws Exception {
    library();
    assertEquals("v3 ", report(System.getProperty("java.class.path"), "-Dcredence.cpu.level=v3"));
  }

  @Test
  void refusesALevelItDoesNotKnow() throws Exception {
    assertTrue(
        report(System.getProperty("java.class.path"), "-Dcredence.cpu.level=v9")
            .contains("takes v3 or v4, not 'v9'."));
  }

  @Test
  void loadsFromAJarAndLeavesNothingBehind(@TempDir Path folder) throws Exception {
    String level = library().level();
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path jar = jarOfClassPath(folder.resolve("all.jar"));
    assertEquals(level + " ", report(jar.toString(), "-Djava.io.tmpdir=" + temporary));
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.filter(p -> p.toString().contains("credence")).toList());
    }
  }

  @Test
  void saysThatItWasNotBuilt(@TempDir Path folder) throws Exception {
    library();
    Path jar = jarOfClassPath(folder.resolve("bare.jar"), "libcredence.so");
    assertEquals(
        " The native library was not built with this copy of Credence.", report(jar.toString()));
  }

  /** What another process finds: its level, a space, and why it found none. */
  private static String report(String classPath, String... flags)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(flags));
    command.addAll(List.of("-classpath", classPath, Report.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  static final class Report {
    public static void main(String[] args) {
      System.out.print(NativeLibrary.load().map(NativeLibrary::level).orElse(""));
      System.out.print(" " + NativeLibrary.whyAbsent());
    }
  }

  /** The class and test folders of this run in one jar, but for files of a given name. */
  private static Path jarOfClassPath(Path jar, String... but) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        Path root = Path.of(entry);
        Path here = root.resolve("dev/credence");
        if (!Files.isDirectory(here)) {
          continue;
        }
        try (Stream<Path> files = Files.walk(here)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            if (!List.of(but).contains(file.getFileName().toString())) {
              out.putNextEntry(new JarEntry(root.relativize(file).toString()));
              Files.copy(file, out);
            }
          }
        }
      }
    }
    return jar;
  }
}
