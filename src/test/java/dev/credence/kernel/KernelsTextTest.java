package dev.credence.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The text in {@code kernels/} and {@code native/noise.h}, compiled as C at several instruction
 * sets, gives the bits of its Java twins.
 */
class KernelsTextTest {
  private static final int POINTS = 1 << 21;

  private interface OfTwo {
    float of(float x, float z);
  }

  private interface OfOne {
    float of(float x);
  }

  /** A function of the dialect, as a C expression of arrays x and z, and its twin. */
  private record Twin(String name, String c, OfTwo java) {
    static Twin ofOne(String name, OfOne java) {
      return new Twin(name, "cr_" + name + "(x[i])", (x, z) -> java.of(x));
    }

    static Twin ofTwo(String name, OfTwo java) {
      return new Twin(name, "cr_" + name + "(x[i], z[i])", java);
    }
  }

  /** Integers travel in halves that a float holds, since the payload of a NaN is not compared. */
  private static final List<Twin> TWINS =
      List.of(
          Twin.ofOne("exp", FloatMath::exp),
          Twin.ofOne("expm1", FloatMath::expm1),
          Twin.ofOne("log", FloatMath::log),
          Twin.ofOne("log1p", FloatMath::log1p),
          Twin.ofOne("sigmoid", FloatMath::sigmoid),
          Twin.ofOne("softplus", FloatMath::softplus),
          Twin.ofOne("tanh", FloatMath::tanh),
          Twin.ofOne("erf", FloatMath::erf),
          Twin.ofOne("sin", FloatMath::sin),
          Twin.ofOne("cos", FloatMath::cos),
          Twin.ofOne("floor", FloatMath::floor),
          Twin.ofOne("sqrt", FloatMath::sqrt),
          Twin.ofOne("rsqrt", FloatMath::rsqrt),
          Twin.ofTwo("pow", FloatMath::pow),
          Twin.ofTwo("min", FloatMath::min),
          Twin.ofTwo("max", FloatMath::max),
          new Twin(
              "f32_to_i32_low",
              "(float)(cr_f32_to_i32(x[i]) & 0xffff)",
              (x, z) -> (int) x & 0xffff),
          new Twin(
              "f32_to_i32_high", "(float)(cr_f32_to_i32(x[i]) >> 16)", (x, z) -> (int) x >> 16),
          new Twin(
              "u32_to_f32",
              "cr_u32_to_f32(cr_bits_of(x[i]))",
              (x, z) -> (float) Integer.toUnsignedLong(Float.floatToRawIntBits(x))),
          new Twin(
              "i32_to_f32",
              "cr_i32_to_f32((cr_i32)cr_bits_of(x[i]))",
              (x, z) -> (float) Float.floatToRawIntBits(x)));

  /** A build of the text: its name, compiler flags, and what the processor must be able to do. */
  private record Build(String name, List<String> flags, List<String> needs) {}

