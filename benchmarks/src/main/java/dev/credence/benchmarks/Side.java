package dev.credence.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
  private final Process process;
  private final PrintStream requests;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private Side(String name, Process process) {
    this.name = name;
    this.process = process;
    requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "answers of " + name);
    reader.setDaemon(true);
    reader.start();
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
    try {
      return new Side(name, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be started", e);
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
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
    requests.println(request);
    try {
      @Nullable String answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        process.destroyForcibly();
        return "error no answer within " + PATIENCE_SECONDS + " seconds";
      }
      if (answer.equals(END)) {
        answers.add(END);
      }
      return answer;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the process is still there. */
  boolean alive() {
    return process.isAlive();
  }

  /**
   * Makes a task and verifies it.
   *
   * @return what was found, beginning with ok, error or none
   */
  String open(String id) {
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
    requests.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
