package dev.credence.device.cpu;

import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.lang.foreign.Arena;

/** A matrix product as C reads it: struct cr_gemm of native/gemm.h, field by field. */
final class GemmDescriptor {
  private static final int PLAN = 22;
  private static final int PLAN_WORDS = 42;

  private GemmDescriptor() {}

  /** A descriptor with all but its addresses. */
  static ProductDescriptor plan(
      NativeLibrary library, MatrixProduct product, int threads, Arena arena) {
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
    var descriptor =
        new ProductDescriptor(
            arena, "cr_gemm", product.a(), product.b(), product.c(), PLAN, PLAN_WORDS);
    for (int i = 0; i < fields.length; i++) {
      descriptor.set(ProductDescriptor.FIRST + i, fields[i]);
    }
    return descriptor.planned(library, threads);
  }
}
