package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.KernelHeaders;
import dev.credence.device.KernelHeaders.Header;
import dev.credence.kernel.FoldLoops;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopSource;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WarpSource;
import dev.credence.kernel.WideSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What NVIDIA's own compiler makes of the kernels, where it is installed: all functions of {@code
 * kernels/} and some random loops fit into a GPU's registers.
 */
class NvccTest {
  private static final int LOOPS = 50;

  /** Turing, the oldest that CUDA 13 serves, and Hopper. */
  private static final List<String> ARCHITECTURES = List.of("sm_75", "sm_90");

  private static final Pattern FUNCTION =
      Pattern.compile("CR_FN (\\w+) (cr_\\w+)\\(([^)]*)\\)\\s*\\{");

  private static final Pattern USAGE =
      Pattern.compile(
          "Function properties for (\\w+)\\s+(\\d+) bytes stack frame, (\\d+) bytes spill stores,"
              + " (\\d+) bytes spill loads");

  @TempDir private Path folder;

  /** Bytes that a kernel keeps in memory for want of registers. */
  private record Usage(long frame, long spilt) {}

  @Test
  void everyFunctionOfTheKernelsFitsIntoRegisters() throws Exception {
    StringBuilder text = new StringBuilder();
    List<String> names = new ArrayList<>();
    for (Header header : KernelHeaders.after("prelude_cuda.h")) {
      Matcher functions = FUNCTION.matcher(header.text());
      while (functions.find()) {
        names.add("t_" + functions.group(2));
        text.append(caller(functions.toMatchResult()));
      }
    }
    assertTrue(names.size() > 60, names.toString());
    TreeMap<String, Usage> usage = compile(text.toString());
    assertEquals(ARCHITECTURES.size() * names.size(), usage.size());
    usage.forEach((name, used) -> assertEquals(new Usage(0, 0), used, name));
  }

  /** A kernel that calls a function with what it reads from memory. */
  private static String caller(MatchResult function) {
    StringBuilder text = new StringBuilder();
    String name = function.group(2);
    text.append("CR_KERNEL void t_").append(name).append("(void *in, void *out) {\n");
    List<String> arguments = new ArrayList<>();
    StringBuilder after = new StringBuilder();
    String[] parameters = function.group(3).split(",");
    for (int p = 0; p < parameters.length; p++) {
      String parameter = parameters[p].strip();
      String type = parameter.replaceAll("\\bCR_GLOBAL\\b|\\bconst\\b|\\*?\\w+$", "").strip();
      if (parameter.contains("CR_GLOBAL")) {
        arguments.add("(" + type + " *)" + (parameter.contains("const") ? "in" : "out"));
      } else if (parameter.contains("*")) {
        // Results by pointer; those of a generator are four, of a pair one each.
        int results = name.endsWith("_pair") || name.endsWith("_hi_lo") ? 1 : 4;
        text.append("  %s r%d[%d];\n".formatted(type, p, results));
        arguments.add("r" + p);
        for (int r = 0; r < results; r++) {
          after.append(
              "  ((%s *)out)[%d * blockDim.x + threadIdx.x] = r%d[%d];\n"
                  .formatted(type, 8 * p + r, p, r));
        }
      } else {
        arguments.add("((%s *)in)[%d * blockDim.x + threadIdx.x]".formatted(type, p));
      }
    }
    String call = name + "(" + String.join(", ", arguments) + ");\n";
    boolean gives = !function.group(1).equals("void");
    text.append(gives ? "  ((" + function.group(1) + " *)out)[threadIdx.x] = " : "  ").append(call);
    return text.append(after).append("}\n").toString();
  }

  /** What the device prints for itself, and the tiles of the product. */
  @Test
  void kernelsOfThisPackageSpillNothing() throws Exception {
    RandomLoops loops = new RandomLoops(2025);
    StringBuilder text = new StringBuilder();
    int wide = 0;
    while (wide < LOOPS) {
      Optional<WideSource> source = WideSource.of(loops.next().loop(), "wide_" + wide);
      if (source.isPresent()) {
        text.append(source.get().text());
        wide++;
      }
    }
    int folding = 0;
    for (int i = 0; folding < LOOPS; i++) {
      Optional<WarpSource> source = WarpSource.of(loops.next().loop(), "warps_" + i);
      if (source.isPresent()) {
        text.append(source.get().text());
        folding++;
      }
    }
    for (int size : new int[] {10, 300, 5000}) {
      Loop rows = FoldLoops.rows(17, size);
      text.append(WarpSource.of(rows, "rows_" + size).orElseThrow().text());
    }
    text.append(WideSource.of(CudaDeviceTest.samples(1, 1 << 20), "samples").orElseThrow().text());
    Loop summed = SplitFolds.of(FoldLoops.drawnAndSummed(1 << 20), 100).loops().get(0);
    text.append(WideSource.ofTiles(summed, "tiles").orElseThrow().text());
    compile(text.toString()).forEach((name, used) -> assertEquals(new Usage(0, 0), used, name));
    for (int side : new int[] {2048, 64, 16}) {
      Loop loop = CudaDeviceTest.product(1, side, side, side, false, true, false);
      TiledProduct tiles = TiledProduct.of(MatrixProduct.of(loop).orElseThrow(), 16).orElseThrow();
      compile(tiles.source())
          .forEach((name, used) -> assertEquals(new Usage(0, 0), used, tiles.how()));
    }
  }

  /** A short sum that one work item does alone has its lanes in memory; nothing else is there. */
  @Test
  void randomLoopsSpillNothing() throws Exception {
    RandomLoops loops = new RandomLoops(2024);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LOOPS; i++) {
      text.append(LoopSource.of(loops.next().loop()));
    }
    TreeMap<String, Usage> usage = compile(text.toString());
    assertEquals(ARCHITECTURES.size() * LOOPS, usage.size());
    usage.forEach((name, used) -> assertEquals(0, used.spilt, name));
  }

  /** What the compiler says about each kernel, or a skipped test if there is none. */
  private TreeMap<String, Usage> compile(String kernels) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    KernelHeaders.after("prelude_cuda.h").forEach(header -> text.append(header.text()));
    Path source = Files.writeString(folder.resolve("kernels.cu"), text.append(kernels));
    TreeMap<String, Usage> usage = new TreeMap<>();
    for (String architecture : ARCHITECTURES) {
      compile(source, architecture)
          .forEach((name, used) -> usage.put(name + " for " + architecture, used));
    }
    return usage;
  }

  private TreeMap<String, Usage> compile(Path source, String architecture)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("nvcc", "-cubin", "-arch=" + architecture));
    Nvrtc.OPTIONS.forEach(command::add);
    command.addAll(
        List.of("-w", "-Xptxas", "-v", "-o", folder.resolve("kernels.cubin").toString()));
    command.add(source.toString());
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException none) {
      assumeTrue(false, "no compiler nvcc on this machine");
      throw none;
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    TreeMap<String, Usage> usage = new TreeMap<>();
    Matcher lines = USAGE.matcher(said);
    while (lines.find()) {
      long spilt = Long.parseLong(lines.group(3)) + Long.parseLong(lines.group(4));
      usage.put(lines.group(1), new Usage(Long.parseLong(lines.group(2)), spilt));
    }
    return usage;
  }
}
