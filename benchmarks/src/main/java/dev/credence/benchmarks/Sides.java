package dev.credence.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starts Credence and its peers, each with the best settings known for it. */
final class Sides {
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
    List<Side> sides = new ArrayList<>();
    String djl = "dev.credence.benchmarks.peers.DjlPeer";
    if (Sides.class.getResource("/" + djl.replace('.', '/') + ".class") != null) {
      List<String> command =
          java("-Dai.djl.offline=true", "-Dai.djl.pytorch.num_threads=" + threads);
      command.addAll(List.of(djl, Integer.toString(threads)));
      sides.add(Side.start("djl-pytorch", command, environment(threads)));
    }
    for (String mode : List.of("eager", "compile", "max")) {
      python(sides, python, scripts, "torch", mode, threads);
    }
    python(sides, python, scripts, "jax", "jit", threads);
    return sides;
  }

  private static void python(
      List<Side> sides, String python, Path scripts, String module, String mode, int threads) {
    Path script = scripts.resolve(module + "_peer.py");
    if (Files.exists(script) && has(python, module)) {
      sides.add(
          Side.start(
              module + "-" + mode,
              List.of(python, script.toString(), mode, Integer.toString(threads)),
              environment(threads)));
    }
  }

  private static boolean has(String python, String module) {
    try {
      return new ProcessBuilder(python, "-c", "import " + module)
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
   * every operation and fault them in again; OpenMP's threads should wait for the next operation
   * spinning, but sleep soon enough not to disturb the other side; OpenBLAS takes new processors
   * for old ones.
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
    variables.put("OMP_WAIT_POLICY", "ACTIVE");
    variables.put("GOMP_SPINCOUNT", "1000000");
    variables.put("KMP_BLOCKTIME", "20");
    variables.put("OPENBLAS_CORETYPE", Machine.blasCoreType());
    return variables;
  }
}