  private static final List<Build> BUILDS =
      List.of(
          new Build(
              "scalar",
              List.of("-O1", "-fno-tree-vectorize", "-march=x86-64-v3"),
              List.of("avx2", "fma")),
          new Build("x86-64-v3", List.of("-O3", "-march=x86-64-v3"), List.of("avx2", "fma")),
          new Build(
              "x86-64-v4",
              List.of("-O3", "-march=x86-64-v4", "-mprefer-vector-width=512"),
              List.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")));

  @TempDir static Path folder = Path.of("");

  private static float[] xs = {};
  private static float[] zs = {};

  @BeforeAll
  static void chooseInputs() {
    float[] edges = new float[2 * FloatMathTest.EDGES.length];
    for (int i = 0; i < edges.length; i++) {
      float edge = FloatMathTest.EDGES[i / 2];
      edges[i] = i % 2 == 0 ? edge : -edge;
    }
    xs = new float[POINTS];
    zs = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      int random = Philox.bits(1, 2, 3, 4, i);
      if (i < edges.length * edges.length) {
        xs[i] = edges[i / edges.length];
        zs[i] = edges[i % edges.length];
      } else if (i % 4 == 0) {
        // An even walk over all floats, against random ones.
        xs[i] = Float.intBitsToFloat(i * 2048 + (i >> 3));
        zs[i] = Float.intBitsToFloat(random);
      } else {
        // Magnitudes from 2^-8 to 2^8, where the polynomials work hardest.
        int exponent = 127 - 8 + (random >>> 28);
        xs[i] = Float.intBitsToFloat(exponent << 23 | (random & 0x807fffff));
        zs[i] = Philox.normal(1, 2, 3, 4, i) * 10;
      }
    }
  }

  /** A slip in the last bit of a small coefficient shows in too few results to be met by chance. */
  @Test
  void coefficientsAreTheTwins() throws IOException {
    assertEquals(
        coefficients(Path.of("kernels/math.h")),
        coefficients(Path.of("src/main/java/dev/credence/kernel/FloatMath.java")));
  }

  private static SortedSet<String> coefficients(Path source) throws IOException {
    return Pattern.compile("-?0x1\\.[0-9a-f]+p-?[0-9]+f")
        .matcher(Files.readString(source))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @TestFactory
  Stream<DynamicTest> functionsGiveTheirTwinsBits() {
    return BUILDS.stream()
        .map(build -> dynamicTest(build.name, () -> compareFunctions(compile(build))));
  }

  private static void compareFunctions(SymbolLookup library) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocateFrom(JAVA_FLOAT, xs);
      MemorySegment z = arena.allocateFrom(JAVA_FLOAT, zs);
      MemorySegment y = arena.allocate(JAVA_FLOAT, POINTS);
      for (Twin twin : TWINS) {
        MethodHandle c =
            handle(
                library,
                twin.name,
                FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
        c.invokeExact(y, x, z, (long) POINTS);
        long differing = 0;
        String first = "";
        for (int i = 0; i < POINTS; i++) {
          float expected = twin.java.of(xs[i], zs[i]);
          float actual = y.getAtIndex(JAVA_FLOAT, i);
          if (Float.floatToIntBits(expected) != Float.floatToIntBits(actual) && differing++ == 0) {
            first = String.format(", first (%a, %a): %a for %a", xs[i], zs[i], actual, expected);
          }
        }
        assertEquals(0, differing, twin.name + first);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> fillsGiveTheElementsBitsFromAnyStart() {
    return BUILDS.stream()
        .map(build -> dynamicTest(build.name, () -> compareFills(compile(build))));
  }

  private static void compareFills(SymbolLookup library) throws Throwable {
    FunctionDescriptor fill =
        FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT);
    List<MethodHandle> bits =
        List.of(handle(library, "fill_bits", fill), handle(library, "each_bits", fill));
    List<MethodHandle> normals =
        List.of(handle(library, "fill_normal", fill), handle(library, "each_normal", fill));
    MethodHandle uniform = handle(library, "each_uniform", fill);
    MethodHandle derive =
        handle(library, "derive_key", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));

    long key = (long) derive.invokeExact(0x0123456789abcdefL, 0xfedcba9876543210L);
    assertEquals(Philox.deriveKey(0x0123456789abcdefL, 0xfedcba9876543210L), key);
    long[] starts = {0, 1, 15, 16, 47, 63, 64, 130, (1L << 34) - 70, (1L << 40) + 5, 1L << 50};
    int[] lengths = {0, 1, 10, 13, 63, 64, 65, 127, 128, 200, 1000};
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT, 1001);
      for (long start : starts) {
        for (int n : lengths) {
          int step = n - 20;
          int sample = 7;
          int[] expected = new int[n];
          Arrays.setAll(expected, i -> Philox.bits(key, step, sample, 0, start + i));
          for (MethodHandle c : bits) {
            assertFills(expected, c, out, start, key, step, sample);
          }
          Arrays.setAll(
              expected,
              i -> Float.floatToRawIntBits(Philox.normal(key, step, sample, 0, start + i)));
          for (MethodHandle c : normals) {
            assertFills(expected, c, out, start, key, step, sample);
          }
          Arrays.setAll(
              expected,
              i -> Float.floatToRawIntBits(Philox.uniform(key, step, sample, 0, start + i)));
          assertFills(expected, uniform, out, start, key, step, sample);
        }
      }
    }
  }

