package dev.credence.device.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Params;
import dev.credence.kernel.Philox;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The oracle itself, against numbers known otherwise. */
class ReferenceDeviceTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private final ReferenceDevice device = new ReferenceDevice();
  private final MemorySegment params = MemorySegment.ofArray(new int[RandomLoops.PARAM_WORDS]);

  // ---- Loops ----

  @Test
  void softmax() {
    int rows = 3;
    int columns = 5;
    Index at = Index.axis(0, rows).times(columns).plus(Index.axis(1, columns));
    Scalar x = load(0, at);
    Scalar max = new Scalar.Folded(DType.FLOAT32, 0, 0);
    Scalar sum = new Scalar.Folded(DType.FLOAT32, 1, 0);
    Scalar exp = new Scalar.Unary(Word1.EXP, new Scalar.Binary(Word2.SUB, x, max));
    List<Integer> inner = List.of(columns);
    Loop loop =
        new Loop(
            "softmax",
            List.of(rows),
            List.of(
                new Phase(inner, List.of(new Fold(FoldKind.MAX, x)), List.of()),
                new Phase(inner, List.of(new Fold(FoldKind.SUM, exp)), List.of()),
                new Phase(
                    inner,
                    List.of(),
                    List.of(new Store(1, at, new Scalar.Binary(Word2.DIV, exp, sum))))),
            List.of(in(rows * columns), out(rows * columns)));
    assertEquals(
        """
        loop softmax
        kept [3]
        in a0 float32[15]
        out a1 float32[15]
        phase 0 inner [5]
          v0 = a0[5*i0+i1]
          f0.0 = max v0
        phase 1 inner [5]
          v0 = a0[5*i0+i1]
          v1 = f0.0
          v2 = sub v0 v1
          v3 = exp v2
          f1.0 = sum v3
        phase 2 inner [5]
          v0 = a0[5*i0+i1]
          v1 = f0.0
          v2 = sub v0 v1
          v3 = exp v2
          v4 = f1.0
          v5 = div v3 v4
          a1[5*i0+i1] = v5
        """,
        loop.toString());
    float[] input = numbers(rows * columns);
    float[] output = floats(run(loop, input, new float[rows * columns]).get(1));
    for (int row = 0; row < rows; row++) {
      double total = 0;
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        total += Math.exp(input[i]);
      }
      for (int i = row * columns; i < (row + 1) * columns; i++) {
        assertEquals(Math.exp(input[i]) / total, output[i], 1e-6);
      }
    }
  }

  @Test
  void sumsHaveTheDocumentedShape() {
    for (int size : new int[] {0, 1, 2, 10, 63, 255, 257, 4095, 4096, 4097, 10_000, 20_000_000}) {
      float[] input = numbers(size);
      Loop loop = fold(FoldKind.SUM, load(0, Index.axis(0, size)), size);
      assertEquals(tree(input), floats(run(loop, input, new float[1]).get(1))[0], "of " + size);
    }
  }

  /** The documented rule, word by word. */
  private static float tree(float[] values) {
    int tiles = Math.max(1, (values.length + 4095) / 4096);
    float[] sums = new float[tiles];
    for (int tile = 0; tile < tiles; tile++) {
      float[] lanes = new float[256];
      for (int i = tile * 4096; i < Math.min(values.length, (tile + 1) * 4096); i++) {
        lanes[i % 256] += values[i];
      }
      for (int half = 128; half >= 1; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
          lanes[lane] += lanes[lane + half];
        }
      }
      sums[tile] = lanes[0];
    }
    return tiles == 1 ? sums[0] : tree(sums);
  }

  @Test
  void productsAreChains() {
    int k = 1000;
    float[] a = numbers(k);
    float[] b = new float[k];
    for (int i = 0; i < k; i++) {
      b[i] = a[(i * 7) % k] * 3;
    }
    Fold fold = new Fold(FoldKind.CHAIN, load(0, Index.axis(0, k)), load(1, Index.axis(0, k)));
    Loop loop =
        new Loop(
            "dot",
            List.of(),
            List.of(phase(k, fold), storeFold(DType.FLOAT32, 2)),
            List.of(in(k), in(k), out(1)));
    float so = 0;
    for (int i = 0; i < k; i++) {
      so = Math.fma(a[i], b[i], so);
    }
    assertEquals(so, floats(run(loop, a, b, new float[1]).get(2))[0]);
  }

  @Test
  void extremesAndTheirPositions() {
    assertFolds(new float[] {1, 3, 2, 3}, 3, 1, 1, 0);
    assertFolds(new float[] {1, NAN, 2, NAN}, NAN, NAN, 1, 1);
    assertFolds(new float[] {-0.0f, 0.0f}, 0.0f, -0.0f, 0, 0);
    assertFolds(new float[] {-INF, -INF}, -INF, -INF, 0, 0);
    assertFolds(new float[] {}, -INF, INF, 0, 0);
  }

  private void assertFolds(float[] values, float max, float min, int argmax, int argmin) {
    int n = values.length;
    Scalar x = load(0, Index.axis(0, n));
    assertEquals(max, floats(run(fold(FoldKind.MAX, x, n), values, new float[1]).get(1))[0]);
    assertEquals(min, floats(run(fold(FoldKind.MIN, x, n), values, new float[1]).get(1))[0]);
    assertEquals(argmax, ints(run(fold(FoldKind.ARGMAX, x, n), values, new int[1]).get(1))[0]);
    assertEquals(argmin, ints(run(fold(FoldKind.ARGMIN, x, n), values, new int[1]).get(1))[0]);
  }

  @Test
  void guardedLoadsAreZeroOutside() {
    Index at = Index.axis(0, 6).plus(-1);
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, at, List.of(new Bound(at, 0, 4)));
    Loop loop = pointwise(6, x, in(4), out(6));
    float[] got = floats(run(loop, new float[] {1, 2, 3, 4}, new float[6]).get(1));
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 0}, got);
  }

  @Test
  void anIndexOutsideRaisesTheFaultAndCountsAsZero() {
    Index row = Index.atom(new Index.Loaded(1, Index.axis(0, 4), List.of(), 3));
    Loop loop =
        new Loop(
            "gather",
            List.of(4),
            List.of(store(2, Index.axis(0, 4), load(0, row))),
            List.of(in(3), new Argument(DType.INT32, 4, false), out(4)));
    float[] table = {10, 20, 30};
    List<MemorySegment> good = run(loop, table, new int[] {2, 0, 1, 2}, new float[4]);
    assertArrayEquals(new float[] {30, 10, 20, 30}, floats(good.get(2)));
    assertEquals(0, ints(good.get(3))[Params.FAULT]);
    List<MemorySegment> bad = run(loop, table, new int[] {2, -1, 3, 1}, new float[4]);
    assertArrayEquals(new float[] {30, 10, 10, 20}, floats(bad.get(2)));
    assertEquals(1, ints(bad.get(3))[Params.FAULT]);
  }

  @Test
  void noiseIsAFunctionOfItsPlaceAlone() {
    params.setAtIndex(ValueLayout.JAVA_INT, Params.STEP, 5);
    params.setAtIndex(ValueLayout.JAVA_INT, Params.FIRST_SAMPLE, 3);
    params.setAtIndex(ValueLayout.JAVA_INT, Params.FIRST_ROW, 1_000_000_000);
    params.setAtIndex(ValueLayout.JAVA_INT, 6, 0x89abcdef);
    params.setAtIndex(ValueLayout.JAVA_INT, 7, 0x01234567);
    long key = 0x0123456789abcdefL;
    Index element = Index.axis(1, 10);
    Index sample = Index.axis(0, 2);
    Scalar noise = new Scalar.Noise(Scalar.NoiseKind.NORMAL, 6, element, 5, sample);
    Loop loop =
        new Loop(
            "noise",
            List.of(2, 10),
            List.of(store(0, sample.times(10).plus(element), noise)),
            List.of(out(20)));
    float[] got = floats(run(loop, new float[20]).get(0));
    for (int i = 0; i < 20; i++) {
      float wanted = Philox.normal(key, 5, 3 + i / 10, 0, 5_000_000_000L + i % 10);
      assertEquals(wanted, got[i]);
    }
  }

  @Test
  void integersWrapAroundAndDivideByZeroToZero() {
    assertEquals(0, binary(Word2.DIV, 7, 0));
    assertEquals(-3, binary(Word2.DIV, -7, 2));
    assertEquals(Integer.MIN_VALUE, binary(Word2.DIV, Integer.MIN_VALUE, -1));
    assertEquals(Integer.MIN_VALUE, binary(Word2.ADD, Integer.MAX_VALUE, 1));
    assertEquals(0x7fffffff, binary(Word2.SHR, -1, 33));
  }

  private int binary(Word2 word, int a, int b) {
    Scalar value =
        new Scalar.Binary(word, new Scalar.Const(DType.INT32, a), new Scalar.Const(DType.INT32, b));
    Loop loop = pointwise(1, value, new Argument(DType.INT32, 1, true));
    return ints(run(loop, new int[1]).get(0))[0];
  }

  @Test
  void loopsOfEveryKindRunInFloat64() {
    RandomLoops loops = new RandomLoops(3, true);
    for (int i = 0; i < 50; i++) {
      RandomLoops.Case c = loops.next();
      Twin.run(device, c.loop(), c.arguments(), c.params());
    }
  }

  @Test
  void float64KeepsItsDigits() {
    double[] x = {-3, -0.5, 1e-9, 0.1, 1, 2.4, 2.6, 4};
    double[] erf = {
      -0.9999779095030014,
      -0.5204998778130465,
      1.1283791670955126e-9,
      0.1124629160182849,
      0.8427007929497149,
      0.9993114861033549,
      0.9997639655834707,
      0.9999999845827421
    };
    Scalar value =
        new Scalar.Unary(
            Word1.ERF, new Scalar.Load(DType.FLOAT64, 0, Index.axis(0, x.length), List.of()));
    Argument in = new Argument(DType.FLOAT64, x.length, false);
    Loop loop = pointwise(x.length, value, in, new Argument(DType.FLOAT64, x.length, true));
    MemorySegment got = run(loop, x, new double[x.length]).get(1);
    for (int i = 0; i < x.length; i++) {
      double y = got.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
      assertEquals(erf[i], y, 1e-15 * Math.max(1e-9, Math.abs(erf[i])) * 2);
    }
  }

  // ---- Routines ----

  @Test
  void choleskyAndTriangularSolves() {
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64)) {
      double tolerance = type == DType.FLOAT32 ? 1e-5 : 1e-13;
      int n = 4;
      double[] a = {4, 9, 9, 9, 2, 5, 9, 9, 0.6, 1, 3, 9, 1, 0.5, 0.25, 2};
      double[] l = routine(new Routine("cholesky", 1, List.of(n), square(type, 2, n)), a, a);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int k = 0; k < n; k++) {
            sum += l[i * n + k] * l[j * n + k];
          }
          assertEquals(a[Math.max(i, j) * n + Math.min(i, j)], sum, tolerance);
        }
      }
      double[] upper = new double[n * n];
      for (int i = 0; i < n * n; i++) {
        upper[i % n * n + i / n] = l[i];
      }
      double[] b = {1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 1, 1, 0, 2, 0, 2};
      for (int flags = 0; flags < 4; flags++) {
        boolean lower = (flags & 1) != 0;
        boolean transpose = (flags & 2) != 0;
        double[] t = lower ? l : upper;
        List<Integer> numbers = List.of(n, n, flags & 1, flags >> 1);
        double[] x =
            routine(new Routine("triangular_solve", 1, numbers, square(type, 3, n)), t, b, b);
        for (int i = 0; i < n * n; i++) {
          double sum = 0;
          for (int k = 0; k < n; k++) {
            sum += t[transpose ? k * n + i / n : i / n * n + k] * x[k * n + i % n];
          }
          assertEquals(b[i], sum, tolerance * 10);
        }
      }
    }
  }

  @Test
  void choleskyIsNanFromTheFirstBadPivotOn() {
    double[] a = {4, 0, 0, 2, 1, 0, 2, 1, 9};
    Routine cholesky = new Routine("cholesky", 1, List.of(3), square(DType.FLOAT32, 2, 3));
    double[] l = routine(cholesky, a, a);
    assertArrayEquals(new double[] {2, 0, 0, 1, NAN, 0, 1, NAN, NAN}, l);
  }

  private static List<Argument> square(DType type, int count, int n) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Argument(type, (long) n * n, i == count - 1))
        .toList();
  }

  private double[] routine(Routine routine, double[]... arguments) {
    boolean narrow = routine.arguments().get(0).type() == DType.FLOAT32;
    Object[] arrays = new Object[arguments.length];
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = narrow ? narrow(arguments[i]) : arguments[i];
    }
    MemorySegment out = run(routine, arrays).get(arrays.length - 1);
    double[] result = new double[arguments[arrays.length - 1].length];
    for (int i = 0; i < result.length; i++) {
      result[i] = Twin.element(out, routine.arguments().get(0).type(), i).doubleValue();
    }
    return result;
  }

  private static float[] narrow(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  // ---- The device ----

  @Test
  void memoryIsCounted() {
    try (ReferenceDevice small = new ReferenceDevice(1000)) {
      Device.Buffer buffer = small.allocate(600);
      assertEquals(600, small.allocatedBytes());
      assertThrows(OutOfDeviceMemoryException.class, () -> small.allocate(401));
      buffer.close();
      buffer.close();
      assertEquals(0, small.allocatedBytes());
      assertEquals(1000, small.allocate(1000).bytes());
    }
  }

  @Test
  void writesAndReadsTakeOffsets() {
    try (Device.Buffer buffer = device.allocate(12)) {
      device.write(buffer, 4, MemorySegment.ofArray(new float[] {1, 2}));
      float[] got = new float[1];
      device.read(buffer, 8, MemorySegment.ofArray(got));
      assertEquals(2, got[0]);
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> device.write(buffer, 8, MemorySegment.ofArray(new float[2])));
    }
  }

  @Test
  void foreignBuffersAndWrongWordsAreRefused() {
    try (ReferenceDevice other = new ReferenceDevice();
        Device.Buffer buffer = other.allocate(64)) {
      MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
      assertThrows(IllegalArgumentException.class, () -> device.write(buffer, 0, bytes));
    }
    Routine unknown = new Routine("qr", 1, List.of(), List.of());
    assertThrows(UnsupportedOperationException.class, () -> device.compile(unknown));
    Scalar sine = new Scalar.Unary(Word1.SIN, new Scalar.Const(DType.INT32, 1));
    Loop loop = pointwise(1, sine, new Argument(DType.INT32, 1, true));
    Exception error = assertThrows(IllegalArgumentException.class, () -> device.compile(loop));
    assertTrue(error.toString().endsWith("there is no SIN of int32"), error.toString());
  }

  // ---- Helpers ----

  private static Scalar load(int argument, Index at) {
    return new Scalar.Load(DType.FLOAT32, argument, at, List.of());
  }

  private static Argument in(long size) {
    return new Argument(DType.FLOAT32, size, false);
  }

  private static Argument out(long size) {
    return new Argument(DType.FLOAT32, size, true);
  }

  private static Phase phase(int inner, Fold fold) {
    return new Phase(List.of(inner), List.of(fold), List.of());
  }

  private static Phase store(int argument, Index at, Scalar value) {
    return new Phase(List.of(), List.of(), List.of(new Store(argument, at, value)));
  }

  private static Phase storeFold(DType type, int argument) {
    return store(argument, Index.ZERO, new Scalar.Folded(type, 0, 0));
  }

  /** A fold of one array of float32 into one number. */
  private static Loop fold(FoldKind kind, Scalar value, int size) {
    Fold fold = new Fold(kind, value);
    return new Loop(
        "fold",
        List.of(),
        List.of(phase(size, fold), storeFold(fold.type(), 1)),
        List.of(in(size), new Argument(fold.type(), 1, true)));
  }

  /** A value stored at each of so many elements, in the last argument. */
  private static Loop pointwise(int size, Scalar value, Argument... arguments) {
    Phase phase = store(arguments.length - 1, Index.axis(0, size), value);
    return new Loop("pointwise", List.of(size), List.of(phase), List.of(arguments));
  }

  private List<MemorySegment> run(Work work, Object... arrays) {
    List<MemorySegment> arguments = new ArrayList<>();
    for (Object array : arrays) {
      arguments.add(
          switch (array) {
            case float[] floats -> MemorySegment.ofArray(floats);
            case double[] doubles -> MemorySegment.ofArray(doubles);
            case int[] ints -> MemorySegment.ofArray(ints);
            default -> throw new AssertionError(array);
          });
    }
    return Twin.run(device, work, arguments, params);
  }

  private static float[] floats(MemorySegment array) {
    return array.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  private static int[] ints(MemorySegment array) {
    return array.toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  /** Numbers whose sums depend on their order. */
  private static float[] numbers(int size) {
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) Math.sin(i * 0.7 + 1) * (1 + i % 13);
    }
    return numbers;
  }
}
