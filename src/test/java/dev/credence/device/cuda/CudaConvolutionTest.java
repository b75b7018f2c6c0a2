package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.device.cuda.CudaDevice.Products;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.grad.Gradients;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopText;
import dev.credence.kernel.Padding;
import dev.credence.kernel.ProductTiles;
import dev.credence.kernel.RandomConvolutions;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Convolutions and poolings by cuDNN, over the stand-in. */
class CudaConvolutionTest {
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

  /** A device; kernels are compiled once for all tests. */
  private static CudaDevice device(Products products) {
    return new CudaDevice(0, products, BinaryCache.ofUser("cuda"));
  }

  private record Arrays(Tensor x, Tensor w) {}

  /** A convolution, its gradients, and how the device ran it all. */
  private record Result(float[] y, float[] dx, float[] dw, List<String> how) {}

  /** n images of c channels, h x w; o filters of kh x kw; stride, padding, dilation, groups. */
  private record Case(
      int n, int c, int h, int w, int o, int kh, int kw, int s, int p, int d, int g) {
    Result run(Device device) {
      Arrays arrays = new Arrays(whole("x", n, c, h, w), whole("w", o, c / g, kh, kw));
      try (State<Arrays> state = State.of(device, 1, arrays)) {
        Tensor x = state.tree().x();
        Tensor w = state.tree().w();
        Tensor y = Convolution.conv2d(x, w, s, p, d, g);
        Tensor weighted = y.mul(whole("g", y.shape().dims()));
        List<Tensor> gradients = Gradients.of(weighted.sumAll(), List.of(x, w));
        try (Program program =
            Program.on(device, state)
                .output("y", y)
                .output("dx", gradients.get(0))
                .output("dw", gradients.get(1))
                .build()) {
          program.run();
          return new Result(
              program.get("y").floats(),
              program.get("dx").floats(),
              program.get("dw").floats(),
              program.how());
        }
      }
    }
  }

  /** Whole numbers, whose sums are exact in any order. */
  private static Tensor whole(String name, int... dims) {
    Tensor numbers = Tensor.normal(Key.ROOT.split(name), dims).mul(3);
    return numbers.cast(DType.INT32).cast(DType.FLOAT32);
  }

  private static final List<Case> CASES =
      List.of(
          new Case(3, 1, 12, 12, 4, 5, 5, 1, 0, 1, 1),
          new Case(3, 4, 12, 10, 6, 5, 3, 1, 0, 1, 1),
          new Case(1, 3, 15, 12, 5, 3, 4, 3, 2, 1, 1),
          new Case(2, 3, 12, 12, 5, 3, 3, 1, 2, 2, 1),
          new Case(2, 4, 10, 9, 4, 3, 3, 2, 1, 1, 2),
          new Case(3, 2, 8, 9, 3, 1, 3, 1, 0, 1, 1));

