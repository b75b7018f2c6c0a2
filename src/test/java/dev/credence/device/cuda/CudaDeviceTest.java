package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.device.cuda.CudaDevice.Products;
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
import dev.credence.kernel.Params;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.RandomLoops.Case;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WarpSource;
import dev.credence.kernel.WideSource;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The device, its JNI libraries included, over the stand-in for CUDA. */
class CudaDeviceTest {
  private static final int LOOPS = 60;
  private static final int ILLEGAL_ADDRESS = 700;

  @TempDir private Path folder;

  private StandIn standIn;

  @BeforeEach
  void requireStandIn() {
    standIn = StandIn.require();
  }

  @AfterEach
  void heal() {
    if (standIn != null) {
      standIn.heal();
    }
  }

  private CudaDevice device(Products products) {
    return new CudaDevice(0, products, new BinaryCache(folder.resolve("cache")));
  }

  // ---- What is computed ----

  @ParameterizedTest
  @EnumSource(
      value = Products.class,
      names = {"FLOAT32", "OWN"})
  void randomLoopsEqualTheReferenceDevice(Products products) {
    RandomLoops loops = new RandomLoops(products.ordinal() + 77);
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(products)) {
      List<Case> cases = new ArrayList<>();
      for (int i = 0; i < LOOPS; i++) {
        cases.add(loops.next());
        // Compiled side by side, while the others are made.
        device.compile(cases.getLast().loop());
      }
      for (Case c : cases) {
        compare(reference, device, c.loop(), c.arguments(), c.params());
      }
      assertEquals(0, device.allocatedBytes());
    }
  }

  private static void compare(
      Device reference,
      Device device,
      Work work,
      List<MemorySegment> arguments,
      MemorySegment params) {
    List<MemorySegment> wanted = Twin.run(reference, work, arguments, params);
    List<MemorySegment> got = Twin.run(device, work, arguments, params);
    assertEquals("", Twin.difference(work, wanted, got), work::toString);
  }

  static MemorySegment random(int size) {
    Random random = new Random(size);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return MemorySegment.ofArray(numbers);
  }

  private static MemorySegment room(int size) {
    return MemorySegment.ofArray(new float[size]);
  }

  static MemorySegment params() {
    return MemorySegment.ofArray(new int[RandomLoops.PARAM_WORDS]);
  }

  /**
   * c[b, m, n] = sum over k of a[b, m, k] * b[b, k, n], either factor and the result transposed.
   */
  static Loop product(int batch, int m, int n, int k, boolean ta, boolean tb, boolean tc) {
    Index i = Index.axis(1, m);
    Index j = Index.axis(2, n);
    Index l = Index.axis(3, k);
    Index t = Index.axis(0, batch);
    Index a = t.times((long) m * k).plus(ta ? l.times(m).plus(i) : i.times(k).plus(l));
    Index b = t.times((long) n * k).plus(tb ? j.times(k).plus(l) : l.times(n).plus(j));
    Index c = t.times((long) m * n).plus(tc ? j.times(m).plus(i) : i.times(n).plus(j));
    Scalar left = new Scalar.Load(DType.FLOAT32, 0, a, List.of());
    Scalar right = new Scalar.Load(DType.FLOAT32, 1, b, List.of());
    return new Loop(
        "product",
        List.of(batch, m, n),
        List.of(
            new Phase(List.of(k), List.of(new Fold(FoldKind.CHAIN, left, right)), List.of()),
            store(2, c)),
        List.of(
            new Argument(DType.FLOAT32, (long) batch * m * k, false),
            new Argument(DType.FLOAT32, (long) batch * n * k, false),
            new Argument(DType.FLOAT32, (long) batch * m * n, true)));
  }

  private static Phase store(int argument, Index at) {
    Scalar folded = new Scalar.Folded(DType.FLOAT32, 0, 0);
    return new Phase(List.of(), List.of(), List.of(new Store(argument, at, folded)));
  }

  @Test
  void productsGoToCublas() {
    int[][] sizes = {
      {1, 7, 5, 9}, {3, 7, 5, 9}, {1, 1, 5, 9}, {2, 7, 1, 9}, {4, 7, 5, 1}, {1, 1, 1, 1}
    };
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.FLOAT32)) {
      for (int[] s : sizes) {
        for (int t = 0; t < 8; t++) {
          Loop loop = product(s[0], s[1], s[2], s[3], (t & 1) != 0, (t & 2) != 0, (t & 4) != 0);
          long before = standIn.productsRun();
          List<MemorySegment> arguments = new ArrayList<>();
          loop.arguments().forEach(a -> arguments.add(random((int) a.size())));
          compare(reference, device, loop, arguments, params());
          assertEquals("cuBLAS", device.compile(loop).how());
          assertEquals(before + 1, standIn.productsRun(), loop.toString());
        }
      }
    }
  }

  @Test
  void productsOfOurOwnKeepTheChain() {
    int[][] sizes = {{1, 70, 45, 33}, {3, 9, 8, 50}, {1, 200, 140, 20}};
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      for (int[] s : sizes) {
        for (int t = 0; t < 8; t += 3) {
          Loop loop = product(s[0], s[1], s[2], s[3], (t & 1) != 0, (t & 2) != 0, (t & 4) != 0);
          List<MemorySegment> arguments = new ArrayList<>();
          loop.arguments().forEach(a -> arguments.add(random((int) a.size())));
          compare(reference, device, loop, arguments, params());
          String how = device.compile(loop).how();
          assertTrue(how.startsWith("matrix product in tiles of "), how);
        }
      }
    }
  }

  /** w = mu + sigma * noise and bits beside it, for some samples of some weights. */
  static Loop samples(int samples, int size) {
    List<Integer> kept = samples == 1 ? List.of(size) : List.of(samples, size);
    Index element = Index.axis(kept.size() - 1, size);
    Index sample = samples == 1 ? Index.of(3) : Index.axis(0, samples).times(2);
    Index at = samples == 1 ? element : Index.axis(0, samples).times(size).plus(element);
    Scalar noise = new Scalar.Noise(Scalar.NoiseKind.NORMAL, 4, element, 0, sample);
    Scalar bits = new Scalar.Noise(Scalar.NoiseKind.BITS, 6, element, 0, sample);
    Scalar mu = new Scalar.Load(DType.FLOAT32, 0, at, List.of());
    Scalar sigma = new Scalar.Load(DType.FLOAT32, 1, element, List.of());
    Scalar product = new Scalar.Binary(Scalar.Word2.MUL, sigma, noise);
    Scalar value = new Scalar.Binary(Scalar.Word2.ADD, mu, product);
    long all = (long) samples * size;
    return new Loop(
        "samples",
        kept,
        List.of(
            new Phase(
                List.of(), List.of(), List.of(new Store(2, at, value), new Store(3, at, bits)))),
        List.of(
            new Argument(DType.FLOAT32, all, false),
            new Argument(DType.FLOAT32, size, false),
            new Argument(DType.FLOAT32, all, true),
            new Argument(DType.INT32, all, true)));
  }

  @Test
  void drawsTravelFourAtATime() {
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      for (int[] s :
          new int[][] {{1, 1}, {1, 63}, {1, 64}, {1, 1001}, {3, 128}, {5, 64}, {3, 100}}) {
        Loop loop = samples(s[0], s[1]);
        assertEquals(s[0] == 1 || s[1] % 64 == 0, WideSource.of(loop, "k").isPresent());
        List<MemorySegment> arguments = new ArrayList<>();
        loop.arguments().forEach(a -> arguments.add(random((int) a.size())));
        compare(reference, device, loop, arguments, random(RandomLoops.PARAM_WORDS));
      }
    }
  }

  @Test
  void arraysThatBeginAnywhereAreTakenOneByOne() {
    try (CudaDevice device = device(Products.OWN);
        Buffer y = device.allocate(4 * 50);
        Buffer params = device.allocate(4 * 8)) {
      device.write(y, 0, MemorySegment.ofArray(new float[50]));
      device.write(params, 16, MemorySegment.ofArray(new float[] {1}));
      Loop loop = count(40);
      assertTrue(WideSource.of(loop, "k").isPresent());
      Slice slice = new Slice(y, 4, 160);
      Launch launch = new Launch(device.compile(loop), List.of(slice, slice));
      try (Prepared prepared = device.prepare(List.of(launch), params)) {
        prepared.run();
      }
      float[] got = new float[50];
      device.read(y, 0, MemorySegment.ofArray(got));
      for (int i = 0; i < 50; i++) {
        assertEquals(i >= 1 && i <= 40 ? 1 : 0, got[i], "element " + i);
      }
    }
  }

  @Test
  void aLongSumIsSharedOut() {
    int size = 4096 * 5 + 77;
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, Index.axis(0, size), List.of());
    Loop loop =
        new Loop(
            "sum",
            List.of(),
            List.of(
                new Phase(
                    List.of(size),
                    List.of(new Fold(FoldKind.SUM, x), new Fold(FoldKind.MAX, x)),
                    List.of()),
                store(1, Index.ZERO)),
            List.of(
                new Argument(DType.FLOAT32, size, false), new Argument(DType.FLOAT32, 1, true)));
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      compare(reference, device, loop, List.of(random(size), room(1)), params());
      assertEquals("generated in 3 passes", device.compile(loop).how());
      assertEquals(0, device.allocatedBytes());
    }
  }

  @Test
  void foldsOfEveryLengthKeepTheirShape() {
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      for (int size : new int[] {1, 3, 10, 33, 300, 1000, 1500, 4097, 9000}) {
        Loop loop = FoldLoops.rows(17, size);
        assertTrue(WarpSource.of(loop, "k").isPresent());
        List<MemorySegment> arguments = new ArrayList<>();
        loop.arguments().forEach(a -> arguments.add(random((int) a.size())));
        compare(reference, device, loop, arguments, params());
      }
    }
  }

  @Test
  void aLongSumAndWhatIsStoredBesideItAreOnePass() {
    Loop loop = FoldLoops.drawnAndSummed(4 * 4096 + 100);
    List<Loop> parts = SplitFolds.of(loop, 4).loops();
    assertTrue(WideSource.ofTiles(parts.get(0), "k").isPresent());
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      List<MemorySegment> arguments = new ArrayList<>();
      loop.arguments().forEach(a -> arguments.add(random((int) a.size())));
      compare(reference, device, loop, arguments, random(RandomLoops.PARAM_WORDS));
      assertEquals("generated in 3 passes", device.compile(loop).how());
    }
  }

  /** Masks whose rows begin anywhere in the draw: 13 bits a row, drawn from some row on. */
  @Test
  void drawsOfRowsTravelFourAtATime() {
    Index element = Index.axis(0, 40).times(13).plus(Index.axis(1, 13));
    Scalar bits = new Scalar.Noise(Scalar.NoiseKind.BITS, 6, element, 13, Index.ZERO);
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, element, List.of());
    Scalar kept = new Scalar.Binary(Scalar.Word2.MUL, x, new Scalar.Cast(DType.FLOAT32, bits));
    Loop loop =
        new Loop(
            "rows of bits",
            List.of(40, 13),
            List.of(new Phase(List.of(), List.of(), List.of(new Store(1, element, kept)))),
            List.of(
                new Argument(DType.FLOAT32, 520, false), new Argument(DType.FLOAT32, 520, true)));
    assertTrue(WideSource.of(loop, "k").isPresent());
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      for (int firstRow : new int[] {0, 1, 64, 1000}) {
        MemorySegment params = params();
        params.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, Params.FIRST_ROW, firstRow);
        compare(reference, device, loop, List.of(random(520), room(520)), params);
      }
    }
  }

  @Test
  void routinesRun() {
    Argument in = new Argument(DType.FLOAT32, 2 * 25, false);
    Argument out = new Argument(DType.FLOAT32, 2 * 25, true);
    Routine routine = new Routine("cholesky", 2, List.of(5), List.of(in, out));
    MemorySegment a = random(50);
    for (int i = 0; i < 50; i += 6) {
      a.setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i % 50, 20);
    }
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      compare(reference, device, routine, List.of(a, room(50)), params());
    }
  }

  // ---- Graphs ----

  /** y = y + 1, in place. */
  private static Loop count(int size) {
    Index i = Index.axis(0, size);
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, i, List.of());
    Scalar more = new Scalar.Binary(Scalar.Word2.ADD, x, new Scalar.Param(DType.FLOAT32, 4));
    return new Loop(
        "count",
        List.of(size),
        List.of(new Phase(List.of(), List.of(), List.of(new Store(1, i, more)))),
        List.of(new Argument(DType.FLOAT32, size, false), new Argument(DType.FLOAT32, size, true)));
  }

  @Test
  void aRunIsOneGraphLaunchAndReadsTheParametersOfTheDay() {
    try (CudaDevice device = device(Products.FLOAT32);
        Buffer y = device.allocate(4 * 1000);
        Buffer params = device.allocate(4 * 8)) {
      device.write(y, 0, MemorySegment.ofArray(new float[1000]));
      Slice slice = new Slice(y, 0, y.bytes());
      Launch launch = new Launch(device.compile(count(1000)), List.of(slice, slice));
      try (Prepared prepared = device.prepare(List.of(launch, launch), params)) {
        long kernels = standIn.kernelsRun();
        long graphs = standIn.graphsLaunched();
        for (int step = 1; step <= 3; step++) {
          device.write(params, 16, MemorySegment.ofArray(new float[] {step}));
          prepared.run();
        }
        float[] got = new float[1000];
        device.read(y, 0, MemorySegment.ofArray(got));
        assertEquals(2 * (1 + 2 + 3), got[999]);
        assertEquals(kernels + 6, standIn.kernelsRun());
        assertEquals(graphs + 3, standIn.graphsLaunched());
      }
    }
  }

  @Test
  void anEmptyListRunsNothing() {
    try (CudaDevice device = device(Products.FLOAT32);
        Buffer params = device.allocate(64);
        Prepared prepared = device.prepare(List.of(), params)) {
      long graphs = standIn.graphsLaunched();
      prepared.run();
      device.await();
      assertEquals(graphs, standIn.graphsLaunched());
    }
  }

  @Test
  void largeArraysTravelInPieces() {
    float[] there = new float[(5 << 20) + 3];
    for (int i = 0; i < there.length; i++) {
      there[i] = i;
    }
    float[] back = new float[there.length];
    try (CudaDevice device = device(Products.FLOAT32);
        Buffer buffer = device.allocate(4L * there.length)) {
      device.write(buffer, 0, MemorySegment.ofArray(there));
      device.read(buffer, 0, MemorySegment.ofArray(back));
    }
    org.junit.jupiter.api.Assertions.assertArrayEquals(there, back);
  }

  // ---- Memory and mistakes ----

  @Test
  void memoryIsCountedAndGivenBack() {
    long before = standIn.bytesAllocated();
    try (CudaDevice device = device(Products.FLOAT32)) {
      Buffer small = device.allocate(100);
      Buffer none = device.allocate(0);
      Buffer large = device.allocate(50 << 20);
      assertEquals(100 + (50 << 20), device.allocatedBytes());
      List.of(small, none, large, large).forEach(Buffer::close);
      assertEquals(0, device.allocatedBytes());
      assertThrows(
          IllegalStateException.class,
          () -> device.write(small, 0, MemorySegment.ofArray(new float[1])));
    }
    assertEquals(before, standIn.bytesAllocated());
  }

  /** What is freed stays with the pool for whoever asks next, and goes with the device. */
  @Test
  void aPoolKeepsWhatIsFreed() {
    int bytes = 50 << 20;
    long before = standIn.bytesReserved();
    try (CudaDevice device = device(Products.FLOAT32)) {
      device.allocate(bytes).close();
      device.await();
      assertEquals(before + bytes, standIn.bytesReserved());
      try (Buffer again = device.allocate(bytes)) {
        assertEquals(before, standIn.bytesReserved());
        float[] back = new float[10];
        device.write(again, 0, random(10));
        device.read(again, 0, MemorySegment.ofArray(back));
        assertEquals(random(10).mismatch(MemorySegment.ofArray(back)), -1);
      }
    }
    assertEquals(0, standIn.bytesReserved());
  }

  @Test
  void withoutAPoolMemoryComesFromTheDriver() {
    standIn.offerPools(false);
    long pooled = standIn.calls().getOrDefault("cuMemAllocAsync", 0L);
    long before = standIn.bytesAllocated();
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.FLOAT32);
        Buffer large = device.allocate(50 << 20)) {
      compare(reference, device, count(10), List.of(random(10), room(10)), params());
      standIn.fail("cuMemAlloc_v2", 1, 2, false);
      assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(large.bytes()));
    }
    assertEquals(pooled, standIn.calls().getOrDefault("cuMemAllocAsync", 0L));
    assertEquals(before, standIn.bytesAllocated());
  }

  @Test
  void memoryThatCannotBeHadIsSaidAndTheDeviceGoesOn() {
    try (CudaDevice device = device(Products.FLOAT32)) {
      standIn.failAllocation(1);
      String said =
          assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(20 << 20))
              .getMessage();
      assertEquals(
          "The device cuda:0 cannot give 20971520 bytes: 0 of its memory are in use here.", said);
      device.allocate(20 << 20).close();
      assertThrows(OutOfDeviceMemoryException.class, () -> device.allocate(2L << 30));
      device.await();
    }
  }

  @Test
  void aFaultLosesTheDeviceAndNamesTheKernel() {
    CudaDevice device = device(Products.FLOAT32);
    Buffer y = device.allocate(4 * 10);
    Buffer params = device.allocate(4 * 8);
    Slice slice = new Slice(y, 0, y.bytes());
    Launch launch = new Launch(device.compile(count(10)), List.of(slice, slice));
    Prepared prepared = device.prepare(List.of(launch), params);
    standIn.failKernel(1, ILLEGAL_ADDRESS);
    assertTrue(device.isOpen());
    prepared.run();
    String expected =
        "The device cuda:0 is lost: cuCtxSetCurrent failed: CUDA_ERROR_ILLEGAL_ADDRESS (an illegal"
            + " memory access was encountered), after it had run count.";
    for (int i = 0; i < 2; i++) {
      String said = assertThrows(IllegalStateException.class, device::await).getMessage();
      assertEquals(expected, said);
      assertFalse(device.isOpen());
    }
    assertEquals(expected, assertThrows(IllegalStateException.class, prepared::run).getMessage());
    prepared.close();
    y.close();
    params.close();
    device.close();

    standIn.heal();
    try (CudaDevice another = device(Products.FLOAT32)) {
      another.await();
    }
  }

  @Test
  void memoryOfAClosedBufferIsNotRunOn() {
    try (CudaDevice device = device(Products.FLOAT32)) {
      Buffer y = device.allocate(4 * 10);
      Buffer params = device.allocate(4 * 8);
      Slice slice = new Slice(y, 0, y.bytes());
      Launch launch = new Launch(device.compile(count(10)), List.of(slice, slice));
      try (Prepared prepared = device.prepare(List.of(launch), params)) {
        y.close();
        assertThrows(IllegalStateException.class, prepared::run);
      }
      params.close();
    }
  }

  @Test
  void aPreparationThatFailsLeavesNothingBehind() {
    try (CudaDevice device = device(Products.FLOAT32);
        Buffer y = device.allocate(4 * 10);
        Buffer params = device.allocate(4 * 8)) {
      Slice half = new Slice(y, 0, 20);
      Launch launch = new Launch(device.compile(count(10)), List.of(half, half));
      assertThrows(IllegalArgumentException.class, () -> device.prepare(List.of(launch), params));
      device.await();
      assertEquals(72, device.allocatedBytes());
    }
  }

  // ---- Compiling ----

  @Test
  void kernelsAreKeptOnDiskAndDamagedOnesAreMadeAnew() throws IOException {
    Path cache = folder.resolve("cache");
    for (int round = 0; round < 3; round++) {
      try (ReferenceDevice reference = new ReferenceDevice();
          CudaDevice device = device(Products.FLOAT32)) {
        compare(reference, device, count(10), List.of(random(10), room(10)), params());
      }
      try (var files = Files.list(cache)) {
        List<Path> kept = files.toList();
        assertEquals(1, kept.size(), kept.toString());
        byte[] bytes = Files.readAllBytes(kept.get(0));
        if (round == 0) {
          Files.write(kept.get(0), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        } else if (round == 1) {
          bytes[bytes.length / 2] ^= 1;
          Files.write(kept.get(0), bytes);
        }
      }
    }
  }

  @Test
  void whatTheCompilerRefusesIsSaid() {
    BinaryCache cache = new BinaryCache(folder);
    try (KernelCompiler compiler = new KernelCompiler(90, cache)) {
      var image = compiler.compile("k", "CR_KERNEL void k(CR_GLOBAL cr_i32 *params) { nonsense; }");
      Throwable cause =
          assertThrows(java.util.concurrent.ExecutionException.class, image::get).getCause();
      assertTrue(cause.getMessage().startsWith("NVRTC refused the kernel k"), cause.getMessage());
      assertTrue(cause.getMessage().contains("nonsense"), cause.getMessage());
    }
  }
}
