package dev.credence.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.run.SmallBayesianNet;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What a training step of a small Bayesian network becomes, stage by stage. A change of these texts
 * is to be looked at; if it is meant, -Dcredence.golden=write writes them anew.
 */
class GoldenTest {
  private static final String FOLDER = "dev/credence/compile/golden/";

  @TestFactory
  Stream<DynamicTest> trainingStep() {
    SmallBayesianNet.Memory memory =
        Tree.map(SmallBayesianNet.initial(), (path, leaf) -> Tensor.parameter(path, leaf.type()));
    Graph graph = SmallBayesianNet.step(memory, 8);
    Graph simple = Simplify.apply(graph);
    Schedule schedule = Fuse.apply(simple, true);
    Map<String, String> stages =
        Map.of(
            "graph", simple.toString(),
            "schedule", schedule.toString(),
            "plan", Plan.of(schedule).toString());
    return stages.entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> compare(e.getKey(), e.getValue())));
  }

  private static void compare(String stage, String text) throws IOException {
    String name = FOLDER + stage + ".txt";
    if ("write".equals(System.getProperty("credence.golden"))) {
      Path file = Path.of("src/test/resources", name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return;
    }
    try (InputStream golden = GoldenTest.class.getClassLoader().getResourceAsStream(name)) {
      String wanted =
          golden == null ? "" : new String(golden.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(wanted, text, "-Dcredence.golden=write accepts this.");
    }
  }
}
