package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CPU device gives the reference device's bits with any threads and at both levels. */
class CpuDeviceTest {
  private static final DType F = DType.FLOAT32;
  private static final int CASES = 600;

  private static ReferenceDevice reference;
  private static List<CpuDevice> devices;

  @BeforeAll
  static void open() {
    NativeLibrary library = NativeLibraryTest.library();
    reference = new ReferenceDevice();
    devices =
        List.of(
            new CpuDevice(library, 1),
            new CpuDevice(library, 2),
            new CpuDevice(library, 3),
            new CpuDevice(library.atFloor(), 2));
  }

  @AfterAll
  static void close() {
    if (devices != null) {
      devices.forEach(CpuDevice::close);
      reference.close();
    }
  }

  @Test
  void randomLoops() {
    RandomLoops loops = new RandomLoops(42);
    for (int i = 0; i < CASES; i++) {
      RandomLoops.Case c = loops.next();
      check(c.loop(), c.arguments(), c.params());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 63, 64, 65, 1023, 1025, 4095, 4096, 4097, 2_000_003})
  void sizes(int n) {
    Index i = Index.axis(0, n);
    Scalar x = load(0, i);
    Scalar softplus = new Scalar.Unary(Word1.SOFTPLUS, x);
    Scalar noise = new Scalar.Noise(Scalar.NoiseKind.NORMAL, 4, i, 0, Index.ZERO);
    Scalar value = mul(softplus, noise);
    check(
        new Loop(
            "sample",
            Loop.list(n),
            List.of(new Phase(List.of(), List.of(), List.of(new Store(1, i, value)))),
            List.of(in(n), out(n))));
    List<Fold> folds = new ArrayList<>();
    List<Store> results = new ArrayList<>();
    List<Argument> arguments = new ArrayList<>(List.of(in(n), out(n)));
    for (FoldKind kind : FoldKind.values()) {
      Fold fold = kind == FoldKind.CHAIN ? new Fold(kind, x, softplus) : new Fold(kind, softplus);
      results.add(
          new Store(arguments.size(), Index.ZERO, new Scalar.Folded(fold.type(), 0, folds.size())));
      arguments.add(new Argument(fold.type(), 1, true));
      folds.add(fold);
    }
    // All kinds in one pass, which also writes; then those that threads can share.
    for (int keep : new int[] {folds.size(), 1}) {
      check(
          new Loop(
              "folds",
              List.of(),
              List.of(
                  new Phase(
                      Loop.list(n), folds.subList(0, keep), List.of(new Store(1, i, softplus))),
                  new Phase(List.of(), List.of(), results.subList(0, keep))),
              arguments.subList(0, keep + 2)));
    }
  }

