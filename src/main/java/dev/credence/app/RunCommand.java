package dev.credence.app;

import dev.credence.device.Device;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs an experiment and sets its results beside the published ones. */
@Command(
    name = "run",
    description = {
      "Runs an experiment of the literature and sets its results beside the published ones.",
      "Without a name it lists the experiments."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class RunCommand implements Runnable {
  private static final String REPORT = "report.html";

  private final PrintWriter out;
  private final PrintWriter err;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "The experiment; without it, all are listed.")
  private @Nullable String name;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "The folder that holds the data sets, each in a folder of its own.")
  private @Nullable Path data;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the results as JSON, too.")
  private @Nullable Path json;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Where the report and its pictures go (default: target/NAME where there is a target"
              + " folder, else credence-NAME).")
  private @Nullable Path report;

  @Option(
      names = "--checkpoint",
      paramLabel = "DIR",
      description =
          "Keeps every training there, at most once a minute and at its end: the same command goes"
              + " on where it was stopped, and trains nothing twice. Seconds are then those of all"
              + " runs, but for what was lost. Delete the folder to start anew.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "How often training goes through the rows; fewer make a shorter run.")
  private @Nullable Integer epochs;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "One part alone, in experiments of several, such as one data set of many.")
  private @Nullable String only;

  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description = "How to train, in experiments that were published in several ways.")
  private @Nullable String protocol;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides all that is drawn at random (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Mixin private DeviceOption device = new DeviceOption();

  RunCommand(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public void run() {
    if (name == null) {
      list();
      return;
    }
    String asked = name;
    Experiment experiment =
        Experiments.named(asked)
            .orElseThrow(
                () ->
                    new UserError(
                        "There is no experiment '" + asked + "'; there are " + names() + "."));
    if (epochs != null && epochs < 1) {
      throw new UserError("--epochs is at least 1, and " + epochs + " is not.");
    }
    requireChoice("--only", only, experiment.parts(), asked);
    requireChoice("--protocol", protocol, experiment.protocols(), asked);
    if (data != null && !Files.isDirectory(data)) {
      throw new UserError("--data names a folder, and " + data + " is none.");
    }
    Path directory = directory(asked);
    Outputs.checkDirectory(directory);
    if (json != null) {
      Outputs.checkFile(json);
    }
    OptionalInt passes = epochs == null ? OptionalInt.empty() : OptionalInt.of(epochs);
    List<String> parts = only == null ? experiment.parts() : List.of(only);
    String way =
        protocol != null || experiment.protocols().isEmpty()
            ? protocol
            : experiment.protocols().getFirst();
    Device on = device.named();
    Bench bench = new Bench(data, seed, passes, parts, way, on, err, kept(asked, on));
    out.println(asked + ": " + experiment.summary());
    out.flush();
    experiment.run(bench);
    bench.requireFinite();
    out.println();
    out.print(bench.table());
    write(experiment, bench, directory);
  }

  private static void requireChoice(
      String option, @Nullable String chosen, List<String> from, String experiment) {
    if (chosen != null && !from.contains(chosen)) {
      throw new UserError(
          from.isEmpty()
              ? experiment + " leaves nothing for " + option + " to choose."
              : option + " is one of " + String.join(", ", from) + ", and " + chosen + " is not.");
    }
  }

  private static String names() {
    return Experiments.all().stream().map(Experiment::name).collect(Collectors.joining(", "));
  }

  private void list() {
    int width = Experiments.all().stream().mapToInt(e -> e.name().length()).max().orElse(0);
    for (Experiment experiment : Experiments.all()) {
      out.println(Text.format("  %-" + width + "s  %s", experiment.name(), experiment.summary()));
    }
    out.flush();
  }

  /** Where the experiment is kept: devices may differ in their bits, and do in their seconds. */
  private Course.@Nullable Kept kept(String experiment, Device on) {
    if (checkpoint == null) {
      return null;
    }
    Path folder = checkpoint.resolve(experiment + "-" + on.name().replace(':', '-'));
    Outputs.makeDirectory(folder);
    return new Course.Kept(folder, Duration.ofMinutes(1));
  }

  private Path directory(String experiment) {
    if (report != null) {
      return report;
    }
    Path build = Path.of("target");
    return Files.isDirectory(build) ? build.resolve(experiment) : Path.of("credence-" + experiment);
  }

  private void write(Experiment experiment, Bench bench, Path directory) {
    Map<Path, byte[]> files = new LinkedHashMap<>();
    for (Picture picture : bench.pictures()) {
      files.put(directory.resolve(picture.file()), picture.png());
    }
    String how =
        Text.format(
            "Run on %s in %s with seed %d.",
            bench.device().name(), Text.seconds(bench.seconds()), seed);
    String html =
        Report.page(experiment.name(), experiment.summary(), bench.scores(), bench.pictures(), how);
    files.put(directory.resolve(REPORT), html.getBytes(StandardCharsets.UTF_8));
    if (json != null) {
      files.put(json, bench.json(experiment.name()));
    }
    Outputs.write(files);
    out.println();
    out.println("report     " + Bench.shown(directory.resolve(REPORT)));
    if (json != null) {
      out.println("json       " + Bench.shown(json));
    }
    out.flush();
  }
}
