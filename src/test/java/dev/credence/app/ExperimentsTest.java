package dev.credence.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Devices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The run command, and one experiment in small. */
class ExperimentsTest {
  @TempDir private Path folder;

  private record Outcome(int code, String out, String err) {}

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

  @Test
  void withoutANameAllAreListed() {
    Outcome outcome = run("run");
    assertEquals(Cli.OK, outcome.code());
    for (Experiment experiment : Experiments.all()) {
      assertTrue(outcome.out().contains(experiment.name() + " "), experiment.name());
    }
    long names = Experiments.all().stream().map(Experiment::name).distinct().count();
    assertEquals(Experiments.all().size(), names);
  }

  @Test
  void mistakesAreToldInASentence() {
    for (String[] args :
        List.of(
            new String[] {"run", "nothing"},
            new String[] {"run", "vae-mnist"},
            new String[] {"run", "vae-mnist", "--data", folder.resolve("none").toString()},
            new String[] {"run", "vae-mnist", "--data", folder.toString()},
            new String[] {"run", "flows-2d", "--epochs", "0"},
            new String[] {"run", "flows-2d", "--only", "concrete"},
            new String[] {"run", "uci-mc-dropout", "--only", "cement"},
            new String[] {"run", "uci-mc-dropout", "--protocol", "c"},
            new String[] {"run", "flows-2d", "--device", "abacus"})) {
      List<String> all = new ArrayList<>(List.of(args));
      all.addAll(List.of("--report", folder.resolve("report").toString()));
      Outcome outcome = run(all.toArray(String[]::new));
      assertEquals(Cli.BAD_INPUT, outcome.code(), outcome.err());
      assertTrue(outcome.err().startsWith("credence: "), outcome.err());
    }
  }

  @Test
  void resultsAreWritten() throws IOException {
    Path json = folder.resolve("results.json");
    Path report = folder.resolve("report");
    Outcome outcome =
        run(
            "run",
            "flows-2d",
            "--epochs",
            "1",
            "--json",
            json.toString(),
            "--report",
            report.toString());
    assertEquals(Cli.OK, outcome.code(), outcome.err());
    assertTrue(outcome.out().contains("u1.freeEnergy"), outcome.out());
    assertEquals(
        List.of("experiment", "seed", "device", "commit", "seconds", "results", "published"),
        keys(Files.readAllBytes(json)));
    assertTrue(Files.readString(report.resolve("report.html")).contains("u4.freeEnergy"));
  }

