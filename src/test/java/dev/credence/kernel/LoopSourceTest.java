package dev.credence.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.RandomLoops.Case;
import dev.credence.type.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The printed loops, built by real compilers and held to the reference device bit for bit. */
class LoopSourceTest {
  private static final int LOOPS = 250;
  private static final int CUDA_LOOPS = 40;

  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.ofVoid(
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG));

  @TempDir Path directory;

  @Test
  void plainCEqualsTheReferenceDevice() throws Throwable {
    List<Case> cases = cases(LOOPS);
    Path source = write(cases, "prelude_c.h", "loops.c");
    Path library = directory.resolve("loops.so");
    compile("cc", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-o", library, source, "-lm");
    try (Arena arena = Arena.ofConfined();
        ReferenceDevice device = new ReferenceDevice()) {
      SymbolLookup lookup = SymbolLookup.libraryLookup(library, arena);
      for (Case c : cases) {
        List<MemorySegment> wanted = Twin.run(device, c.loop(), c.arguments(), c.params());
        MemorySegment function = lookup.find(LoopSource.symbol(c.loop())).orElseThrow();
        List<MemorySegment> got = call(function, c.loop().extent(), c);
        assertEquals("", Twin.difference(c.loop(), wanted, got), () -> c.loop().toString());
      }
    }
  }

  /** What processors are given, as plain C in which a variable says which work item it is. */
  @Test
  void lanesEqualTheReferenceDevice() throws Throwable {
    StringBuilder text = new StringBuilder(headers("prelude_c.h"));
    text.append("#define CR_ARRAY(type, name) type *name\n#define CR_START(name) name\n");
    text.append("#define CR_LANES\nstatic cr_i64 cr_item;\n#define CR_ITEM cr_item\n");
    List<Case> cases = new ArrayList<>();
    List<Long> items = new ArrayList<>();
    for (Case c : cases(LOOPS)) {
      String symbol = "lanes_" + cases.size();
      LaneSource.of(c.loop(), symbol)
          .ifPresent(
              lanes -> {
                text.append(lanes.text()).append(everyItem(c.loop(), symbol));
                cases.add(c);
                items.add(lanes.items());
              });
    }
    assertTrue(cases.size() > LOOPS / 2, cases.size() + " of " + LOOPS);
    Path source = Files.writeString(directory.resolve("lanes.c"), text);
    Path library = directory.resolve("lanes.so");
    compile("cc", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-o", library, source, "-lm");
    try (Arena arena = Arena.ofConfined();
        ReferenceDevice device = new ReferenceDevice()) {
      SymbolLookup lookup = SymbolLookup.libraryLookup(library, arena);
      for (int i = 0; i < cases.size(); i++) {
        Case c = cases.get(i);
        List<MemorySegment> wanted = Twin.run(device, c.loop(), c.arguments(), c.params());
        MemorySegment function = lookup.find("lanes_" + i + "_items").orElseThrow();
        List<MemorySegment> got = call(function, items.get(i), c);
        assertEquals("", Twin.difference(c.loop(), wanted, got), () -> c.loop().toString());
      }
    }
  }

  /** A function that runs some work items of a kernel. */
  private static String everyItem(Loop loop, String symbol) {
    StringBuilder given = new StringBuilder("params");
    for (int a = 0; a < loop.arguments().size(); a++) {
      given.append(", args[").append(a).append(']');
    }
    return "void %1$s_items(cr_i32 *params, void **args, cr_i64 lo, cr_i64 hi) {\n"
            .formatted(symbol)
        + "  for (cr_item = lo; cr_item < hi; cr_item++) %s(%s);\n}\n".formatted(symbol, given);
  }

  @Test
  void routinesEqualTheReferenceDevice() throws Throwable {
    int n = 7;
    int m = 3;
    List<Routine> routines = new ArrayList<>();
    Loop.Argument square = new Loop.Argument(DType.FLOAT32, 4L * n * n, false);
    Loop.Argument wide = new Loop.Argument(DType.FLOAT32, 4L * n * m, false);
    routines.add(new Routine("cholesky", 4, List.of(n), List.of(square, written(square))));
    for (int flags = 0; flags < 4; flags++) {
      List<Integer> numbers = List.of(n, m, flags & 1, flags >> 1);
      routines.add(
          new Routine("triangular_solve", 4, numbers, List.of(square, wide, written(wide))));
    }
    StringBuilder text = new StringBuilder(headers("prelude_c.h"));
    for (int r = 0; r < routines.size(); r++) {
      text.append(LoopSource.of(routines.get(r), "routine_" + r));
    }
    Path source = Files.writeString(directory.resolve("routines.c"), text);
    Path library = directory.resolve("routines.so");
    compile("cc", "-O2", "-ffp-contract=off", "-fPIC", "-shared", "-o", library, source, "-lm");
    try (Arena arena = Arena.ofConfined();
        ReferenceDevice device = new ReferenceDevice()) {
      SymbolLookup lookup = SymbolLookup.libraryLookup(library, arena);
      MemorySegment a = arena.allocate(4L * n * n * 4, 64);
      MemorySegment b = arena.allocate(4L * n * m * 4, 64);
      for (int i = 0; i < 4 * n * n; i++) {
        // Diagonally dominant, but for the last matrix, which is not positive definite.
        int row = i / n % n;
        float diagonal = i < 3 * n * n ? 5 : 0.1f;
        float value = row == i % n ? diagonal : (float) Math.sin(row * (i % n) + 1);
        a.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
      }
      for (int i = 0; i < 4 * n * m; i++) {
        b.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.cos(i));
      }
      MemorySegment params = arena.allocate(64, 64);
      for (int r = 0; r < routines.size(); r++) {
        Routine routine = routines.get(r);
        List<MemorySegment> arguments =
            r == 0
                ? List.of(a, arena.allocate(a.byteSize(), 64))
                : List.of(a, b, arena.allocate(b.byteSize(), 64));
        List<MemorySegment> wanted = Twin.run(device, routine, arguments, params);
        call(lookup.find("routine_" + r).orElseThrow(), params, arguments, 0, routine.items());
        List<MemorySegment> got = new ArrayList<>(arguments);
        got.add(params);
        assertEquals("", Twin.difference(routine, wanted, got), routine.toString());
      }
    }
  }

  @Test
  void cudaAcceptsTheSameText() throws Exception {
    Path source = write(cases(CUDA_LOOPS), "prelude_cuda.h", "loops.cu");
    Path ptx = directory.resolve("loops.ptx");
    compile("nvcc", "-arch=sm_90", "--fmad=false", "-w", "-ptx", "-o", ptx, source);
  }

  private static Loop.Argument written(Loop.Argument argument) {
    return new Loop.Argument(argument.type(), argument.size(), true);
  }

  @Test
  void aProductReadsLikeThis() {
    Index row = Index.axis(0, 3);
    Index column = Index.axis(1, 4);
    Index k = Index.axis(2, 50);
    Scalar left = new Scalar.Load(DType.FLOAT32, 0, row.times(50).plus(k), List.of());
    Scalar right = new Scalar.Load(DType.FLOAT32, 1, column.times(50).plus(k), List.of());
    Loop loop =
        new Loop(
            "product",
            List.of(3, 4),
            List.of(
                new Phase(List.of(50), List.of(new Fold(FoldKind.CHAIN, left, right)), List.of()),
                store(2, row.times(4).plus(column), new Scalar.Folded(DType.FLOAT32, 0, 0))),
            List.of(
                new Loop.Argument(DType.FLOAT32, 150, false),
                new Loop.Argument(DType.FLOAT32, 200, false),
                new Loop.Argument(DType.FLOAT32, 12, true)));
    assertEquals(LoopSource.Form.ITEM, LoopSource.form(loop));
    assertEquals(
        """
        CR_FN void k_product_at(cr_i64 item, CR_GLOBAL cr_i32 *params, \
        CR_GLOBAL const float *a0, CR_GLOBAL const float *a1, CR_GLOBAL float *a2) {
          cr_u32 rest = (cr_u32)item;
          const cr_i32 i1 = (cr_i32)(rest % 4u);
          rest /= 4u;
          const cr_i32 i0 = (cr_i32)rest;
          /* phase 0 */
          float f0_0 = 0.0f;
          {
            for (cr_i32 i2 = 0; i2 < 50; i2++) {
              const float v0 = a0[50 * i0 + i2];
              const float v1 = a1[50 * i1 + i2];
              f0_0 = cr_fma(v0, v1, f0_0);
            }
          }
          /* phase 1 */
          {
            const float v0 = f0_0;
            a2[4 * i0 + i1] = v0;
          }
        }
        #ifdef CR_PLAIN_C
        void k_product(cr_i32 *params, void **args, cr_i64 lo, cr_i64 hi) {
          for (cr_i64 item = lo; item < hi; item++) {
            k_product_at(item, params, (const float *)args[0], (const float *)args[1], \
        (float *)args[2]);
          }
        }
        #else
        CR_KERNEL void k_product(CR_GLOBAL cr_i32 *params, \
        CR_ARRAY(const float, a0), CR_ARRAY(const float, a1), CR_ARRAY(float, a2)) {
          const cr_i64 item = CR_ITEM;
          if (item < 12) {
            k_product_at(item, params, CR_START(a0), CR_START(a1), CR_START(a2));
          }
        }
        #endif
        """,
        LoopSource.of(loop));
  }

  @Test
  void indicesAreAsWideAsTheyMustBe() {
    Index i = Index.axis(0, 100_000);
    assertEquals("30000 * i0 + (-7)", printed(Index.axis(0, 9).times(30_000).plus(-7)));
    assertEquals("cr_floor_mod((-3) * i0 + 1, 5)", printed(i.times(-3).plus(1).mod(5)));
    assertEquals("((3 * i0 + 1) / 5)", printed(i.times(3).plus(1).div(5)));
    assertEquals("(((cr_i64)30000 * i0) % 7)", printed(i.times(30_000).mod(7)));
  }

  private static String printed(Index index) {
    return Expressions.index(index);
  }

  /** Random loops, then sums whose trees have one, two and three levels. */
  private static List<Case> cases(int count) {
    RandomLoops loops = new RandomLoops(20250);
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cases.add(loops.next());
    }
    for (int size : new int[] {4096, 4096 * 300 + 5, 4096 * 4096 + 4097}) {
      Scalar whole = new Scalar.Position(Index.axis(1, size).plus(Index.axis(0, 2)));
      Scalar value = new Scalar.Unary(Scalar.Word1.SQRT, new Scalar.Cast(DType.FLOAT32, whole));
      Fold fold = new Fold(FoldKind.SUM, value);
      Phase sum = new Phase(List.of(size), List.of(fold), List.of());
      Phase store = store(0, Index.axis(0, 2), new Scalar.Folded(DType.FLOAT32, 0, 0));
      List<Loop.Argument> out = List.of(new Loop.Argument(DType.FLOAT32, 2, true));
      Loop loop = new Loop("sum of " + size, List.of(2), List.of(sum, store), out);
      MemorySegment params = Arena.ofAuto().allocate(4L * RandomLoops.PARAM_WORDS, 64);
      cases.add(new Case(loop, List.of(Arena.ofAuto().allocate(8, 64)), params));
    }
    return cases;
  }

  private static Phase store(int argument, Index at, Scalar value) {
    return new Phase(List.of(), List.of(), List.of(new Loop.Store(argument, at, value)));
  }

  private Path write(List<Case> cases, String prelude, String name) throws IOException {
    StringBuilder text = new StringBuilder(headers(prelude));
    for (Case c : cases) {
      text.append(LoopSource.of(c.loop()));
    }
    return Files.writeString(directory.resolve(name), text);
  }

  private static String headers(String prelude) {
    StringBuilder text = new StringBuilder();
    for (String header : List.of(prelude, "math.h", "philox.h", "loops.h", "routines.h")) {
      text.append("#include \"").append(Path.of("kernels", header).toAbsolutePath()).append("\"\n");
    }
    return text.toString();
  }

  /** Runs a compiler, or ends the test as skipped if there is none. */
  private void compile(Object... command) throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    List<String> words = new ArrayList<>();
    for (Object word : command) {
      words.add(word.toString());
    }
    int status;
    try {
      status =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
    } catch (IOException none) {
      assumeTrue(false, "no compiler " + words.get(0) + " on this machine");
      return;
    }
    assertEquals(0, status, () -> read(log));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException error) {
      return error.toString();
    }
  }

  /** Runs a compiled loop on copies of a case's data, in two parts. */
  private static List<MemorySegment> call(MemorySegment function, long extent, Case c)
      throws Throwable {
    List<MemorySegment> copies = new ArrayList<>();
    for (MemorySegment original : c.arguments()) {
      copies.add(Arena.ofAuto().allocate(original.byteSize(), 64).copyFrom(original));
    }
    MemorySegment params = Arena.ofAuto().allocate(c.params().byteSize(), 64).copyFrom(c.params());
    long cut = extent / 3;
    call(function, params, copies, cut, extent);
    call(function, params, copies, 0, cut);
    copies.add(params);
    return copies;
  }

  private static void call(
      MemorySegment function, MemorySegment params, List<MemorySegment> arguments, long lo, long hi)
      throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, arguments.size() + 1L);
      for (int i = 0; i < arguments.size(); i++) {
        pointers.setAtIndex(ValueLayout.ADDRESS, i, arguments.get(i));
      }
      CALL.invokeExact(function, params, pointers, lo, hi);
    }
  }
}