  /** Maximum, sum and write over one row that two threads share, and over rows of some lengths. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 13, 50, 513, 5000, 300_007})
  void softmax(int columns) {
    int rows = Math.clamp(100_000 / columns, 1, 1000);
    Index r = Index.axis(0, rows);
    Index at = r.times(columns).plus(Index.axis(1, columns));
    Scalar x = load(0, at);
    Scalar e = new Scalar.Unary(Word1.EXP, new Scalar.Binary(Word2.SUB, x, folded(0, 0)));
    Scalar p = new Scalar.Binary(Word2.DIV, e, folded(1, 0));
    check(
        new Loop(
            "softmax",
            Loop.list(rows),
            List.of(
                new Phase(Loop.list(columns), List.of(new Fold(FoldKind.MAX, x)), List.of()),
                new Phase(Loop.list(columns), List.of(new Fold(FoldKind.SUM, e)), List.of()),
                new Phase(Loop.list(columns), List.of(), List.of(new Store(1, at, p))),
                new Phase(List.of(), List.of(), List.of(new Store(2, r, folded(1, 0))))),
            List.of(in(rows * columns), out(rows * columns), out(rows))));
  }

  /**
   * Sums over columns, with what is added stored beside: of few and of many kept elements, over few
   * and over many rows.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 64, 128, 129, 1200, 5000})
  void columnSums(int columns) {
    for (int rows : new int[] {1, 2, 128, 300, 1024, 9001}) {
      Index j = Index.axis(0, columns);
      Index at = Index.axis(1, rows).times(columns).plus(j);
      Scalar x = new Scalar.Unary(Word1.NEG, load(0, at));
      List<Fold> folds = List.of(new Fold(FoldKind.SUM, x), new Fold(FoldKind.MAX, x));
      List<Store> beside = List.of(new Store(3, at, x));
      List<Store> stores = List.of(new Store(1, j, folded(0, 0)), new Store(2, j, folded(0, 1)));
      check(
          new Loop(
              "columns",
              Loop.list(columns),
              List.of(
                  new Phase(Loop.list(rows), folds, beside),
                  new Phase(List.of(), List.of(), stores)),
              List.of(in(rows * columns), out(columns), out(columns), out(rows * columns))));
    }
  }

  @Test
  void products() {
    Random random = new Random(7);
    int[] sizes = {1, 2, 5, 13, 17, 64, 130};
    for (int round = 0; round < 60; round++) {
      int batch = random.nextInt(3) == 0 ? 3 : 1;
      int m = sizes[random.nextInt(sizes.length)];
      int n = sizes[random.nextInt(sizes.length)];
      int k = sizes[random.nextInt(sizes.length)];
      Index b = Index.axis(0, batch);
      Index i = Index.axis(1, m);
      Index j = Index.axis(2, n);
      Index q = Index.axis(3, k);
      Index left = random.nextBoolean() ? i.times(k).plus(q) : q.times(m).plus(i);
      Index right = random.nextBoolean() ? q.times(n).plus(j) : j.times(k).plus(q);
      Index rightBatch = random.nextBoolean() ? b.times((long) k * n) : Index.ZERO;
      Fold fold =
          new Fold(
              FoldKind.CHAIN,
              load(0, b.times((long) m * k).plus(left)),
              load(1, rightBatch.plus(right)));
      Index at = b.times((long) m * n).plus(i.times(n)).plus(j);
      Loop loop =
          new Loop(
              "product",
              Loop.list(batch, m, n),
              List.of(
                  new Phase(Loop.list(k), List.of(fold), List.of()),
                  new Phase(List.of(), List.of(), List.of(new Store(2, at, folded(0, 0))))),
              List.of(in(batch * m * k), in(batch * k * n), out(batch * m * n)));
      String how = devices.get(0).compile(loop).how();
      assertTrue(how.startsWith("matrix product "), how);
      check(loop);
    }
  }

  /**
   * Convolutions, with and without padding: products of a copied factor, in one piece or several.
   */
  @Test
  void windows() {
    for (int[] size : new int[][] {{3, 2, 9, 4}, {300, 3, 12, 5}, {2000, 4, 14, 5}}) {
      for (int pad : new int[] {0, 1}) {
        check(convolution(size[0], size[1], size[2], size[3], pad, false));
        check(convolution(size[0], size[1], size[2], size[3], pad, true));
      }
    }
  }

