package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.KernelHeaders;
import dev.credence.device.KernelHeaders.Header;
import dev.credence.kernel.FoldLoops;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopSource;
import dev.credence.kernel.ProductTiles;
import dev.credence.kernel.RandomConvolutions;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WarpSource;
import dev.credence.kernel.WideSource;
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

  private static final Pattern FUNCTION =
      Pattern.compile("CR_FN (\\w+) (cr_\\w+)\\(([^)]*)\\)\\s*\\{");

  private static final Pattern DEFINED = Pattern.compile("(?m)^#define (CR_GEMM\\w*)");

  @TempDir private Path folder;

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
    TreeMap<String, Nvcc.Usage> usage = Nvcc.usage(folder, text.toString());
    assertEquals(Nvcc.ARCHITECTURES.size() * names.size(), usage.size());
    usage.forEach((name, used) -> used.check(name, 1));
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

  /** What the device prints for itself. */
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
    Nvcc.usage(folder, text.toString()).forEach((name, used) -> used.check(name, 256));
  }

  /** All shapes of tiles, of matrix products and of convolutions in all three directions. */
  @Test
  void tilesOfProductsSpillNothing() throws Exception {
    int[] units = {1, 8, 132};
    StringBuilder text = new StringBuilder();
    TreeMap<String, Integer> items = new TreeMap<>();
    List<Loop> loops = new ArrayList<>();
    for (int side : new int[] {16, 64, 200, 500, 2048}) {
      for (boolean turned : new boolean[] {false, true}) {
        loops.add(CudaDeviceTest.product(1, side, side, side, turned, turned, false));
      }
    }
    for (int[] s : new int[][] {{100, 2000, 64}, {2000, 64, 200}, {9, 30, 800}, {3000, 10, 100}}) {
      loops.add(CudaDeviceTest.product(1, s[0], s[1], s[2], false, true, false));
    }
    RandomConvolutions convolutions = new RandomConvolutions(31);
    for (int i = 0; i < 30; i++) {
      loops.add(convolutions.next());
    }
    for (int i = 0; i < units.length * loops.size(); i++) {
      ProductTiles.Limits limits = new ProductTiles.Limits(units[i % units.length], 1024, 48 << 10);
      Optional<ProductTiles> found = ProductTiles.of(loops.get(i / units.length), limits);
      if (found.isPresent() && !items.containsKey(found.get().how())) {
        ProductTiles tiles = found.get();
        String name = "tiles_" + items.size();
        items.put(tiles.how(), tiles.items());
        text.append(tiles.definitions());
        text.append(KernelHeaders.read("gemm.h").text().replace("cr_gemm(", name + "("));
        Matcher defined = DEFINED.matcher(text.toString());
        StringBuilder undone = new StringBuilder();
        defined.results().forEach(d -> undone.append("#undef ").append(d.group(1)).append('\n'));
        text.append(undone);
      }
    }
    assertTrue(items.size() >= 6, items.toString());
    TreeMap<String, Nvcc.Usage> usage = Nvcc.usage(folder, text.toString());
    assertEquals(Nvcc.ARCHITECTURES.size() * items.size(), usage.size());
    usage.forEach((name, used) -> used.check(name, 256));
  }

  /** A short sum that one work item does alone has its lanes in memory; nothing else is there. */
  @Test
  void randomLoopsSpillNothing() throws Exception {
    RandomLoops loops = new RandomLoops(2024);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LOOPS; i++) {
      text.append(LoopSource.of(loops.next().loop()));
    }
    TreeMap<String, Nvcc.Usage> usage = Nvcc.usage(folder, text.toString());
    assertEquals(Nvcc.ARCHITECTURES.size() * LOOPS, usage.size());
    usage.forEach((name, used) -> assertEquals(0, used.spilt(), name));
  }
}
