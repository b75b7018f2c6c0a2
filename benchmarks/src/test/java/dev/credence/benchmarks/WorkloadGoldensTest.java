package dev.credence.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.credence.compile.Plan;
import dev.credence.run.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * What the workloads compile to, as numbers that a change of the compiler moves and a noisy machine
 * does not: kernels launched in a step, bytes they move at least, scratch memory.
 *
 * <p>Where a change is meant, -Dgoldens=write writes them anew.
 */
class WorkloadGoldensTest {
  private static final String[] WORKLOADS = {
    "W1", "W2", "W3", "W4", "W5", "W5l", "W6", "W7", "W8", "W9", "W10"
  };
  private static final String FILE = "goldens.txt";

  @Test
  void programsAreWhatTheyWere() throws IOException {
    String found = numbers();
    if (System.getProperty("goldens", "").equals("write")) {
      Files.writeString(Path.of("src/test/resources/dev/credence/benchmarks", FILE), found);
      return;
    }
    try (InputStream golden = getClass().getResourceAsStream(FILE)) {
      assertNotNull(golden, "run the tests once with -Dgoldens=write");
      assertEquals(new String(golden.readAllBytes(), StandardCharsets.UTF_8), found);
    }
  }

  private static String numbers() {
    StringBuilder text = new StringBuilder("workload launches bytes arena\n");
    for (String id : WORKLOADS) {
      try (Workload workload = Suite.workload(id, Cpu.device())) {
        int at = 0;
        for (Program program : workload.programs()) {
          Plan plan = program.plan();
          String name = at == 0 ? id : id + "." + at;
          text.append(
              Check.text(
                  "%s %d %d %d\n",
                  name,
                  plan.schedule().steps().size(),
                  plan.schedule().bytes(),
                  plan.arenaBytes()));
          at++;
        }
      }
    }
    return text.toString();
  }
}
