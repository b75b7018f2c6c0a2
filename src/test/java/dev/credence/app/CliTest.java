package dev.credence.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Devices;
import dev.credence.train.BayesianRegressor;
import dev.credence.train.MlpRegressor;
import dev.credence.train.Prediction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The commands, run in this process. */
class CliTest {
  @TempDir private Path folder;

  /** How a command ended. */
  private record Outcome(int code, String out, String err) {
    /** Checks that it was refused, in one sentence. */
    String refusal() {
      assertEquals(Cli.BAD_INPUT, code, err);
      assertEquals(1, err.lines().count(), err);
      assertTrue(err.startsWith("credence: ") && err.strip().endsWith("."), err);
      return err.strip().replaceFirst("^credence: ", "");
    }

    Outcome success() {
      assertEquals(Cli.OK, code, err);
      return this;
    }
  }

  private static Outcome run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Cli.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args);
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs fit on a table; if it gets through, what it writes goes into the test's folder. */
  private Outcome fit(String table, String... more) throws IOException {
    Path data = Files.writeString(folder.resolve("data.csv"), table.replace('/', '\n'));
    List<String> args =
        new ArrayList<>(
            List.of("fit", "--data", data.toString(), "--report", path("report").toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** A table from which something can be learned. */
  private static String table(int rows) {
    StringBuilder table = new StringBuilder("a,b,<c>\n");
    for (int i = 0; i < rows; i++) {
      int b = i * 7 % 11;
      table.append(i).append(',').append(b).append(',').append(2 * i + b).append('\n');
    }
    return table.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "--bogus|there is no option '--bogus'; see 'credence --help'.",
        "bogus|there is no command 'bogus'; see 'credence --help'.",
        "fit --bogus 3|there is no option '--bogus'; see 'credence fit --help'.",
        "fit extra|'extra' is one argument too many; see 'credence fit --help'.",
        "fit --epochs 0|--epochs is at least 1, and 0 is not.",
        "fit --epochs -3|--epochs is at least 1, and -3 is not.",
        "fit --epochs x|Invalid value for option '--epochs': 'x' is not a whole number;"
            + " see 'credence fit --help'.",
        "fit --seed 1.5|Invalid value for option '--seed': '1.5' is not a whole number;"
            + " see 'credence fit --help'.",
        "fit --test-fraction 0|--test-fraction lies between 0 and 1, and 0.0 does not.",
        "fit --test-fraction 1|--test-fraction lies between 0 and 1, and 1.0 does not.",
        "fit --test-fraction -1|--test-fraction lies between 0 and 1, and -1.0 does not.",
        "fit --test-fraction NaN|--test-fraction lies between 0 and 1, and NaN does not.",
        "fit --target y|--target names a column of a table, so it needs --data FILE.",
        "fit --data|Missing required parameter for option '--data' (FILE); see 'credence fit"
            + " --help'.",
        "fit --data no/such.csv --target y|There is no file no/such.csv.",
        "fit --data . --target y|. is a directory, not a table.",
      })
  void refusesBadOptions(String args, String sentence) {
    assertEquals(sentence, run(args.split(" ")).refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a,b/1,2/3,4/5,x|data.csv, line 4, column 'b': 'x' is not a number.",
        "a,b/1,2/3,4/5,nan|data.csv, line 4, column 'b': nan is not a finite number.",
        "a,b/1,2/3,4/5|data.csv, line 4: it has 1 field, but the first line has 2.",
        "a,c/1,2/3,4/5,6|data.csv has no column 'b'; it has a, c.",
        "b/1/2/3|data.csv has no column besides 'b' to predict it from.",
        "a,b/1,2/3,4|data.csv has too few rows to learn from: 2.",
        "a,b,c,d/1,2,3,4/2,3,1,5/3,5,7,1|data.csv has fewer rows than features: 3 rows, 2 of them"
            + " to train on, and 3 features.",
        "a,b/1,2/1,4/1,6|data.csv: column 'a' holds the same value in every row, so leave it out.",
        "a,b,c/1,2,0/1,4,0/1,6,0|data.csv: columns 'a', 'c' hold the same value in every row, so"
            + " leave them out.",
        "a,b/1,2/3,2/4,2|data.csv: column 'b' holds the same value in every row, so leave it out.",
      })
  void refusesBadTables(String table, String sentence) throws IOException {
    String refusal = fit(table, "--target", "b", "--json", path("r.json").toString()).refusal();
    assertEquals(sentence, refusal.replace(folder + "/", ""));
    assertEquals(List.of("data.csv"), files(folder));
  }

  @Test
  void asksForATargetAndListsTheColumns() throws IOException {
    String refusal = fit(table(20)).refusal();
    assertTrue(refusal.startsWith("--target names the column to predict"), refusal);
    assertTrue(refusal.endsWith(" has a, b, <c>."), refusal);
  }

  @Test
  void refusesUnknownDevices() {
    String refusal = run("fit", "--device", "abacus").refusal();
    assertTrue(refusal.contains("abacus") && refusal.contains("reference"), refusal);
  }

  @Test
  void refusesPlacesThatCannotBeWritten() throws IOException {
    Files.writeString(path("file"), "");
    String inFile = path("file").resolve("x").toString();
    assertTrue(run("fit", "--report", inFile).refusal().endsWith("file is a file."));
    String report = path("report").toString();
    assertTrue(
        run("fit", "--report", report, "--json", inFile).refusal().endsWith("file is a file."));
    assertTrue(
        run("fit", "--report", report, "--json", folder.toString())
            .refusal()
            .endsWith("it is a directory."));
    assertEquals(List.of("file"), files(folder));
  }

  @Test
  void listsDevices() {
    String out = run("devices").success().out();
    for (Devices.Entry entry : Devices.all()) {
      assertTrue(out.lines().anyMatch(line -> line.startsWith(entry.name() + " ")), out);
      assertTrue(out.contains(entry.reason()), out);
    }
  }

  @Test
  void helps() {
    assertTrue(run("--version").success().out().startsWith("Credence "));
    assertTrue(run("--help").success().out().contains("devices"));
    String help = run("help", "fit").success().out();
    for (String option :
        List.of(
            "--data",
            "--target",
            "--test-fraction",
            "--seed",
            "--epochs",
            "--device",
            "--report",
            "--json")) {
      assertTrue(help.contains(option), option);
    }
  }

  @Test
  void fitsATable() throws IOException {
    Path json = path("new/folder/scores.json");
    Outcome outcome =
        fit(table(60), "--target", "<c>", "--epochs", "2", "--json", json.toString()).success();
    assertEquals(
        List.of("calibration.png", "predictions.png", "report.html"), files(path("report")));
    assertEquals(List.of("scores.json"), files(path("new/folder")));

    Map<String, Object> scores = json(json);
    assertEquals(
        List.of(
            "device",
            "data",
            "target",
            "rows",
            "testRows",
            "features",
            "rmse",
            "nll",
            "coverage90",
            "epistemicStd",
            "aleatoricStd",
            "fitSeconds",
            "stepMicros",
            "epochs",
            "steps",
            "seed"),
        List.copyOf(scores.keySet()));
    assertEquals("60", scores.get("rows"));
    assertEquals("2", scores.get("features"));
    assertEquals("1", scores.get("seed"));
    assertTrue(outcome.out().contains("test RMSE"), outcome.out());
    assertTrue(outcome.out().contains(path("report").resolve("report.html").toString()));

    String page = Files.readString(path("report").resolve("report.html"));
    assertTrue(page.contains("Predicting &lt;c&gt;"), "the target is text, not markup");
    assertSelfContained(page, 2);
  }

  private Outcome predict(Path model, String table, String... more) throws IOException {
    Path data = Files.writeString(folder.resolve("new.csv"), table);
    List<String> args =
        new ArrayList<>(List.of("predict", "--model", model.toString(), "--data", data.toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  /** Whatever the order of the columns, and whatever stands beside them. */
  @Test
  void predictsWhatWasSaved() throws IOException {
    Path model = path("new/c.safetensors");
    fit(table(60), "--target", "<c>", "--epochs", "2", "--seed", "3", "--save", model.toString())
        .success();
    Problem problem = Problem.of(path("data.csv"), "<c>", 0.1, 3);
    String[] lines;
    try (var regressor = BayesianRegressor.builder().epochs(2).seed(3).build()) {
      Prediction said =
          regressor
              .fit(problem.trainX(), problem.trainY())
              .predict(new float[][] {{4, 7}, {50, 2}});
      float[][] interval = said.interval(0.9);
      lines =
          IntStream.range(0, 2)
              .mapToObj(
                  i ->
                      Stream.of(
                              said.mean(),
                              said.std(),
                              said.epistemicStd(),
                              said.aleatoricStd(),
                              interval[0],
                              interval[1])
                          .map(column -> String.valueOf(column[i]))
                          .collect(Collectors.joining(",")))
              .toArray(String[]::new);
    }
    String wanted =
        "mean,std,epistemicStd,aleatoricStd,lower90,upper90\n" + String.join("\n", lines) + "\n";
    assertEquals(wanted, predict(model, "a,b\n4,7\n50,2\n").success().out());
    assertEquals(wanted, predict(model, "b;<c>;d;a\n7;0;1;4\n2;0;1;50\n").success().out());
    Path out = path("newer/predictions.csv");
    String said = predict(model, "a,b\n4,7\n50,2\n", "--out", out.toString()).success().out();
    assertEquals("2 rows, <c> predicted: " + out + "\n", said);
    assertEquals(wanted, Files.readString(out));

    String refusal = predict(model, "a,c\n4,7\n").refusal();
    assertEquals(path("new.csv") + " has no column 'b'; it has a, c.", refusal);
    refusal = predict(path("none"), "a,b\n4,7\n").refusal();
    assertEquals("There is no file " + path("none") + ".", refusal);
    refusal = predict(path("data.csv"), "a,b\n4,7\n").refusal();
    assertEquals(path("data.csv") + " is not a safetensors file.", refusal);
    try (var other = MlpRegressor.builder().epochs(1).build()) {
      other.fit(problem.trainX(), problem.trainY()).save(model);
    }
    refusal = predict(model, "a,b\n4,7\n").refusal();
    assertEquals(model + " was not saved by 'credence fit'.", refusal);
  }

  /** Columns without names are told apart by their places, with the target among them or not. */
  @Test
  void predictsTablesWithoutNames() throws IOException {
    String numbers = table(60).replaceFirst("a,b,<c>\n", "");
    Path model = path("1.safetensors");
    fit(numbers, "--target", "1", "--epochs", "1", "--save", model.toString()).success();
    String without = predict(model, "7,3\n").success().out();
    assertEquals(without, predict(model, "0,7,3\n").success().out());
    assertNotEquals(without, predict(model, "0,3,7\n").success().out());
    assertEquals(
        path("new.csv")
            + " has 4 columns, but what was learned from had no names for its columns, so that here"
            + " are 2, or 3 with the target, which is not read.",
        predict(model, "0,7,3,1\n").refusal());
  }

  @Test
  void fitsItsOwnData() throws IOException {
    Path report = path("report");
    Path json = path("scores.json");
    Outcome outcome =
        run("fit", "--epochs", "1", "--report", report.toString(), "--json", json.toString())
            .success();
    assertTrue(outcome.out().contains("epistemic ratio"), outcome.out());
    assertEquals(List.of("parts.png", "report.html", "uncertainty.png"), files(report));
    assertTrue(json(json).containsKey("ratio"));
    assertSelfContained(Files.readString(report.resolve("report.html")), 2);
    assertTrue(ImageIO.read(report.resolve("uncertainty.png").toFile()).getWidth() > 1000);
  }

  /** The page loads nothing: its only resources are the pictures inside it. */
  private static void assertSelfContained(String page, int pictures) {
    Matcher sources = Pattern.compile("(?:src|href)=\"([^\"]{0,40})").matcher(page);
    int found = 0;
    while (sources.find()) {
      assertTrue(sources.group(1).startsWith("data:image/png;base64,"), sources.group(1));
      found++;
    }
    assertEquals(pictures, found);
    for (String foreign : List.of("http:", "https:", "url(", "@import", "<script", "<link")) {
      assertFalse(page.contains(foreign), foreign);
    }
    assertFalse(Pattern.compile("\\{[a-z]+\\}").matcher(page).find(), "a place was not filled");
  }

  private static Map<String, Object> json(Path file) {
    Map<String, Object> values = new LinkedHashMap<>();
    try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), file)) {
      assertEquals(JsonToken.START_OBJECT, json.nextToken());
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        assertTrue(json.nextToken().isScalarValue());
        values.put(name, json.getString());
      }
    }
    return values;
  }
}
