package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check for machines with a GPU, tried over the stand-in, so that it does not fail there. */
class GpuCheckTest {
  @TempDir private Path folder;

  @Test
  void smallSizesOverTheStandIn() throws Exception {
    StandIn.require();
    Path file = folder.resolve("check.json");
    int status = new GpuCheck(true, line -> {}).run(file);
    List<String> lines = Files.readAllLines(file);
    assertEquals(0, status, lines.toString());
    assertEquals("[", lines.getFirst());
    assertEquals("]", lines.getLast());
    for (String what : List.of("bits", "close", "fault", "every device")) {
      assertTrue(lines.stream().anyMatch(line -> line.contains("\"" + what + "\"")), what);
    }
  }
}
