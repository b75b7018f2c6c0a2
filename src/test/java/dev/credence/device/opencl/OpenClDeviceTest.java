package dev.credence.device.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.device.Devices;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.FoldLoops;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.RandomConvolutions;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An OpenCL device gives the reference device's bits, or says in a sentence why not. */
class OpenClDeviceTest {
  private static final DType F = DType.FLOAT32;

  private static Hardware hardware;
  private static OpenClDevice device;
  private static ReferenceDevice reference;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    Devices.Entry entry = new OpenClProvider().entries().get(0);
    assumeTrue(entry.limits().isPresent(), entry.name() + " is absent: " + entry.reason());
    hardware = OpenClProvider.hardware(entry.name());
    device = new OpenClDevice(hardware);
    reference = new ReferenceDevice();
  }

  @AfterAll
  static void close() {
    if (device != null) {
      device.close();
      reference.close();
    }
  }

  // ---- Bits ----

  @Test
  void randomLoops() {
    check(device, new RandomLoops(42), 40);
  }

  /** Fewer work items than lanes, and local memory for the smallest tiles alone. */
  @Test
  void randomLoopsOnASmallDevice() {
    try (OpenClDevice small = new OpenClDevice(with(hardware.limits(), false, 64, 8192))) {
      check(small, new RandomLoops(43), 10);
    }
  }

  /** With the kernels for GPUs, and with local memory for hardly any of them. */
  @Test
  void randomLoopsAsOnAGpu() {
    for (int localBytes : new int[] {65536, 4096}) {
      try (OpenClDevice gpu = new OpenClDevice(with(hardware.limits(), false, 4096, localBytes))) {
        check(gpu, new RandomLoops(44), 20);
      }
    }
  }

  /** Rows shorter and longer than a team, a group and a tile. */
  @Test
  void foldsOfEveryLengthKeepTheirShape() {
    try (OpenClDevice gpu = new OpenClDevice(with(hardware.limits(), false, 4096, 65536))) {
      for (int size : new int[] {1, 3, 10, 33, 300, 1500, 4097, 9000}) {
        Loop loop = FoldLoops.rows(17, size);
        assertEquals("generated, folds in teams", gpu.compile(loop).how());
        check(gpu, loop, data(loop), params());
      }
    }
  }

  /** Noise, something stored, and a long sum: a tile of it is one group's. */
  @Test
  void aLongSumIsSharedOutInTiles() {
    try (OpenClDevice gpu = new OpenClDevice(with(hardware.limits(), false, 4096, 65536))) {
      for (int size : new int[] {4 * 4096, 4 * 4096 + 100}) {
        Loop loop = FoldLoops.drawnAndSummed(size);
        String how = gpu.compile(loop).how();
        assertTrue(how.startsWith("generated, a tile a group, then generated"), how);
        check(gpu, loop, data(loop), params());
      }
    }
  }

  /** More arrays than a driver may take: most are copied into a few, and out of them. */
  @Test
  void loopsOfManyArrays() {
    Hardware few =
        with(hardware, hardware.limits(), hardware.processor(), 4096, hardware.localBytes(), 320);
    try (OpenClDevice one = new OpenClDevice(few)) {
      for (int n : new int[] {7, 20_000}) {
        Loop loop = manyArrays(24, n);
        assertTrue(one.compile(loop).how().contains(", then "));
        check(one, loop, data(loop), params());
      }
      assertEquals(0, one.allocatedBytes());
    }
  }

  /** Of arrays of three sizes the sum at each place, its sum, and each array's part of it. */
  private static Loop manyArrays(int count, int n) {
    Index i = Index.axis(0, n);
    List<Argument> arguments = new ArrayList<>();
    List<Store> stores = new ArrayList<>();
    Scalar sum = half();
    for (int a = 0; a < count / 2; a++) {
      int size = a % 3 == 0 ? 1 : a % 3 == 1 ? n : 2 * n;
      Index at = a % 3 == 0 ? Index.ZERO : a % 3 == 1 ? i : i.times(2).plus(1);
      arguments.add(in(size));
      sum = new Scalar.Binary(Word2.ADD, load(a, at), sum);
    }
    Fold fold = new Fold(FoldKind.SUM, sum);
    for (int a = count / 2; a < count; a++) {
      arguments.add(out(n));
      Scalar less = new Scalar.Binary(Word2.SUB, load(1, i), new Scalar.Const(F, a));
      stores.add(new Store(a, i, new Scalar.Binary(Word2.MUL, less, folded(0, 0))));
    }
    return new Loop(
        "many",
        List.of(),
        List.of(
            new Phase(Loop.list(n), List.of(fold), List.of()),
            new Phase(Loop.list(n), List.of(), stores)),
        arguments);
  }

  private static void check(OpenClDevice device, RandomLoops loops, int count) {
    for (int i = 0; i < count; i++) {
      RandomLoops.Case c = loops.next();
      check(device, c.loop(), c.arguments(), c.params());
    }
    assertEquals(0, device.allocatedBytes());
  }

  /**
   * A driver that does not promise correct rounding is not asked for it, the device says so, and a
   * single step is held to two units in the last place.
   */
  @Test
  void withoutCorrectRoundingAStepIsWithinTwoUlp() {
    Device.Limits exact = hardware.limits();
    Device.Limits limits =
        new Device.Limits(
            "inexact", exact.memoryBytes(), exact.maxBufferBytes(), false, false, exact.threads());
    int n = 1000;
    Index i = Index.axis(0, n);
    Scalar x = load(0, i);
    Scalar magnitude = new Scalar.Unary(Word1.ABS, x);
    Scalar shifted = new Scalar.Binary(Word2.ADD, x, half());
    List<Scalar> steps =
        List.of(
            new Scalar.Binary(Word2.DIV, shifted, x),
            new Scalar.Unary(Word1.SQRT, magnitude),
            new Scalar.Binary(Word2.MUL, x, shifted));
    try (OpenClDevice inexact = new OpenClDevice(with(limits, true, 256, 65536))) {
      assertFalse(inexact.limits().exactFloat32());
      for (Scalar step : steps) {
        Loop loop = pointwise("step", n, step);
        List<MemorySegment> wanted = Twin.run(reference, loop, data(loop), params());
        List<MemorySegment> got = Twin.run(inexact, loop, data(loop), params());
        assertTrue(ulps(wanted.get(1), got.get(1)) <= 2, step.toString());
      }
    }
    MemorySegment one = MemorySegment.ofArray(new float[] {-1, 0});
    float far = Math.nextDown(Math.nextDown(Math.nextDown(-1.0f)));
    assertEquals(3, ulps(one, MemorySegment.ofArray(new float[] {far, -0.0f})));
  }

  /** The largest distance of two arrays' elements, in floats that lie between them. */
  private static long ulps(MemorySegment a, MemorySegment b) {
    long most = 0;
    for (long i = 0; i < a.byteSize() / Float.BYTES; i++) {
      long x = place(a.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
      long y = place(b.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
      most = Math.max(most, Math.abs(x - y));
    }
    return most;
  }

  /** A float's place among all floats in order. */
  private static long place(float x) {
    int bits = Float.floatToIntBits(x);
    return bits < 0 ? Integer.MIN_VALUE - (long) bits : bits;
  }

  /** Every way to read the factors, with the tiles for processors and those for GPUs. */
  @Test
  void products() {
    int[][] sizes = {
      {1, 64, 64, 64}, {2, 37, 45, 19}, {1, 300, 257, 70}, {3, 8, 9, 1}, {1, 70, 40, 600}
    };
    for (boolean processor : new boolean[] {true, false}) {
      try (OpenClDevice one = new OpenClDevice(with(hardware.limits(), processor, 4096, 32768))) {
        for (int[] size : sizes) {
          for (int way = 0; way < 4; way++) {
            Loop loop = product(size, (way & 1) != 0, (way & 2) != 0);
            String how = one.compile(loop).how();
            String wanted = "matrix product in " + (processor ? "panels of " : "tiles of ");
            assertTrue(how.startsWith(wanted), how);
            check(one, loop, data(loop), params());
          }
        }
      }
    }
  }

  private static Loop product(int[] size, boolean acrossA, boolean acrossB) {
    int m = size[1];
    int n = size[2];
    int k = size[3];
    Index b = Index.axis(0, size[0]);
    Index i = Index.axis(1, m);
    Index j = Index.axis(2, n);
    Index q = Index.axis(3, k);
    Index left = acrossA ? q.times(m).plus(i) : i.times(k).plus(q);
    Index right = acrossB ? j.times(k).plus(q) : q.times(n).plus(j);
    Fold fold =
        new Fold(
            FoldKind.CHAIN,
            load(0, b.times((long) m * k).plus(left)),
            load(1, b.times((long) k * n).plus(right)));
    Index at = b.times((long) m * n).plus(i.times(n)).plus(j);
    return new Loop(
        "product",
        Loop.list(size[0], m, n),
        List.of(
            new Phase(Loop.list(k), List.of(fold), List.of()),
            new Phase(List.of(), List.of(), List.of(new Store(2, at, folded(0, 0))))),
        List.of(in(size[0] * m * k), in(size[0] * k * n), out(size[0] * m * n)));
  }

  /** Convolutions and their gradients, with zeros around them and between their elements. */
  @Test
  void convolutions() {
    convolutions(true, 3, "sum of products in panels", 65536);
    convolutions(false, 5, "in tiles", 65536);
    // Local memory for the smallest tiles, and for none.
    convolutions(false, 2, "in tiles", 8192);
    convolutions(false, 2, "generated", 1024);
  }

  private static void convolutions(boolean processor, int count, String wanted, long localBytes) {
    RandomConvolutions convolutions = new RandomConvolutions(7);
    Hardware as = with(hardware.limits(), processor, 4096, localBytes);
    int found = 0;
    int padded = 0;
    // What a device compiles it builds sooner or later, so that another one chooses.
    try (OpenClDevice chooser = new OpenClDevice(as);
        OpenClDevice one = new OpenClDevice(as)) {
      while (found < count || padded == 0) {
        Loop loop = convolutions.next();
        String how = chooser.compile(loop).how();
        if (how.contains(wanted)) {
          check(one, loop, convolutions.data(loop), params());
          found++;
          padded += how.contains(", then ") || wanted.equals("generated") ? 1 : 0;
        }
      }
      assertEquals(0, one.allocatedBytes());
    }
  }

  /** Maximum, sum and write over so many elements that many groups share them. */
  @Test
  void longSoftmax() {
    for (int n : new int[] {16_384, 1_000_003}) {
      Index at = Index.axis(0, n);
      Scalar x = load(0, at);
      Scalar e = new Scalar.Unary(Word1.EXP, new Scalar.Binary(Word2.SUB, x, folded(0, 0)));
      Scalar p = new Scalar.Binary(Word2.DIV, e, folded(1, 0));
      Loop loop =
          new Loop(
              "softmax",
              List.of(),
              List.of(
                  new Phase(Loop.list(n), List.of(new Fold(FoldKind.MAX, x)), List.of()),
                  new Phase(Loop.list(n), List.of(new Fold(FoldKind.SUM, e)), List.of()),
                  new Phase(Loop.list(n), List.of(), List.of(new Store(1, at, p)))),
              List.of(in(n), out(n)));
      assertTrue(device.compile(loop).how().contains(", then "));
      check(device, loop, data(loop), params());
    }
  }

  @Test
  void routines() {
    int n = 7;
    int m = 3;
    MemorySegment a = numbers(2 * n * n, i -> i / n % n == i % n ? 5 : (float) Math.sin(i));
    MemorySegment b = numbers(2 * n * m, i -> (float) Math.cos(i));
    Routine cholesky =
        new Routine("cholesky", 2, List.of(n), List.of(in(2 * n * n), out(2 * n * n)));
    check(device, cholesky, List.of(a, a), params());
    for (int flags = 0; flags < 4; flags++) {
      Routine solve =
          new Routine(
              "triangular_solve",
              2,
              List.of(n, m, flags & 1, flags >> 1),
              List.of(in(2 * n * n), in(2 * n * m), out(2 * n * m)));
      check(device, solve, List.of(a, b, b), params());
    }
    Routine unknown = new Routine("qr", 1, List.of(), List.of());
    assertThrows(UnsupportedOperationException.class, () -> device.compile(unknown));
  }

  /** An optimizer writes its result where it read the old value, at odd places in one buffer. */
  @Test
  void writesInPlaceInPartsOfABuffer() {
    int n = 1000;
    Index i = Index.axis(0, n);
    Loop loop = pointwise("halve", n, new Scalar.Binary(Word2.MUL, load(0, i), half()));
    try (Buffer buffer = device.allocate(4L * (n + 7));
        Buffer words = device.allocate(64)) {
      device.write(buffer, 0, numbers(n + 7, j -> (float) j));
      Slice slice = new Slice(buffer, 12, 4L * n);
      Launch launch = new Launch(device.compile(loop), List.of(slice, slice));
      try (Prepared prepared = device.prepare(List.of(launch, launch), words)) {
        prepared.run();
      }
      float[] after = new float[n + 7];
      device.read(buffer, 0, MemorySegment.ofArray(after));
      for (int j = 0; j < after.length; j++) {
        assertEquals(j < 3 || j >= n + 3 ? j : j / 4.0f, after[j]);
      }
      Slice odd = new Slice(buffer, 2, 4L * n);
      Launch wrong = new Launch(device.compile(loop), List.of(odd, odd));
      assertThrows(IllegalArgumentException.class, () -> device.prepare(List.of(wrong), words));
    }
  }

  // ---- The driver's compiler ----

  @Test
  void aKernelThatDoesNotBuildShowsItsLine() {
    Programs programs = device.programs(new BinaryCache(folder));
    String empty = "CR_KERNEL void %s(CR_GLOBAL cr_i32 *params) {\n}\n";
    String broken = "CR_KERNEL void %s() {\n  int x = nowhere;\n}\n";
    Programs.Source good = programs.source("good", 64, empty::formatted);
    Programs.Source bad = programs.source("broken", 64, broken::formatted);
    for (int again = 0; again < 2; again++) {
      Exception e = assertThrows(IllegalStateException.class, () -> programs.program(bad));
      assertTrue(e.getMessage().contains("refuses the kernel broken at line "), e.getMessage());
      assertTrue(e.getMessage().contains(": int x = nowhere;\n"), e.getMessage());
    }
    assertTrue(programs.program(good) != 0);
    programs.close();
  }

  /** Scratch and kernels of a list that fails are given back, and what builds still runs. */
  @Test
  void aListWhoseKernelDoesNotBuildLeavesNothing() {
    int n = 100_000;
    Fold fold = new Fold(FoldKind.SUM, load(0, Index.axis(0, n)));
    Loop sum =
        new Loop(
            "sum",
            List.of(),
            List.of(
                new Phase(Loop.list(n), List.of(fold), List.of()),
                new Phase(List.of(), List.of(), List.of(new Store(1, Index.ZERO, folded(0, 0))))),
            List.of(in(n), out(1)));
    // A number too many.
    Routine wrong = new Routine("cholesky", 1, List.of(2, 2), List.of(in(4), out(4)));
    try (Buffer x = device.allocate(4L * n);
        Buffer y = device.allocate(16);
        Buffer words = device.allocate(64)) {
      long before = device.allocatedBytes();
      Launch good = new Launch(device.compile(sum), List.of(whole(x), new Slice(y, 0, 4)));
      Launch bad =
          new Launch(device.compile(wrong), List.of(new Slice(x, 0, 16), new Slice(y, 0, 16)));
      Exception e =
          assertThrows(
              IllegalStateException.class, () -> device.prepare(List.of(good, bad), words));
      assertTrue(e.getMessage().contains("refuses the kernel cholesky at line "), e.getMessage());
      assertEquals(before, device.allocatedBytes());
      try (Prepared prepared = device.prepare(List.of(good), words)) {
        prepared.run();
        device.await();
      }
      assertEquals(before, device.allocatedBytes());
    }
  }

  /** The compiler takes long to begin, so all kernels that are waiting are one program. */
  @Test
  void kernelsAreBuiltTogether() {
    Programs programs = device.programs(new BinaryCache(folder));
    String text = "CR_KERNEL void %s(CR_GLOBAL cr_i32 *params) {\n  params[0] = 1;\n}\n";
    Programs.Source first = programs.source("first", 1, text::formatted);
    Programs.Source second = programs.source("second", 2, text::formatted);
    assertEquals(first, programs.source("of another name", 1, text::formatted));
    assertEquals(programs.program(first), programs.program(second));
    Programs.Source third = programs.source("third", 4, text::formatted);
    assertTrue(programs.program(third) != programs.program(first));
    programs.close();
  }

  @Test
  void damagedBinariesAreBuiltAnew() throws IOException {
    Loop loop = pointwise("negate", 100, new Scalar.Unary(Word1.NEG, load(0, Index.axis(0, 100))));
    BinaryCache cache = new BinaryCache(folder);
    runWithCache(loop);
    Path kept;
    try (Stream<Path> files = Files.list(folder)) {
      kept = files.findFirst().orElseThrow();
    }
    String key = kept.getFileName().toString();
    byte[] whole = Files.readAllBytes(kept);
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    for (byte[] damaged : List.of(flipped, Arrays.copyOf(whole, 40), new byte[0])) {
      Files.write(kept, damaged);
      assertTrue(cache.get(key).isEmpty());
      runWithCache(loop);
      assertTrue(cache.get(key).isPresent());
    }
    // Whole in itself, but not what the driver gave.
    cache.put(key, new byte[] {1, 2, 3});
    runWithCache(loop);
    assertTrue(cache.get(key).orElseThrow().length > 3);
  }

  private void runWithCache(Loop loop) {
    try (OpenClDevice one = new OpenClDevice(hardware, new BinaryCache(folder))) {
      check(one, loop, data(loop), params());
    }
  }

  // ---- Limits ----

  @Test
  void memoryIsCountedAndEnds() {
    Device.Limits limits =
        new Device.Limits("small", 10_000, 5_000, false, true, hardware.limits().threads());
    try (OpenClDevice small = new OpenClDevice(with(limits, true, 256, 8192))) {
      Buffer first = small.allocate(5_000);
      for (long bytes : new long[] {5_001, Long.MAX_VALUE}) {
        Exception e = assertThrows(OutOfDeviceMemoryException.class, () -> small.allocate(bytes));
        assertTrue(e.getMessage().matches("[^.]*\\."), e.getMessage());
      }
      Buffer second = small.allocate(4_999);
      assertThrows(OutOfDeviceMemoryException.class, () -> small.allocate(2));
      assertEquals(9_999, small.allocatedBytes());
      first.close();
      first.close();
      second.close();
      small.allocate(0).close();
      assertEquals(0, small.allocatedBytes());
    }
  }

  /** Scratch that cannot be had leaves nothing behind. */
  @Test
  void scratchIsGivenBackWhenItDoesNotFit() {
    int n = 1_000_000;
    Fold sum = new Fold(FoldKind.SUM, load(0, Index.axis(0, n)));
    Loop loop =
        new Loop(
            "sum",
            List.of(),
            List.of(
                new Phase(Loop.list(n), List.of(sum), List.of()),
                new Phase(List.of(), List.of(), List.of(new Store(1, Index.ZERO, folded(0, 0))))),
            List.of(in(n), out(1)));
    Device.Limits limits =
        new Device.Limits("small", 4L * n + 100, 4L * n, false, true, hardware.limits().threads());
    try (OpenClDevice small = new OpenClDevice(with(limits, true, 256, 8192));
        Buffer x = small.allocate(4L * n);
        Buffer y = small.allocate(4);
        Buffer words = small.allocate(64)) {
      Launch launch = new Launch(small.compile(loop), List.of(whole(x), whole(y)));
      assertThrows(OutOfDeviceMemoryException.class, () -> small.prepare(List.of(launch), words));
      assertEquals(4L * n + 68, small.allocatedBytes());
    }
  }

  @Test
  void refusesWhatItHasNoRoomFor() {
    Index i = Index.axis(0, 5000);
    List<Fold> folds = new ArrayList<>();
    List<Store> stores = new ArrayList<>();
    List<Argument> arguments = new ArrayList<>(List.of(in(5000)));
    for (int f = 0; f < 70; f++) {
      Scalar value = new Scalar.Binary(Word2.MUL, load(0, i), new Scalar.Const(F, f));
      folds.add(new Fold(FoldKind.SUM, value));
      stores.add(new Store(f + 1, Index.ZERO, folded(0, f)));
      arguments.add(out(1));
    }
    Loop loop =
        new Loop(
            "wide",
            List.of(),
            List.of(
                new Phase(Loop.list(5000), folds, List.of()),
                new Phase(List.of(), List.of(), stores)),
            arguments);
    try (OpenClDevice small = new OpenClDevice(with(hardware.limits(), false, 64, 32768))) {
      Exception e = assertThrows(UnsupportedOperationException.class, () -> small.compile(loop));
      assertTrue(e.getMessage().contains("bytes of local memory, more than"), e.toString());
    }
    Scalar wide = new Scalar.Load(DType.FLOAT64, 0, i, List.of());
    Loop doubles =
        new Loop(
            "doubles",
            Loop.list(5000),
            List.of(new Phase(List.of(), List.of(), List.of(new Store(1, i, wide)))),
            List.of(
                new Argument(DType.FLOAT64, 5000, false), new Argument(DType.FLOAT64, 5000, true)));
    assertThrows(UnsupportedOperationException.class, () -> device.compile(doubles));
  }

  // ---- Ends ----

  @Test
  void saysThatItIsClosed() {
    OpenClDevice one = new OpenClDevice(hardware);
    Loop loop =
        pointwise("halve", 10, new Scalar.Binary(Word2.MUL, load(0, Index.axis(0, 10)), half()));
    Buffer x = one.allocate(40);
    Buffer y = one.allocate(40);
    Buffer words = one.allocate(64);
    Launch launch = new Launch(one.compile(loop), List.of(whole(x), whole(y)));
    Prepared prepared = one.prepare(List.of(launch), words);
    prepared.run();
    y.close();
    assertThrows(IllegalStateException.class, prepared::run);
    one.close();
    one.close();
    assertEquals(0, one.allocatedBytes());
    MemorySegment host = MemorySegment.ofArray(new float[10]);
    assertThrows(IllegalStateException.class, prepared::run);
    assertThrows(IllegalStateException.class, () -> one.allocate(1));
    assertThrows(IllegalStateException.class, () -> one.compile(loop));
    assertThrows(IllegalStateException.class, () -> one.read(x, 0, host));
    assertThrows(IllegalStateException.class, () -> one.write(x, 0, host));
    assertThrows(IllegalStateException.class, one::await);
    prepared.close();
    x.close();
  }

  /** No driver can be made to lose its device, so the code is made up; the end is not. */
  @Test
  void aLostDeviceSaysSoAndGivesAllBack() {
    OpenClDevice one = new OpenClDevice(hardware);
    Buffer x = one.allocate(40);
    String lost = "The device " + one.name() + " was lost at running k (CL_DEVICE_NOT_AVAILABLE).";
    Exception first = assertThrows(IllegalStateException.class, () -> one.check(-2, "running k"));
    assertEquals(lost, first.getMessage());
    Exception later = assertThrows(IllegalStateException.class, one::await);
    assertEquals(lost, later.getMessage());
    assertFalse(one.isOpen());
    assertEquals(40, one.allocatedBytes());
    one.close();
    assertEquals(0, one.allocatedBytes());
    x.close();
    Exception full =
        assertThrows(OutOfDeviceMemoryException.class, () -> device.check(-4, "running k"));
    assertTrue(full.getMessage().contains("ran out of memory at running k"), full.getMessage());
    device.await();
  }

  @Test
  void runsWithoutAllocating() {
    Loop loop =
        pointwise("halve", 10, new Scalar.Binary(Word2.MUL, load(0, Index.axis(0, 10)), half()));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Buffer x = device.allocate(40);
        Buffer y = device.allocate(40);
        Buffer words = device.allocate(64)) {
      Launch launch = new Launch(device.compile(loop), List.of(whole(x), whole(y)));
      try (Prepared prepared = device.prepare(List.of(launch, launch), words)) {
        boolean clean = false;
        // The compiler may still be at work in the first rounds.
        for (int round = 0; round < 4000 && !clean; round++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < 500; i++) {
            prepared.run();
          }
          clean = threads.getCurrentThreadAllocatedBytes() == before;
          device.await();
        }
        assertTrue(clean);
      }
    }
  }

  // ---- Helpers ----

  private static Hardware with(
      Device.Limits limits, boolean processor, long mostItems, long localBytes) {
    return with(hardware, limits, processor, mostItems, localBytes);
  }

  /** A device as it would be with other limits. */
  static Hardware with(
      Hardware of, Device.Limits limits, boolean processor, long mostItems, long localBytes) {
    return with(of, limits, processor, mostItems, localBytes, of.argumentBytes());
  }

  private static Hardware with(
      Hardware of,
      Device.Limits limits,
      boolean processor,
      long mostItems,
      long localBytes,
      long argumentBytes) {
    return new Hardware(
        of.name(),
        of.platform(),
        of.device(),
        limits,
        of.identity(),
        processor,
        of.vector(),
        of.roundsDivision() && limits.exactFloat32(),
        Math.min(mostItems, of.mostItems()),
        localBytes,
        argumentBytes);
  }

  private static void check(
      OpenClDevice device, Work work, List<MemorySegment> data, MemorySegment params) {
    assumeTrue(
        device.limits().exactFloat32(),
        device.name() + " does not promise correctly rounded float32, so its bits may differ");
    List<MemorySegment> wanted = Twin.run(reference, work, data, params);
    List<MemorySegment> got = Twin.run(device, work, data, params);
    assertEquals("", Twin.difference(work, wanted, got), work::toString);
  }

  private static List<MemorySegment> data(Loop loop) {
    Random random = new Random(loop.extent());
    return loop.arguments().stream()
        .map(a -> numbers((int) a.size(), i -> (float) random.nextGaussian()))
        .toList();
  }

  private static MemorySegment numbers(int size, IntFunction<Float> number) {
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = number.apply(i);
    }
    return MemorySegment.ofArray(numbers);
  }

  private static MemorySegment params() {
    return MemorySegment.ofArray(new int[16]);
  }

  private static Loop pointwise(String name, int n, Scalar value) {
    Store store = new Store(1, Index.axis(0, n), value);
    return new Loop(
        name,
        Loop.list(n),
        List.of(new Phase(List.of(), List.of(), List.of(store))),
        List.of(in(n), out(n)));
  }

  private static Slice whole(Buffer buffer) {
    return new Slice(buffer, 0, buffer.bytes());
  }

  private static Scalar load(int argument, Index at) {
    return new Scalar.Load(F, argument, at, List.of());
  }

  private static Scalar half() {
    return new Scalar.Const(F, 0.5);
  }

  private static Scalar folded(int phase, int fold) {
    return new Scalar.Folded(F, phase, fold);
  }

  private static Argument in(int size) {
    return new Argument(F, size, false);
  }

  private static Argument out(int size) {
    return new Argument(F, size, true);
  }
}