  /** A made-up set in place of a published one: 40 rows of two columns, two splits. */
  private static void writeSet(Path data) throws IOException {
    Files.createDirectories(data);
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      double x = i / 20.0 - 1;
      table.append(x + " " + Math.cos(5 * x) + " " + (20 + 8 * Math.sin(3 * x)) + "\n");
    }
    Files.writeString(data.resolve("data.txt"), table);
    Files.writeString(data.resolve("index_features.txt"), "0\n1\n");
    Files.writeString(data.resolve("index_target.txt"), "2\n");
    Files.writeString(data.resolve("n_splits.txt"), "2\n");
    Files.writeString(data.resolve("n_hidden.txt"), "6\n");
    Files.writeString(data.resolve("n_epochs.txt"), "40\n");
    Files.writeString(data.resolve("dropout_rates.txt"), "0.01\n0.1\n");
    Files.writeString(data.resolve("tau_values.txt"), "0.1\n");
    for (int split = 0; split < 2; split++) {
      StringBuilder train = new StringBuilder();
      StringBuilder test = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        (i % 5 == split ? test : train).append(i + "\n");
      }
      Files.writeString(data.resolve("index_train_" + split + ".txt"), train);
      Files.writeString(data.resolve("index_test_" + split + ".txt"), test);
    }
  }

  @Test
  void regressionsOfTheTableAreRun() throws IOException {
    writeSet(folder.resolve("uci/concrete/data"));
    for (String protocol : List.of("a", "b")) {
      String written = table("uci-mc-dropout", "--protocol", protocol);
      assertTrue(written.contains("\"protocol\":\"" + protocol + "\""), written);
    }
    assertTrue(table("uci-bbb").contains("\"concrete.elbo\":"));
  }

  /** The results of a short run on the made-up set. */
  private String table(String experiment, String... more) throws IOException {
    Path json = folder.resolve("results.json");
    Path report = folder.resolve("report");
    List<String> args =
        new ArrayList<>(
            List.of("run", experiment, "--data", folder.toString(), "--only", "concrete"));
    args.addAll(List.of(more));
    args.addAll(List.of("--epochs", "3", "--json", json.toString(), "--report", report.toString()));
    Outcome outcome = run(args.toArray(String[]::new));
    assertEquals(Cli.OK, outcome.code(), outcome.err());
    String written = Files.readString(json);
    for (String name : List.of("rmse", "rmseStderr", "ll", "llStderr", "seconds")) {
      assertTrue(written.contains("\"concrete." + name + "\":"), name);
    }
    for (String picture : List.of("calibration.png", "published.png", "concrete.png")) {
      assertTrue(Files.exists(report.resolve(picture)), picture + " " + outcome.err());
    }
    return written;
  }

  /** A few noisy images a kind, in the folders and the format of the data sets. */
  private void writeImages(int train, int test) throws IOException {
    Random random = new Random(1);
    for (String kind : List.of("mnist", "fashion-mnist", "notmnist")) {
      for (boolean learned : new boolean[] {true, false}) {
        int count = learned ? train : test;
        String name = learned ? "train" : "t10k";
        ByteBuffer images = ByteBuffer.allocate(16 + count * 784);
        ByteBuffer labels = ByteBuffer.allocate(8 + count);
        images.putInt(0x803).putInt(count).putInt(28).putInt(28);
        labels.putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
          labels.put((byte) (i % 10));
          for (int pixel = 0; pixel < 784; pixel++) {
            boolean own = kind.equals("mnist") && pixel / 78 == i % 10;
            images.put((byte) (random.nextInt(100) + (own ? 150 : 0)));
          }
        }
        write(folder.resolve(kind, name + "-images-idx3-ubyte.gz"), images);
        write(folder.resolve(kind, name + "-labels-idx1-ubyte.gz"), labels);
      }
    }
  }

  /** A few records in the format of CIFAR-10. */
  private void writeRecords(String name, int count) throws IOException {
    Random random = new Random(2);
    ByteBuffer records = ByteBuffer.allocate(count * 3073);
    for (int i = 0; i < count; i++) {
      records.put((byte) (i % 10));
      for (int value = 0; value < 3072; value++) {
        records.put((byte) random.nextInt(256));
      }
    }
    write(folder.resolve("cifar10", name), records);
  }

  private static void write(Path file, ByteBuffer bytes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(bytes.array());
    }
  }

  /** An experiment, some of the results it leaves, and how many pictures. */
  private record Small(Experiment experiment, List<String> results, int pictures) {}

  @Test
  void experimentsWithDigitsRunInSmall() throws IOException {
    writeImages(60, 30);
    writeRecords("jpeg_train_10000.bin.gz", 40);
    writeRecords("jpeg_test_2000.bin.gz", 20);
    List<Small> all =
        List.of(
            new Small(
                new MnistBbb(12, 16),
                List.of(
                    "plain12.testError",
                    "gaussian12.medianSigma",
                    "gaussian12.pruned75.testError",
                    "mcDropout16.ece",
                    "mixture16.testErrorOfMeans",
                    "mixture16.pruned98.testError"),
                4),
            new Small(
                new OutOfDistribution(12),
                List.of(
                    "deterministic.fashion.auroc",
                    "mcDropout.notMnist.fpr95",
                    "bbb.notMnist.mutualInformation.auroc",
                    "lenetAllMc.fashion.auroc",
                    "lenetAllStd.fashion.auroc"),
                5),
            new Small(
                new Continual(), List.of("vcl.averageAccuracy", "plain.task5.kept", "gain"), 3),
            new Small(
                new MnistLeNet(),
                List.of(
                    "lenetAllMc.testError",
                    "lenetIpStd.ece",
                    "lenetNone.nll",
                    "rotated.mostMutualInformation",
                    "bayesianLenet.conv2.medianStd",
                    "quarter.lenetIpStd.climb"),
                6),
            new Small(new CifarLeNet(), List.of("lenetAllMc.ece", "lenetNone.testError"), 2));
    for (Small small : all) {
      var err = new PrintWriter(new StringWriter());
      Bench bench =
          new Bench(
              folder,
              1,
              OptionalInt.of(2),
              small.experiment().parts(),
              null,
              Devices.best(),
              err,
              null);
      small.experiment().run(bench);
      bench.requireFinite();
      for (String result : small.results()) {
        assertTrue(bench.table().contains(result + " "), result);
      }
      assertEquals(small.pictures(), bench.pictures().size());
    }
  }

  /** Throws when a line is written after some, as a process ends in the middle. */
  private static final class Lines extends Writer {
    private final StringBuilder written = new StringBuilder();
    private final long most;

    Lines(long most) {
      this.most = most;
    }

    long count() {
      return written.chars().filter(c -> c == '\n').count();
    }

    @Override
    public void write(char[] text, int from, int count) {
      written.append(text, from, count);
      if (count() > most) {
        throw new UncheckedIOException(new IOException("the process ends"));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Results but for the time they took. */
  private String kept(
      Experiment experiment, List<String> parts, Course.@Nullable Kept kept, Lines err) {
    Bench bench =
        new Bench(
            folder,
            1,
            OptionalInt.of(2),
            parts,
            experiment.protocols().stream().findFirst().orElse(null),
            Devices.best(),
            new PrintWriter(err),
            kept);
    experiment.run(bench);
    return bench
        .table()
        .lines()
        .filter(line -> !line.contains("econds"))
        .collect(Collectors.joining("\n"));
  }

  /** One training of one fit, of several fits one after the other, and of several nets at once. */
  @Test
  void experimentsGoOnWhereTheyWereStopped() throws IOException {
    writeImages(60, 30);
    writeSet(folder.resolve("uci/concrete/data"));
    Map<Experiment, List<String>> all =
        Map.of(
            new MnistLeNet(),
            List.of("quarter-1"),
            new Continual(),
            List.of(),
            new UciMcDropout(),
            List.of("concrete"));
    for (Map.Entry<Experiment, List<String>> each : all.entrySet()) {
      Experiment experiment = each.getKey();
      Lines whole = new Lines(Long.MAX_VALUE);
      String wanted = kept(experiment, each.getValue(), null, whole);
      Path place = Files.createDirectory(folder.resolve(experiment.name()));
      var kept = new Course.Kept(place, Duration.ZERO);
      for (long most : new long[] {whole.count() / 3, 2 * whole.count() / 3}) {
        Lines cut = new Lines(most);
        assertThrows(
            UncheckedIOException.class, () -> kept(experiment, each.getValue(), kept, cut));
      }
      assertEquals(wanted, kept(experiment, each.getValue(), kept, new Lines(Long.MAX_VALUE)));
      // Nothing is trained any more.
      Lines again = new Lines(Long.MAX_VALUE);
      assertEquals(wanted, kept(experiment, each.getValue(), kept, again));
      assertFalse(again.written.toString().contains(" epoch 1 of "), again.written.toString());
      try (Stream<Path> files = Files.list(place)) {
        long fits =
            again.written.toString().lines().filter(l -> l.contains("goes on after")).count();
        assertEquals(fits, files.count());
      }
    }
  }

  private static List<String> keys(byte[] json) {
    List<String> keys = new ArrayList<>();
    int depth = 0;
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && depth == 1) {
          keys.add(parser.currentName());
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
    }
    return keys;
  }
}
