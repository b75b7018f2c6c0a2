package dev.credence.app;

import dev.credence.data.IdxFile;
import dev.credence.data.Images;
import dev.credence.device.Device;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Where an experiment is run: its options, its data, and the results it leaves, flat names to
 * numbers, each beside the published number where there is one.
 */
final class Bench {
  /** A number from the literature. */
  record Published(double value, String source) {}

  private final @Nullable Path data;
  private final long seed;
  private final OptionalInt epochs;
  private final List<String> parts;
  private final @Nullable String protocol;
  private final Device device;
  private final PrintWriter err;
  private final Course.@Nullable Kept kept;
  private final Map<String, Double> results = new LinkedHashMap<>();
  private final Map<String, Published> published = new LinkedHashMap<>();
  private final List<Picture> pictures = new ArrayList<>();
  private final long start = System.nanoTime();
  private double earlier;

  Bench(
      @Nullable Path data,
      long seed,
      OptionalInt epochs,
      List<String> parts,
      @Nullable String protocol,
      Device device,
      PrintWriter err,
      Course.@Nullable Kept kept) {
    this.data = data;
    this.seed = seed;
    this.epochs = epochs;
    this.parts = parts;
    this.protocol = protocol;
    this.device = device;
    this.err = err;
    this.kept = kept;
  }

  long seed() {
    return seed;
  }

  Device device() {
    return device;
  }

  /** Passes over the data: those asked for, else the experiment's own number. */
  int epochs(int own) {
    return epochs.orElse(own);
  }

  /** What to run, of the parts that the experiment names. */
  List<String> parts() {
    return parts;
  }

  /** How to train, of the ways that the experiment names; empty if it names none. */
  String protocol() {
    return Objects.toString(protocol, "");
  }

  /** A file or folder of the data. */
  Path data(String first, String... more) {
    if (data == null) {
      throw new UserError("This experiment reads data, so it needs --data DIR.");
    }
    return data.resolve(Path.of(first, more));
  }

  /** The images of a folder in MNIST's format. */
  Images images(String folder, boolean train) {
    String kind = train ? "train" : "t10k";
    return IdxFile.images(
        data(folder, kind + "-images-idx3-ubyte.gz"), data(folder, kind + "-labels-idx1-ubyte.gz"));
  }

  /** Tells what is going on. */
  void say(String what) {
    err.println(what);
    err.flush();
  }

  /** Runs a training under a progress bar of its own, by words that no other training has. */
  <T> T train(String what, Function<Course, T> training) {
    say(what);
    try (Progress progress = new Progress(err, Progress.onTerminal())) {
      return training.apply(new Course(this, what, progress, kept));
    }
  }

  /** The course of a training that is too short to be shown. */
  Course unseen(String what) {
    return new Course(this, what, progress -> true, kept);
  }

  /** Leaves a result. */
  void result(String name, double value) {
    results.put(name, value);
  }

  /** Leaves a result that the literature knows, too. */
  void result(String name, double value, double known, String source) {
    result(name, value);
    published(name, known, source);
  }

  /** Sets what the literature knows beside a result. */
  void published(String name, double known, String source) {
    published.put(name, new Published(known, source));
  }

  /** Leaves a picture, unless this machine cannot draw. */
  void picture(Supplier<Picture> picture) {
    try {
      pictures.add(picture.get());
    } catch (InternalError | LinkageError e) {
      say("A picture is missing: Java needs fontconfig and a font to draw it.");
    }
  }

  List<Picture> pictures() {
    return pictures;
  }

  /** How long this run took, and what its trainings had taken that it went on with. */
  double seconds() {
    return earlier + (System.nanoTime() - start) * 1e-9;
  }

  /** Counts what an earlier run took for a training that this one goes on with. */
  void addSeconds(double seconds) {
    earlier += seconds;
  }

  /** Refuses results that are no numbers. */
  void requireFinite() {
    results.forEach(
        (name, value) -> {
          if (!Double.isFinite(value)) {
            throw new UserError("The experiment diverged: " + name + " is " + value + ".");
          }
        });
  }

  /** The results beside the published numbers, for a terminal. */
  String table() {
    int names = results.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder table =
        new StringBuilder(Text.format("  %-" + names + "s  %12s  %12s%n", "", "here", "published"));
    results.forEach(
        (name, value) -> {
          Published known = published.get(name);
          table.append(
              Text.format(
                  "  %-" + names + "s  %12s  %12s%s%n",
                  name,
                  Text.number(value),
                  known == null ? "" : Text.number(known.value()),
                  known == null ? "" : "  " + known.source()));
        });
    return table.toString();
  }

  /** The results for the page of the report. */
  List<Scores.Score> scores() {
    return results.entrySet().stream()
        .map(
            result -> {
              Published known = published.get(result.getKey());
              return new Scores.Score(
                  result.getKey(),
                  Text.number(result.getValue()),
                  known == null
                      ? ""
                      : "published: " + Text.number(known.value()) + ", " + known.source());
            })
        .toList();
  }

  /** The results for a program. */
  byte[] json(String experiment) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("experiment", experiment);
      if (protocol != null) {
        json.writeStringProperty("protocol", protocol);
      }
      json.writeNumberProperty("seed", seed);
      json.writeStringProperty("device", device.name());
      json.writeStringProperty("commit", commit());
      json.writeNumberProperty("seconds", seconds());
      json.writeName("results");
      json.writeStartObject();
      results.forEach(json::writeNumberProperty);
      json.writeEndObject();
      json.writeName("published");
      json.writeStartObject();
      published.forEach(
          (name, known) -> {
            json.writeName(name);
            json.writeStartObject();
            json.writeNumberProperty("value", known.value());
            json.writeStringProperty("source", known.source());
            json.writeEndObject();
          });
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }

  /** The commit of the repository that the process works in, or unknown. */
  private static String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "rev-parse", "HEAD")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? said.strip() : "unknown";
    } catch (IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  /** Minus the mean of some nats. */
  static double negativeMean(float[] nats) {
    double sum = 0;
    for (float value : nats) {
      sum -= value;
    }
    return sum / nats.length;
  }

  /** Minus the mean of some nats. */
  static double negativeMean(double[] nats) {
    double sum = 0;
    for (double value : nats) {
      sum -= value;
    }
    return sum / nats.length;
  }

  /** The option of a path as it was given, for messages. */
  static String shown(Path path) {
    return Objects.toString(path.toAbsolutePath().normalize());
  }
}
