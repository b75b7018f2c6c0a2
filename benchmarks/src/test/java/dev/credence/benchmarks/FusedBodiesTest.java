package dev.credence.benchmarks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the workloads spend their time with beside products is fused on the CPU. */
class FusedBodiesTest {
  @ParameterizedTest
  @CsvSource({
    "W1:4099, normal-weights",
    "W2:4099, normal-kl-gradients",
    "W3:200000, dropout dropout-gradient",
    "W5, normal-weights-kl relu relu-gradient adam-drawn-normals",
    "W5l, normal-variance-kl drawn-outputs drawn-outputs-gradients adam-means adam-deviations",
    "W6, relu relu-gradient bernoulli-loss adam",
    "W7, relu relu-gradient adam",
    "W9, relu-dropout momentum",
    "W10, dropout relu-dropout relu-dropout-gradient adam adam-decay"
  })
  void hotLoopsAreFused(String id, String bodies) {
    try (Workload workload = Suite.workload(id, Cpu.device())) {
      List<String> fused =
          workload.programs().stream()
              .flatMap(program -> program.how().stream())
              .filter(how -> how.contains("fused "))
              .toList();
      for (String body : bodies.split(" ")) {
        assertTrue(fused.stream().anyMatch(how -> how.contains(" " + body)), body + fused);
      }
    }
  }
}
