package dev.credence.device.cpu;

import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A matrix product as C reads it: struct cr_gemm of native/gemm.h, field by field. */
final class GemmDescriptor {
  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int SCRATCH = 3;
  private static final int SIZES = 4;
  private static final int PARTS = 22;
  private static final int PART_BYTES = 23;
  private static final int WORDS = 64;

  private GemmDescriptor() {}

  /** A descriptor with all but its addresses. */
  static MemorySegment plan(
      NativeLibrary library, MatrixProduct product, int threads, Arena arena) {
    MemorySegment descriptor = arena.allocate(8L * WORDS, 64);
    Axis m = product.m();
    Axis n = product.n();
    Axis k = product.k();
    Axis batch0 = product.batch0();
    Axis batch1 = product.batch1();
    long[] fields = {
      m.extent(),
      n.extent(),
      k.extent(),
      m.a(),
      k.a(),
      k.b(),
      n.b(),
      m.c(),
      n.c(),
      0,
      batch0.extent(),
      batch1.extent(),
      batch0.a(),
      batch1.a(),
      batch0.b(),
      batch1.b(),
      batch0.c(),
      batch1.c()
    };
    for (int i = 0; i < fields.length; i++) {
      set(descriptor, SIZES + i, fields[i]);
    }
    NativeLibrary.call(library.address("cr_gemm_plan"), descriptor.address(), threads, 0);
    return descriptor;
  }

  static long parts(MemorySegment descriptor) {
    return get(descriptor, PARTS);
  }

  static long scratchBytes(MemorySegment descriptor) {
    return get(descriptor, PARTS) * get(descriptor, PART_BYTES);
  }

  static void bind(MemorySegment descriptor, long a, long b, long c, long scratch) {
    set(descriptor, A, a);
    set(descriptor, B, b);
    set(descriptor, C, c);
    set(descriptor, SCRATCH, scratch);
  }

  private static long get(MemorySegment descriptor, int word) {
    return descriptor.getAtIndex(ValueLayout.JAVA_LONG, word);
  }

  private static void set(MemorySegment descriptor, int word, long value) {
    descriptor.setAtIndex(ValueLayout.JAVA_LONG, word, value);
  }
}
