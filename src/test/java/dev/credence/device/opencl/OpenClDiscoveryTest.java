package dev.credence.device.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Devices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is missing is told in one sentence, and nobody else says a word. */
class OpenClDiscoveryTest {
  @TempDir Path folder;

  /** Runs in a process of its own: lists the entries. */
  public static final class Listing {
    private Listing() {}

    /** Prints name and reason of each entry. */
    public static void main(String[] args) {
      for (Devices.Entry entry : new OpenClProvider().entries()) {
        System.out.println(entry.name() + ": " + entry.reason());
      }
    }
  }

  @Test
  void withoutALoader() throws Exception {
    assertEquals(
        "opencl: This machine has no OpenCL loader (libOpenCL), or none that works.\n",
        listing("-Dorg.lwjgl.opencl.libname=libNowhere.so"));
  }

  @Test
  void withoutADriver() throws Exception {
    String told = listing("-Dnothing=asked");
    // A machine may lack the loader as well, and a loader may know drivers by other ways.
    assertTrue(told.matches("opencl(:0)?: [^\n]+\n(opencl:.*\n)*"), told);
  }

  @Test
  void entriesAreNumberedAndGpusComeFirst() {
    List<Devices.Entry> entries = new OpenClProvider().entries();
    assertFalse(entries.isEmpty());
    for (int i = 0; i < entries.size(); i++) {
      Devices.Entry entry = entries.get(i);
      boolean absent = entry.name().equals("opencl") && entry.limits().isEmpty();
      assertTrue(absent || entry.name().equals("opencl:" + i), entry.toString());
      assertEquals(Optional.empty(), entry.limits().filter(l -> l.memoryBytes() <= 0));
    }
  }

  /** What a process prints, errors included, that finds no driver. */
  private String listing(String option) throws IOException, InterruptedException {
    Path printed = folder.resolve("printed");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                option,
                "-cp",
                System.getProperty("java.class.path"),
                Listing.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().put("OCL_ICD_VENDORS", folder.toString());
    assertEquals(0, builder.start().waitFor());
    return Files.readString(printed, StandardCharsets.UTF_8);
  }
}
