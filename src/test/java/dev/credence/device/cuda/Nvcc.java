package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.KernelHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NVIDIA's own compiler, where it is installed, with the options that devices compile with. */
final class Nvcc {
  /** Turing, the oldest that CUDA 13 serves, and Hopper. */
  static final List<String> ARCHITECTURES = List.of("sm_75", "sm_90");

  private static final Pattern USAGE =
      Pattern.compile(
          "Function properties for (\\w+)\\s+(\\d+) bytes stack frame, (\\d+) bytes spill stores,"
              + " (\\d+) bytes spill loads\\s+ptxas info\\s+: Used (\\d+) registers");

  private Nvcc() {}

  /**
   * What a kernel keeps in memory for want of registers, and the registers that it has.
   *
   * @param frame bytes
   * @param spilt bytes
   */
  record Usage(long frame, long spilt, long registers) {
    /** That nothing is in memory, and that a group of so many work items can be launched. */
    void check(String what, int items) {
      assertEquals(List.of(0L, 0L), List.of(frame, spilt), what);
      assertEquals(true, registers * items <= 65536, what + " takes " + registers + " registers");
    }
  }

  /** What the compiler says about each kernel, or a skipped test if there is none. */
  static TreeMap<String, Usage> usage(Path folder, String kernels)
      throws IOException, InterruptedException {
    TreeMap<String, Usage> usage = new TreeMap<>();
    for (String architecture : ARCHITECTURES) {
      String said =
          run(folder, kernels, "kernels.cubin", "-cubin", "-arch=" + architecture, "-Xptxas", "-v");
      Matcher lines = USAGE.matcher(said);
      while (lines.find()) {
        long spilt = Long.parseLong(lines.group(3)) + Long.parseLong(lines.group(4));
        usage.put(
            lines.group(1) + " for " + architecture,
            new Usage(Long.parseLong(lines.group(2)), spilt, Long.parseLong(lines.group(5))));
      }
    }
    return usage;
  }

  /** The compiler's intermediate code for Hopper. */
  static String ptx(Path folder, String kernel) throws IOException, InterruptedException {
    run(folder, kernel, "kernel.ptx", "-ptx", "-arch=sm_90");
    return Files.readString(folder.resolve("kernel.ptx"));
  }

  private static String run(Path folder, String kernels, String result, String... options)
      throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    KernelHeaders.after("prelude_cuda.h").forEach(header -> text.append(header.text()));
    Path source = Files.writeString(folder.resolve("kernels.cu"), text.append(kernels));
    List<String> command = new ArrayList<>(List.of("nvcc", "-w"));
    command.addAll(List.of(options));
    command.addAll(Nvrtc.OPTIONS);
    command.addAll(List.of("-o", folder.resolve(result).toString(), source.toString()));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException none) {
      assumeTrue(false, "no compiler nvcc on this machine");
      throw none;
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }
}
