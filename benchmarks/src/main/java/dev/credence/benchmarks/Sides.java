package dev.credence.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts Credence and its peers, each with the best settings known for it. */
final class Sides {
  /** A workload that is over soon and has many small operations. */
  private static final String TRIAL = "W6";

  /** Spinning, but no longer than some 20 ms, so that the other side is not disturbed. */
  private static final Map<String, String> SPINNING =
      Map.of("OMP_WAIT_POLICY", "ACTIVE", "GOMP_SPINCOUNT", "1000000", "KMP_BLOCKTIME", "20");

  private static final Map<String, String> SLEEPING =
      Map.of("OMP_WAIT_POLICY", "PASSIVE", "KMP_BLOCKTIME", "0");

  private Sides() {}

  private static List<String> java(String... flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-XX:+UseSerialGC");
    command.add("-Xmx3g");
    command.addAll(List.of(flags));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    return command;
  }

  /** Credence on a device with some threads. */
  static Side own(String device, int threads) {
    List<String> command = java("-Dcredence.threads=" + threads);
    command.addAll(List.of(Own.class.getName(), device));
    return Side.start("credence " + device + " " + threads, command, Map.of());
  }

  /** OpenBLAS with some threads. */
  static Side openBlas(int threads) {
    List<String> command = java();
    command.addAll(List.of(OpenBlas.class.getName(), Integer.toString(threads)));
    return Side.start("openblas " + threads, command, environment(threads));
  }

  /** The peers found: PyTorch through DJL if on the class path, and those that Python has. */
  static List<Side> peers(int threads, String python, Path scripts) {
    List<Start> starts = new ArrayList<>();
    String djl = "dev.credence.benchmarks.peers.DjlPeer";
    if (present(djl) && present("ai.djl.pytorch.jni.JniUtils")) {
      List<String> command =
          java("-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=" + threads);
      command.addAll(List.of(djl, Integer.toString(threads)));
      starts.add(new Start("djl-pytorch", command));
    }
    python(python, scripts, "torch", "eager", "import torch", threads).ifPresent(starts::add);
    for (String mode : List.of("compile", "max")) {
      python(python, scripts, "torch", mode, "import torch; torch.compile", threads)
          .ifPresent(starts::add);
    }
    python(python, scripts, "jax", "jit", "import jax", threads).ifPresent(starts::add);
    return starts.stream().map(start -> start.withBetterWaiting(threads)).toList();
  }

  private record Start(String name, List<String> command) {
    private Side run(int threads, boolean spinning) {
      Map<String, String> variables = environment(threads);
      variables.putAll(spinning ? SPINNING : SLEEPING);
      return Side.start(name, command, variables);
    }

    /**
     * Threads that wait for their next operation spinning are faster if the machine has nothing
     * else to do, and much slower if it has. A short trial decides.
     */
    private Side withBetterWaiting(int threads) {
      Side spinning = run(threads, true);
      Side sleeping = run(threads, false);
      double[] trial = new double[2];
      for (Side side : List.of(spinning, sleeping)) {
        side.open(TRIAL);
        double[] times = side.time(9, 10).orElse(new double[] {Double.MAX_VALUE});
        trial[side == spinning ? 0 : 1] = new Samples("", times).median();
        side.release();
      }
      boolean spin = trial[0] <= trial[1];
      (spin ? sleeping : spinning).close();
      return spin ? spinning : sleeping;
    }
  }

  private static boolean present(String type) {
    return Sides.class.getResource("/" + type.replace('.', '/') + ".class") != null;
  }

  private static Optional<Start> python(
      String python, Path scripts, String module, String mode, String needs, int threads) {
    Path script = scripts.resolve(module + "_peer.py");
    return Files.exists(script) && runs(python, needs)
        ? Optional.of(
            new Start(
                module + "-" + mode,
                List.of(python, script.toString(), mode, Integer.toString(threads))))
        : Optional.empty();
  }

  private static boolean runs(String python, String statements) {
    try {
      return new ProcessBuilder(python, "-c", statements)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  /**
   * What peers need to show what they can. glibc would give large arrays back to the system after
   * every operation and fault them in again; OpenBLAS takes new processors for old ones.
   */
  private static Map<String, String> environment(int threads) {
    Map<String, String> variables = new HashMap<>();
    variables.put("MALLOC_ARENA_MAX", "1");
    variables.put("MALLOC_MMAP_MAX_", "0");
    variables.put("MALLOC_TRIM_THRESHOLD_", Long.toString(1L << 40));
    variables.put("MALLOC_TOP_PAD_", Long.toString(1L << 26));
    variables.put("OMP_NUM_THREADS", Integer.toString(threads));
    variables.put("MKL_NUM_THREADS", Integer.toString(threads));
    variables.put("OPENBLAS_NUM_THREADS", Integer.toString(threads));
    variables.put("OPENBLAS_CORETYPE", Machine.blasCoreType());
    return variables;
  }
}
