package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.LoopText;
import dev.credence.kernel.RandomConvolutions;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Convolutions give the reference device's bits with any threads and at both levels. */
class ConvolutionTest {
  private static final DType F = DType.FLOAT32;
  private static final int CASES = 400;

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
            new CpuDevice(library.atFloor(), 1),
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
  void randomConvolutions() {
    RandomConvolutions convolutions = new RandomConvolutions(5);
    int found = 0;
    int padded = 0;
    for (int i = 0; i < CASES; i++) {
      Loop loop = convolutions.next();
      padded += PaddedProduct.of(loop).isPresent() ? 1 : 0;
      found += check(loop, convolutions.data(loop)).startsWith("convolution") ? 1 : 0;
    }
    assertTrue(found > CASES / 2, found + " of " + CASES + " ran as convolutions");
    assertTrue(padded > CASES / 20, padded + " of " + CASES + " had zeros to leave out");
  }

  /**
   * Zeros outside an image may be left out only where that shows nowhere: 0 times an infinity is no
   * number, and where all products vanish the sign of the last ones stays.
   */
  @Test
  void zerosThatShow() {
    RandomConvolutions convolutions = new RandomConvolutions(7);
    int found = 0;
    int negative = 0;
    for (int i = 0; i < 4 * CASES && found < 60; i++) {
      Loop loop = convolutions.next();
      if (PaddedProduct.of(loop).isEmpty()) {
        continue;
      }
      found++;
      List<MemorySegment> data = convolutions.data(loop);
      if (found % 2 == 0) {
        MemorySegment filter = data.get(1);
        float odd = found % 4 == 0 ? Float.NEGATIVE_INFINITY : Float.NaN;
        filter.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, filter.byteSize() / 8, odd);
      } else {
        scale(data.get(0), 1e-30f);
        scale(data.get(1), 1e-30f);
      }
      negative += negativeZeros(Twin.run(reference, loop, data, params()).get(2));
      check(loop, data);
    }
    assertEquals(60, found);
    assertTrue(negative > 1000, negative + " negative zeros came out");
  }

  private static void scale(MemorySegment array, float by) {
    for (long i = 0; i < array.byteSize() / 4; i++) {
      float element = array.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      array.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, element * by);
    }
  }

  private static int negativeZeros(MemorySegment array) {
    int count = 0;
    for (long i = 0; i < array.byteSize() / 4; i++) {
      count += array.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i) == Integer.MIN_VALUE ? 1 : 0;
    }
    return count;
  }

  private static MemorySegment params() {
    return MemorySegment.ofArray(new int[16]);
  }

  /** A filter's gradient: few sums, each so long that it is computed block by block. */
  @Test
  void longSums() {
    RandomConvolutions convolutions = new RandomConvolutions(6);
    for (int[] s : new int[][] {{7, 3, 24, 20, 5}, {3, 2, 61, 5, 3}, {1, 1, 140, 1, 3}}) {
      int n = s[0];
      int c = s[1];
      int out = s[2];
      int o = s[3];
      int k = s[4];
      int side = out + k - 1;
      Index channel = Index.axis(0, c);
      Index filter = Index.axis(1, o);
      Index row = Index.axis(2, k);
      Index column = Index.axis(3, k);
      Index image = Index.axis(4, n);
      Index y = Index.axis(5, out);
      Index x = Index.axis(6, out);
      Index pixel = image.times(c).plus(channel).times(side).plus(y.plus(row)).times(side);
      Index gradient = image.times(o).plus(filter).times(out).plus(y).times(out).plus(x);
      Fold fold =
          new Fold(
              FoldKind.CHAIN,
              new Scalar.Load(F, 0, pixel.plus(x.plus(column)), List.of()),
              new Scalar.Load(F, 1, gradient, List.of()));
      Index to = filter.times(c).plus(channel).times(k).plus(row).times(k).plus(column);
      Store store = new Store(2, to, new Scalar.Folded(F, 0, 0));
      Loop loop =
          new Loop(
              "gradient",
              Loop.list(c, o, k, k),
              List.of(
                  new Phase(Loop.list(n, out, out), List.of(fold), List.of()),
                  new Phase(List.of(), List.of(), List.of(store))),
              List.of(
                  new Argument(F, (long) n * c * side * side, false),
                  new Argument(F, (long) n * o * out * out, false),
                  new Argument(F, (long) o * c * k * k, true)));
      assertEquals("convolution", check(loop, convolutions.data(loop)));
    }
  }

  /** Gives how the first device runs the loop. */
  private static String check(Loop loop, List<MemorySegment> data) {
    MemorySegment params = params();
    List<MemorySegment> wanted = Twin.run(reference, loop, data, params);
    for (CpuDevice device : devices) {
      List<MemorySegment> got = Twin.run(device, loop, data, params);
      assertEquals("", Twin.difference(loop, wanted, got), () -> LoopText.of(loop));
    }
    return devices.get(0).compile(loop).how();
  }
}