  private static void assertFills(
      int[] expected, MethodHandle c, MemorySegment out, long start, long key, int step, int sample)
      throws Throwable {
    int n = expected.length;
    out.setAtIndex(JAVA_INT, n, 0xdeadbeef);
    c.invokeExact(out, start, (long) n, key, step, sample);
    for (int i = 0; i < n; i++) {
      assertEquals(expected[i], out.getAtIndex(JAVA_INT, i), "element " + start + " + " + i);
    }
    assertEquals(0xdeadbeef, out.getAtIndex(JAVA_INT, n), "a fill of " + n + " wrote past its end");
  }

  private static MethodHandle handle(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow("t_" + name), descriptor);
  }

  /** The text as a library, or a skipped test that says what is missing. */
  private static SymbolLookup compile(Build build) throws IOException, InterruptedException {
    Optional<String> compiler = compiler();
    assumeTrue(compiler.isPresent(), "There is no C compiler called gcc or cc.");
    List<String> able = processorFlags();
    assumeTrue(able.containsAll(build.needs), () -> "This processor lacks one of " + build.needs);

    Path source = folder.resolve(build.name + ".c");
    Path library = folder.resolve(build.name + ".so");
    Files.writeString(source, text());
    List<String> command = new ArrayList<>(List.of(compiler.get()));
    command.addAll(build.flags);
    command.addAll(
        List.of("-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"));
    command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-I", "."));
    command.addAll(List.of("-o", library.toString(), source.toString(), "-lm"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return SymbolLookup.libraryLookup(library, Arena.global());
  }

  private static Optional<String> compiler() throws InterruptedException {
    for (String name : List.of("gcc", "cc")) {
      try {
        Process process =
            new ProcessBuilder(name, "--version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() == 0) {
          return Optional.of(name);
        }
      } catch (IOException e) {
        // A name that starts no program is simply not the compiler.
      }
    }
    return Optional.empty();
  }

  private static List<String> processorFlags() throws IOException {
    Path description = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(description)) {
      return List.of();
    }
    return Files.readAllLines(description).stream()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> List.of(line.toLowerCase(Locale.ROOT).split("\\s+")))
        .orElse(List.of());
  }

  private static String text() {
    StringBuilder text =
        new StringBuilder(
            """
            #include "kernels/prelude_c.h"
            #include "kernels/math.h"
            #include "kernels/philox.h"
            #include "native/noise.h"

            #define LOOP(name, expression)                                                     \\
              void t_##name(float *restrict y, const float *restrict x, const float *restrict z, \\
                            cr_i64 n) {                                                        \\
                (void)z;                                                                       \\
                for (cr_i64 i = 0; i < n; i++) y[i] = expression;                              \\
              }
            #define FILL(name, type, body)                                              \\
              void t_##name(type *out, cr_i64 e0, cr_i64 n, cr_u64 key, cr_u32 step,    \\
                            cr_u32 sample) {                                            \\
                const cr_u32 k0 = (cr_u32)key, k1 = (cr_u32)(key >> 32);                \\
                body;                                                                   \\
              }
            #define EACH(name, type) \\
              FILL(each_##name, type, for (cr_i64 i = 0; i < n; i++) \\
                   out[i] = cr_noise_##name(k0, k1, step, sample, 0, e0 + i))

            FILL(fill_bits, cr_u32, cr_fill_bits(out, e0, n, k0, k1, step, sample))
            FILL(fill_normal, float, cr_fill_normal(out, e0, n, k0, k1, step, sample))
            EACH(bits, cr_u32)
            EACH(normal, float)
            EACH(uniform, float)
            cr_u64 t_derive_key(cr_u64 seed, cr_u64 stream) { return cr_derive_key(seed, stream); }
            """);
    TWINS.forEach(twin -> text.append("LOOP(%s, %s)\n".formatted(twin.name, twin.c)));
    return text.toString();
  }
}
