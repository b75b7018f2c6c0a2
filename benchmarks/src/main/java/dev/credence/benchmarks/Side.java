package dev.credence.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One side of a comparison: a {@link Server} in a process of its own, seen from outside. */
final class Side implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 300;
  private static final String END = "error the process has ended";

  private final String name;
  private final ProcessBuilder builder;
  private BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private Process process;

  private Side(String name, ProcessBuilder builder) {
    this.name = name;
    this.builder = builder;
    process = launch();
  }

  /**
   * Starts a process that answers requests.
   *
   * @param environment variables it gets besides those of this process
   */
  static Side start(String name, List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new Side(name, builder);
  }

  private Process launch() {
    try {
      Process started = builder.start();
      BlockingQueue<String> fresh = new LinkedBlockingQueue<>();
      answers = fresh;
      Thread reader = new Thread(() -> read(started, fresh), "answers of " + name);
      reader.setDaemon(true);
      reader.start();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be started", e);
    }
  }

  private static void read(Process from, BlockingQueue<String> answers) {
    try (BufferedReader reader = from.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      // Its end is told below.
    }
    answers.add(END);
  }

  String name() {
    return name;
  }

  private String ask(String request) {
    if (!process.isAlive()) {
      return END;
    }
    try {
      Writer requests = process.outputWriter(StandardCharsets.UTF_8);
      requests.write(request + "\n");
      requests.flush();
      @Nullable String answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        process.destroyForcibly().waitFor();
        return "error no answer within " + PATIENCE_SECONDS + " seconds";
      }
      return answer;
    } catch (IOException e) {
      return END;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Makes a task and verifies it, in a new process if the last one has ended.
   *
   * @return what was found, beginning with ok, error or none
   */
  String open(String id) {
    if (!process.isAlive()) {
      process = launch();
    }
    return ask("open " + id);
  }

  /** Seconds per step of some samples, each at least so long; empty after an error. */
  Optional<double[]> time(int samples, double millis) {
    String answer = ask("time " + samples + " " + millis);
    if (!answer.startsWith("ok")) {
      System.err.println(name + ": " + answer);
      return Optional.empty();
    }
    String[] words = answer.split(" ");
    return Optional.of(Arrays.stream(words).skip(1).mapToDouble(Double::parseDouble).toArray());
  }

  /** Bytes resident now and at most so far. */
  long[] memory() {
    String[] words = ask("memory").split(" ");
    return words[0].equals("ok")
        ? new long[] {Long.parseLong(words[1]), Long.parseLong(words[2])}
        : new long[] {0, 0};
  }

  /** Gives the task back. */
  void release() {
    ask("close");
  }

  @Override
  public void close() {
    try {
      process.outputWriter(StandardCharsets.UTF_8).close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException | InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
