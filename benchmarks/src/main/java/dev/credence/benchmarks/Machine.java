package dev.credence.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a figure was measured on, and what else ran there meanwhile. */
final class Machine {
  private static final double TICKS_PER_SECOND = 100;

  private Machine() {}

  /** Name of the processor. */
  static String processor() {
    return line("/proc/cpuinfo", "model name").replaceFirst(".*: *", "").strip();
  }

  /** Hardware threads. */
  static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** The Java that runs this. */
  static String java() {
    return System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version");
  }

  /** The name OpenBLAS must be told, since it does not know every processor. */
  static String blasCoreType() {
    return line("/proc/cpuinfo", "flags").contains(" avx512f") ? "SkylakeX" : "Haswell";
  }

  /** Commit that a folder stands at, with a + if files differ from it. */
  static String commit(Path folder) {
    String commit = output("git", "-C", folder.toString(), "rev-parse", "--short", "HEAD");
    boolean changed = !output("git", "-C", folder.toString(), "status", "--porcelain").isEmpty();
    return commit.isEmpty() ? "unknown" : changed ? commit + "+" : commit;
  }

  /** Mean number of processes that wanted to run in the last minute, this run's included. */
  static double loadAverage() {
    String text = line("/proc/loadavg", "");
    return text.isEmpty() ? Double.NaN : Double.parseDouble(text.split(" ")[0]);
  }

  private static String line(String file, String start) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines.filter(l -> l.startsWith(start)).findFirst().orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static String output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Processor time so far, in seconds: of everything, and of this process and its children. */
  private record Busy(double all, double own, long nanos) {
    static Busy now() {
      List<Double> ticks =
          Stream.of(line("/proc/stat", "cpu ").split(" +"))
              .skip(1)
              .map(Double::parseDouble)
              .collect(Collectors.toList());
      double all = 0;
      for (int i = 0; i < ticks.size() && i < 8; i++) {
        boolean idle = i == 3 || i == 4;
        all += idle ? 0 : ticks.get(i) / TICKS_PER_SECOND;
      }
      ProcessHandle self = ProcessHandle.current();
      double own =
          Stream.concat(Stream.of(self), self.descendants()).mapToDouble(Busy::seconds).sum();
      return new Busy(all, own, System.nanoTime());
    }

    private static double seconds(ProcessHandle process) {
      return process.info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(0.0);
    }
  }

  /** Watches how much of the processors others use. */
  static final class Watch {
    private final Busy start = Busy.now();

    /** Mean number of cores that other processes kept busy since the watch was made. */
    double others() {
      Busy now = Busy.now();
      double seconds = (now.nanos() - start.nanos()) / 1e9;
      double others = now.all() - start.all() - (now.own() - start.own());
      return Math.max(0, others / seconds);
    }
  }
}