  /** A 3 x 3 convolution, or its filter gradient, whose inner axes are the images. */
  private static Loop convolution(int n, int in, int h, int out, int pad, boolean gradient) {
    int o = h + 2 * pad - 2;
    int[] extents =
        gradient ? new int[] {out, in, 3, 3, n, o, o} : new int[] {n, out, o, o, in, 3, 3};
    Index[] axis = new Index[7];
    for (int a = 0; a < 7; a++) {
      axis[a] = Index.axis(a, extents[a]);
    }
    int[] order = gradient ? new int[] {4, 0, 5, 6, 1, 2, 3} : new int[] {0, 1, 2, 3, 4, 5, 6};
    Index image = axis[order[0]];
    Index channel = axis[order[4]];
    Index y = axis[order[2]].plus(axis[order[5]]).plus(-pad);
    Index x = axis[order[3]].plus(axis[order[6]]).plus(-pad);
    Index from = image.times(in).plus(channel).times(h).plus(y).times(h).plus(x);
    List<Index.Bound> inside = List.of(new Index.Bound(y, 0, h), new Index.Bound(x, 0, h));
    Scalar window = new Scalar.Load(F, 0, from, inside);
    Index filter = axis[order[1]].times(in).plus(channel).times(9);
    filter = filter.plus(axis[order[5]].times(3)).plus(axis[order[6]]);
    Index result = image.times(out).plus(axis[order[1]]).times(o).plus(axis[order[2]]);
    result = result.times(o).plus(axis[order[3]]);
    Fold fold = new Fold(FoldKind.CHAIN, window, load(1, gradient ? result : filter));
    Store store = new Store(2, gradient ? filter : result, folded(0, 0));
    int results = n * out * o * o;
    int filters = out * in * 9;
    return new Loop(
        "convolution",
        Loop.list(extents).subList(0, 4),
        List.of(
            new Phase(Loop.list(extents).subList(4, 7), List.of(fold), List.of()),
            new Phase(List.of(), List.of(), List.of(store))),
        List.of(
            in(n * in * h * h),
            in(gradient ? results : filters),
            out(gradient ? filters : results)));
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 250, 256})
  void transposes(int n) {
    int rows = 300;
    Index r = Index.axis(0, rows);
    Index j = Index.axis(1, n);
    Scalar x = load(0, j.times(rows).plus(r));
    Store store = new Store(1, r.times(n).plus(j), mul(x, x));
    Phase phase = new Phase(List.of(), List.of(), List.of(store));
    check(
        new Loop(
            "transpose", Loop.list(rows, n), List.of(phase), List.of(in(rows * n), out(rows * n))));
  }

  /** Short runs read by a table: close and far apart, backwards, with values met again. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7, 12, 16, 24, 61})
  void patterns(int run) {
    int rows = 77;
    int width = 101 * run;
    Index r = Index.axis(0, rows);
    Index j = Index.axis(1, run);
    List<Index> within =
        List.of(
            j.times(2),
            j.times(3).plus(5),
            j.times(-2).plus(2L * run),
            j.times(100),
            j.div(2),
            j.div(3).times(33),
            j.mod(3).times(31).plus(j.div(2)));
    for (Index at : within) {
      Index from = r.times(width).plus(at);
      Scalar mask = new Scalar.Load(DType.BOOL, 1, from, List.of());
      Scalar value = new Scalar.Select(mask, load(0, from), new Scalar.Const(F, -7));
      Phase phase =
          new Phase(List.of(), List.of(), List.of(new Store(2, r.times(run).plus(j), value)));
      Loop loop =
          new Loop(
              "pattern",
              Loop.list(rows, run),
              List.of(phase),
              List.of(
                  in(rows * width),
                  new Argument(DType.BOOL, (long) rows * width, false),
                  out(rows * run)));
      byte[] bits = new byte[rows * width];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = (byte) (i * 2654435761L >> 9 & 1);
      }
      List<MemorySegment> data = data(loop);
      data.set(1, MemorySegment.ofArray(bits));
      check(loop, data, params());
    }
  }

  @Test
  void routines() {
    int items = 40;
    int n = 12;
    List<Argument> square = List.of(in(items * n * n), out(items * n * n));
    check(new Routine("cholesky", items, List.of(n), square));
    for (int flags = 0; flags < 4; flags++) {
      List<Argument> solve = List.of(in(items * n * n), in(items * n * 3), out(items * n * 3));
      check(new Routine("triangular_solve", items, List.of(n, 3, flags & 1, flags >> 1), solve));
    }
  }

  /** An optimizer writes its result where it read the old value. */
  @Test
  void writesInPlace() {
    int n = 10_001;
    Index i = Index.axis(0, n);
    Scalar x = load(0, i);
    Scalar y = mul(x, new Scalar.Const(F, 0.5));
    Loop loop =
        new Loop(
            "update",
            List.of(),
            List.of(
                new Phase(
                    Loop.list(n),
                    List.of(new Fold(FoldKind.SUM, mul(x, x))),
                    List.of(new Store(1, i, y), new Store(2, i, mul(x, y)))),
                new Phase(List.of(), List.of(), List.of(new Store(3, Index.ZERO, folded(0, 0))))),
            List.of(in(n), out(n), out(n), out(1)));
    List<MemorySegment> data = data(loop);
    MemorySegment params = params();
    List<MemorySegment> wanted = Twin.run(reference, loop, data, params);
    for (CpuDevice device : devices) {
      try (Buffer x0 = device.allocate(4L * n);
          Buffer z = device.allocate(4L * n);
          Buffer sum = device.allocate(4);
          Buffer words = device.allocate(64)) {
        device.write(x0, 0, data.get(0));
        List<Slice> slices = List.of(whole(x0), whole(x0), whole(z), whole(sum));
        Launch launch = new Launch(device.compile(loop), slices);
        try (Prepared prepared = device.prepare(List.of(launch), words)) {
          prepared.run();
        }
        List<MemorySegment> got = new ArrayList<>(List.of(data.get(0)));
        for (Buffer buffer : List.of(x0, z, sum)) {
          MemorySegment host = MemorySegment.ofArray(new int[(int) (buffer.bytes() / 4)]);
          device.read(buffer, 0, host);
          got.add(host);
        }
        got.add(params);
        assertEquals("", Twin.difference(loop, wanted, got));
      }
    }
  }

  @Test
  void keepsTheKernelsAskedForLast() {
    try (CpuDevice device = new CpuDevice(NativeLibraryTest.library(), 1)) {
      Device.Kernel first = device.compile(scale(1));
      Device.Kernel second = device.compile(scale(2));
      for (int n = 3; n <= CpuDevice.MOST_KERNELS + 1; n++) {
        assertSame(first, device.compile(scale(1)));
        device.compile(scale(n));
      }
      assertSame(first, device.compile(scale(1)));
      assertNotSame(second, device.compile(scale(2)));
    }
  }

  @Test
  void countsMemoryExactly() {
    try (CpuDevice device = new CpuDevice(NativeLibraryTest.library(), 1)) {
      assertEquals(0, device.allocatedBytes());
      long expected = 0;
      List<Buffer> buffers = new ArrayList<>();
      for (long bytes : new long[] {0, 1, 63, 64, 65, 1 << 20, (3 << 20) + 1}) {
        Buffer buffer = device.allocate(bytes);
        buffers.add(buffer);
        expected += bytes;
        assertEquals(expected, device.allocatedBytes());
        assertEquals(0, ((CpuBuffer) buffer).address() % 64);
      }
      buffers.forEach(Buffer::close);
      buffers.forEach(Buffer::close);
      assertEquals(0, device.allocatedBytes());
    }
  }

  @Test
  void refusesImpossibleSizesAndGoesOn() {
    try (CpuDevice device = new CpuDevice(NativeLibraryTest.library(), 1)) {
      for (long bytes : new long[] {1L << 46, Long.MAX_VALUE}) {
        Exception e = assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(bytes));
        assertTrue(e.getMessage().matches("[^.]*\\."), e.getMessage());
      }
      assertThrows(IllegalArgumentException.class, () -> device.allocate(-1));
      device.allocate(100).close();
      assertEquals(0, device.allocatedBytes());
    }
  }

  @Test
  void saysThatItIsClosed() {
    Loop loop = scale(100);
    CpuDevice device = new CpuDevice(NativeLibraryTest.library(), 2);
    Buffer x = device.allocate(400);
    Buffer y = device.allocate(400);
    Buffer words = device.allocate(64);
    Launch launch = new Launch(device.compile(loop), List.of(whole(x), whole(y)));
    Prepared prepared = device.prepare(List.of(launch), words);
    prepared.run();
    y.close();
    assertThrows(IllegalStateException.class, prepared::run);
    assertThrows(
        IllegalStateException.class, () -> device.write(y, 0, MemorySegment.ofArray(new int[1])));
    device.close();
    device.close();
    assertEquals(0, device.allocatedBytes());
    MemorySegment host = MemorySegment.ofArray(new int[100]);
    assertThrows(IllegalStateException.class, prepared::run);
    assertThrows(IllegalStateException.class, () -> device.allocate(1));
    assertThrows(IllegalStateException.class, () -> device.compile(loop));
    assertThrows(IllegalStateException.class, () -> device.read(x, 0, host));
    assertThrows(IllegalStateException.class, () -> device.write(x, 0, host));
    assertThrows(IllegalStateException.class, () -> device.prepare(List.of(launch), words));
    assertThrows(IllegalStateException.class, device::await);
    prepared.close();
    x.close();
  }

  @Test
  void refusesFloat64AndForeignBuffers() {
    CpuDevice device = devices.get(0);
    Index i = Index.axis(0, 3);
    Scalar x = new Scalar.Load(DType.FLOAT64, 0, i, List.of());
    Loop loop =
        new Loop(
            "double",
            Loop.list(3),
            List.of(new Phase(List.of(), List.of(), List.of(new Store(1, i, x)))),
            List.of(new Argument(DType.FLOAT64, 3, false), new Argument(DType.FLOAT64, 3, true)));
    assertThrows(UnsupportedOperationException.class, () -> device.compile(loop));
    try (Buffer foreign = reference.allocate(64)) {
      assertThrows(IllegalArgumentException.class, () -> device.prepare(List.of(), foreign));
    }
  }

  @Test
  void runsWithoutAllocating() {
    CpuDevice device = devices.get(1);
    List<Buffer> buffers = new ArrayList<>();
    List<Launch> launches = new ArrayList<>();
    for (int n : new int[] {50, 60, 3_000_000, 70}) {
      Loop loop = scale(n);
      List<Slice> slices = new ArrayList<>();
      for (Argument argument : loop.arguments()) {
        buffers.add(device.allocate(4 * argument.size()));
        slices.add(whole(buffers.getLast()));
      }
      launches.add(new Launch(device.compile(loop), slices));
    }
    buffers.add(device.allocate(64));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Prepared prepared = device.prepare(launches, buffers.getLast())) {
      boolean clean = false;
      // The compiler may still be at work in the first rounds.
      for (int round = 0; round < 20 && !clean; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 200; i++) {
          prepared.run();
        }
        clean = threads.getCurrentThreadAllocatedBytes() == before;
      }
      assertTrue(clean);
    }
    assertFalse(buffers.isEmpty());
    buffers.forEach(Buffer::close);
  }

  private static Loop scale(int n) {
    Index i = Index.axis(0, n);
    Scalar y = mul(load(0, i), new Scalar.Const(F, 2));
    return new Loop(
        "scale",
        Loop.list(n),
        List.of(new Phase(List.of(), List.of(), List.of(new Store(1, i, y)))),
        List.of(in(n), out(n)));
  }

  private static void check(Work loop) {
    check(loop, data(loop), params());
  }

  private static void check(Work loop, List<MemorySegment> data, MemorySegment params) {
    List<MemorySegment> wanted = Twin.run(reference, loop, data, params);
    for (Device device : devices) {
      List<MemorySegment> got = Twin.run(device, loop, data, params);
      assertEquals("", Twin.difference(loop, wanted, got), loop::toString);
    }
  }

  private static List<MemorySegment> data(Work work) {
    Random random = new Random(work.bytes());
    List<MemorySegment> data = new ArrayList<>();
    for (Argument argument : work.arguments()) {
      float[] values = new float[(int) argument.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      data.add(MemorySegment.ofArray(values));
    }
    return data;
  }

  private static MemorySegment params() {
    return MemorySegment.ofArray(new int[] {3, 5, 0, 0, 17, 18, 19, 20, 0, 0, 0, 0, 0, 0, 0, 0});
  }

  private static Slice whole(Buffer buffer) {
    return new Slice(buffer, 0, buffer.bytes());
  }

  private static Scalar load(int argument, Index at) {
    return new Scalar.Load(F, argument, at, List.of());
  }

  private static Scalar folded(int phase, int fold) {
    return new Scalar.Folded(F, phase, fold);
  }

  private static Scalar mul(Scalar a, Scalar b) {
    return new Scalar.Binary(Word2.MUL, a, b);
  }

  private static Argument in(int size) {
    return new Argument(F, size, false);
  }

  private static Argument out(int size) {
    return new Argument(F, size, true);
  }
}
