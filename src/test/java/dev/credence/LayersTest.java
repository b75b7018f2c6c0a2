package dev.credence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Arrows between packages only point down. */
class LayersTest {
  /** A package, and those it may use; a row may only name rows above it, so there is no circle. */
  private static final String LAYERS =
      """
      type             :
      kernel           : type
      device           : type kernel
      device.reference : type kernel device
      device.cpu       : type kernel device
      device.opencl    : type kernel device
      device.cuda      : type kernel device
      tensor           : type kernel
      data             : type kernel
      grad             : type tensor
      nn               : type tensor
      dist             : type tensor nn
      compile          : type kernel tensor
      run              : type kernel tensor device data compile
      bayes            : type tensor nn dist
      model            : type tensor grad nn dist bayes
      train            : type kernel device tensor data grad nn dist compile run bayes model
      app              : type device data run nn dist bayes model train
      """;

  private static final Path SOURCES = Path.of("src/main/java/dev/credence");

  private static final Pattern COMMENT_OR_LITERAL =
      Pattern.compile(
          "\"\"\"(?s:.*?)\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\])+'"
              + "|//[^\n]*|/\\*(?s:.*?)\\*/");

  /** A name under the root package, up to where it stops being a package's. */
  private static final Pattern USE = Pattern.compile("\\bdev\\.credence((?:\\.[a-z]\\w*)+)");

  private static final Map<String, List<String>> ALLOWED = parse();

  private static Map<String, List<String>> parse() {
    Map<String, List<String>> allowed = new LinkedHashMap<>();
    for (String row : LAYERS.lines().toList()) {
      String[] sides = row.split(":", -1);
      String down = sides[1].strip();
      allowed.put(sides[0].strip(), down.isEmpty() ? List.of() : List.of(down.split(" ")));
    }
    return allowed;
  }

  @Test
  void tablePointsDown() {
    List<String> above = new ArrayList<>();
    ALLOWED.forEach(
        (name, down) -> {
          assertTrue(above.containsAll(down), name + " names a package that is not above it.");
          above.add(name);
        });
  }

  @Test
  void sourcesPointDown() throws IOException {
    List<String> wrong = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
        wrong.addAll(arrowsUp(file));
      }
    }
    assertEquals("", String.join("\n", wrong), "The arrows allowed are:\n" + LAYERS);
  }

  private static List<String> arrowsUp(Path file) throws IOException {
    String from = SOURCES.relativize(file.getParent()).toString().replace('/', '.');
    List<String> allowed = ALLOWED.get(from);
    if (allowed == null) {
      return List.of(file + " is in a package that has no row in LayersTest.");
    }
    List<String> wrong = new ArrayList<>();
    for (String to : uses(Files.readString(file))) {
      if (!to.equals(from) && !allowed.contains(to)) {
        wrong.add(file + " uses dev.credence." + to + ", which " + from + " must not know.");
      }
    }
    return wrong;
  }

  private static TreeSet<String> uses(String source) {
    TreeSet<String> uses = new TreeSet<>();
    USE.matcher(COMMENT_OR_LITERAL.matcher(source).replaceAll(" "))
        .results()
        .forEach(match -> uses.add(match.group(1).substring(1)));
    return uses;
  }

  @Test
  void seesImportsAndQualifiedNamesButNoComments() {
    String source =
        """
        import dev.credence.type.Shape;
        import static dev.credence.tensor.Functions.exp;
        // import dev.credence.app.Main;
        /* dev.credence.run.Program */
        class A { dev.credence.device.cpu.WorkerPool pool; String s = "dev.credence.nn.Linear"; }
        """;
    assertEquals(List.of("device.cpu", "tensor", "type"), List.copyOf(uses(source)));
  }
}