  @Test
  void convolutionsGoToCudnnInAllThreeDirections() {
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.FLOAT32)) {
      for (Case c : CASES) {
        long before = standIn.convolutionsRun();
        Result wanted = c.run(reference);
        Result got = c.run(device);
        assertArrayEquals(wanted.y, got.y, c + " forward");
        assertArrayEquals(wanted.dx, got.dx, c + " backward data");
        assertArrayEquals(wanted.dw, got.dw, c + " backward filter");
        assertEquals(
            3, got.how.stream().filter(h -> h.contains("cuDNN")).count(), c + " " + got.how);
      }
      assertEquals(0, device.allocatedBytes());
    }
  }

  /**
   * Of arrays that lie in any order, with any padding: those that cuDNN takes, and padded copies.
   */
  @Test
  void randomConvolutionsEqualTheReferenceDevice() {
    RandomConvolutions convolutions = new RandomConvolutions(11);
    int direct = 0;
    int padded = 0;
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.FLOAT32)) {
      for (int i = 0; i < 1000 && direct + padded < 24; i++) {
        Loop loop = convolutions.next();
        boolean found = DnnConvolution.of(loop).isPresent();
        if (!found && (i % 10 != 0 || Padding.of(loop).isEmpty())) {
          continue;
        }
        String how = device.compile(loop).how();
        direct += how.equals("cuDNN") ? 1 : 0;
        padded += how.equals("cuDNN of a padded copy") ? 1 : 0;
        List<MemorySegment> data = convolutions.data(loop);
        data.forEach(CudaConvolutionTest::round);
        MemorySegment params = MemorySegment.ofArray(new int[16]);
        List<MemorySegment> wanted = Twin.run(reference, loop, data, params);
        List<MemorySegment> got = Twin.run(device, loop, data, params);
        assertEquals("", Twin.difference(loop, wanted, got), () -> LoopText.of(loop));
      }
    }
    assertTrue(direct >= 12 && padded >= 1, direct + " by cuDNN, " + padded + " of padded copies");
  }

  private static void round(MemorySegment numbers) {
    for (long i = 0; i < numbers.byteSize() / 4; i++) {
      float number = numbers.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      numbers.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, Math.round(3 * number));
    }
  }

  @Test
  void theLargestOfWindowsIsPooledByCudnn() {
    Tensor images = Tensor.normal(Key.ROOT, 2, 3, 9, 8);
    for (int[] window : new int[][] {{2, 2}, {3, 2}, {3, 3}}) {
      List<float[]> results = new ArrayList<>();
      try (ReferenceDevice reference = new ReferenceDevice();
          CudaDevice cuda = device(Products.FLOAT32)) {
        for (Device device : List.of(reference, cuda)) {
          try (State<Tensor> state = State.of(device, 1, images);
              Program program =
                  Program.on(device, state)
                      .output("y", Convolution.maxPool2d(state.tree(), window[0], window[1]))
                      .build()) {
            long before = standIn.convolutionsRun();
            program.run();
            results.add(program.get("y").floats());
            assertEquals(device == cuda ? before + 1 : before, standIn.convolutionsRun());
          }
        }
      }
      assertArrayEquals(results.get(0), results.get(1));
    }
  }

  /**
   * Means and, of windows side by side that fill the images, their gradient; not the gradient of
   * maxima. The numbers are whole and so many that a mean of 4 or 16 is exact.
   */
  @Test
  void meansOfWindowsArePooledByCudnn() {
    Weighted images = new Weighted(whole("x", 2, 3, 9, 8), whole("g", 2, 3, 4, 4));
    assertEquals(List.of(1L, 0L), pooled(images, 2, 2));
    images = new Weighted(whole("x", 2, 3, 8, 8), whole("g", 2, 3, 4, 4));
    assertEquals(List.of(2L, 0L), pooled(images, 2, 2));
    images = new Weighted(whole("x", 1, 3, 8, 8), whole("g", 1, 3, 2, 2));
    assertEquals(List.of(2L, 0L), pooled(images, 4, 4));
    images = new Weighted(whole("x", 2, 3, 6, 8), whole("g", 2, 3, 2, 3));
    assertEquals(List.of(1L, 0L), pooled(images, 4, 2));
  }

  private record Weighted(Tensor x, Tensor g) {}

  /** How many kernels go to cuDNN with means and gradient, and with maxima and gradient. */
  private static List<Long> pooled(Weighted arrays, int size, int stride) {
    List<Long> counts = new ArrayList<>();
    List<float[]> results = new ArrayList<>();
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice cuda = device(Products.FLOAT32)) {
      for (Device device : List.of(reference, cuda)) {
        for (boolean largest : new boolean[] {false, true}) {
          try (State<Weighted> state = State.of(device, 1, arrays)) {
            Tensor x = state.tree().x();
            Tensor y =
                largest
                    ? Convolution.maxPool2d(x, size, stride)
                    : Convolution.avgPool2d(x, size, stride);
            Tensor loss = y.mul(state.tree().g()).sumAll();
            Tensor dx = Gradients.of(loss, List.of(x)).get(0);
            try (Program program =
                Program.on(device, state).output("y", y).output("dx", dx).build()) {
              program.run();
              results.add(program.get("y").floats());
              results.add(program.get("dx").floats());
              if (device == cuda) {
                counts.add(program.how().stream().filter(how -> how.endsWith("cuDNN")).count());
              }
            }
          }
        }
      }
    }
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(results.get(i), results.get(i + 4));
    }
    return counts;
  }

  private static final Case SMALL = new Case(2, 2, 6, 6, 3, 3, 3, 1, 0, 1, 1);

  @Test
  void anAlgorithmIsMeasuredOnceForItsShapeAndKept() throws IOException {
    BinaryCache cache = new BinaryCache(folder);
    try (CudaDevice device = new CudaDevice(0, Products.FLOAT32, cache)) {
      SMALL.run(device);
    }
    long before = standIn.convolutionsRun();
    try (CudaDevice device = new CudaDevice(0, Products.FLOAT32, cache)) {
      SMALL.run(device);
      assertEquals(before + 3, standIn.convolutionsRun(), "a run, and none to measure");
    }
    // An entry that is damaged is measured anew.
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        if (Files.size(file) < 100) {
          Files.write(file, new byte[20]);
        }
      }
    }
    before = standIn.convolutionsRun();
    try (CudaDevice device = new CudaDevice(0, Products.FLOAT32, cache)) {
      SMALL.run(device);
      assertTrue(standIn.convolutionsRun() > before + 3);
    }
  }

  @Test
  void whatCudnnRefusesIsComputedByOurOwn() {
    standIn.refuseConvolutions(true);
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = new CudaDevice(0, Products.FLOAT32, new BinaryCache(folder))) {
      long before = standIn.convolutionsRun();
      Result wanted = SMALL.run(reference);
      Result got = SMALL.run(device);
      assertArrayEquals(wanted.y, got.y);
      assertArrayEquals(wanted.dx, got.dx);
      assertArrayEquals(wanted.dw, got.dw);
      assertEquals(before, standIn.convolutionsRun());
      assertEquals(0, device.allocatedBytes());
    }
  }

  /** In tiles of our own, all three directions have the bits of the reference device. */
  @Test
  void reproduciblyConvolutionsAreTilesOfOurOwn() {
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      long before = standIn.convolutionsRun();
      for (Case c : CASES) {
        Result wanted = c.run(reference);
        Result got = c.run(device);
        assertArrayEquals(wanted.y, got.y, c + " forward");
        assertArrayEquals(wanted.dx, got.dx, c + " backward data");
        assertArrayEquals(wanted.dw, got.dw, c + " backward filter");
      }
      Case large = new Case(5, 6, 13, 12, 9, 3, 4, 2, 1, 1, 1);
      assertEquals(
          3, large.run(device).how.stream().filter(how -> how.contains("in tiles of")).count());
      assertEquals(before, standIn.convolutionsRun());
      assertEquals(0, device.allocatedBytes());
    }
  }

  /** Of arrays that lie in any order, with any padding, and of numbers that are rounded. */
  @Test
  void randomConvolutionsInTilesKeepTheChain() {
    RandomConvolutions convolutions = new RandomConvolutions(23);
    int direct = 0;
    int padded = 0;
    try (ReferenceDevice reference = new ReferenceDevice();
        CudaDevice device = device(Products.OWN)) {
      ProductTiles.Limits any = new ProductTiles.Limits(1, 1024, 48 << 10);
      for (int i = 0; i < 1000 && direct + padded < 12; i++) {
        Loop loop = convolutions.next();
        boolean plain = ProductTiles.of(loop, any).isPresent();
        Optional<List<Loop>> copied = plain ? Optional.empty() : Padding.of(loop);
        boolean tiles = plain || copied.flatMap(l -> ProductTiles.of(l.getLast(), any)).isPresent();
        if (!tiles || (plain ? direct : padded) >= 6) {
          continue;
        }
        direct += plain ? 1 : 0;
        padded += plain ? 0 : 1;
        String how = device.compile(loop).how();
        assertTrue(how.contains(" in tiles of "), how);
        assertEquals(!plain, how.endsWith(" of a padded copy"), how);
        List<MemorySegment> data = convolutions.data(loop);
        MemorySegment params = MemorySegment.ofArray(new int[16]);
        List<MemorySegment> wanted = Twin.run(reference, loop, data, params);
        List<MemorySegment> got = Twin.run(device, loop, data, params);
        assertEquals("", Twin.difference(loop, wanted, got), () -> LoopText.of(loop));
      }
    }
    assertEquals(List.of(6, 6), List.of(direct, padded));
  }

  /** The memory to measure in cannot be had: the user is told of memory, and the device goes on. */
  @Test
  void noMemoryToMeasureIn() {
    try (CudaDevice device = device(Products.FLOAT32)) {
      SMALL.run(device);
      Case large = new Case(16, 8, 160, 160, 8, 3, 3, 1, 1, 1, 1);
      standIn.failAllocation(2);
      assertThrows(OutOfDeviceMemoryException.class, () -> large.run(device));
      standIn.failAllocation(0);
      SMALL.run(device);
      assertEquals(0, device.allocatedBytes());
    }
  }
}
