package dev.credence.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The measured half of a comparison: a process that reads requests line by line and answers each
 * with one line. It waits without using the processor, so that another may be measured meanwhile.
 *
 * <pre>
 * open ID             makes a task and verifies it; "ok" and what was found, or "none"
 * time COUNT MILLIS   COUNT times, each at least MILLIS long: "ok" and seconds per step
 * memory              "ok" and bytes resident now and at most so far
 * close               gives the task back
 * </pre>
 *
 * <p>An answer that begins with "error" says what went wrong.
 */
public final class Server {
  private static final double WARM_UP_SECONDS = 1.0;

  private final Function<String, @Nullable Task> tasks;
  private @Nullable Task task;
  private double secondsPerRun;

  private Server(Function<String, @Nullable Task> tasks) {
    this.tasks = tasks;
  }

  /** Answers requests until there are no more. */
  public static void serve(Function<String, @Nullable Task> tasks) throws IOException {
    // Whatever a library prints must not be taken for an answer.
    PrintStream answers = System.out;
    System.setOut(System.err);
    Server server = new Server(tasks);
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      String answer;
      try {
        answer = server.answer(line.split(" "));
      } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
        server.close();
        answer = "error " + e.getClass().getSimpleName() + ": " + e.getMessage();
      }
      answers.println(answer.replace('\n', ' '));
      answers.flush();
    }
    server.close();
  }

  private String answer(String[] request) throws IOException {
    return switch (request[0]) {
      case "open" -> open(request[1]);
      case "time" -> time(Integer.parseInt(request[1]), Double.parseDouble(request[2]));
      case "memory" -> "ok " + resident("VmRSS") + " " + resident("VmHWM");
      case "close" -> {
        close();
        yield "ok";
      }
      default -> "error there is no request " + request[0];
    };
  }

  private String open(String id) {
    close();
    Task opened = tasks.apply(id);
    if (opened == null) {
      return "none";
    }
    task = opened;
    String found = opened.verify();
    long start = System.nanoTime();
    long runs = 0;
    double seconds = 0;
    for (; seconds < WARM_UP_SECONDS || runs < 3; runs++) {
      opened.run();
      seconds = (System.nanoTime() - start) / 1e9;
      secondsPerRun = seconds / (runs + 1);
      if (seconds > 10 * WARM_UP_SECONDS) {
        break;
      }
    }
    return "ok " + found;
  }

  private String time(int count, double millis) {
    Task timed = task;
    if (timed == null) {
      return "error nothing is open";
    }
    // A slow task is timed once at least, but not for ever.
    int runs = (int) Math.clamp(Math.ceil(millis / 1e3 / secondsPerRun), 1, 1_000_000);
    StringBuilder answer = new StringBuilder("ok");
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      for (int run = 0; run < runs; run++) {
        timed.run();
      }
      double seconds = (System.nanoTime() - start) / 1e9 / runs / timed.steps();
      answer.append(String.format(Locale.ROOT, " %.9g", seconds));
    }
    return answer.toString();
  }

  private static long resident(String which) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(which)) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }

  private void close() {
    Task open = task;
    task = null;
    if (open != null) {
      open.close();
    }
  }
}
