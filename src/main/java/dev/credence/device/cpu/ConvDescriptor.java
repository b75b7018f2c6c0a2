package dev.credence.device.cpu;

import dev.credence.kernel.ChainProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.lang.foreign.Arena;
import java.util.List;

/** A sum of products as C reads it: struct cr_conv of native/conv.h, field by field. */
final class ConvDescriptor {
  private static final int MOST_AXES = 6;
  private static final int MOST_DEPTH = 1280;
  private static final int GROUPS = 4;
  private static final int COUNTS = ProductDescriptor.FIRST;
  private static final int AXES = COUNTS + GROUPS;
  private static final int PLAN = AXES + GROUPS * MOST_AXES * 4;
  private static final int PLAN_WORDS = 4 + GROUPS * (2 + MOST_AXES * 4) + 16 + MOST_DEPTH;

  private ConvDescriptor() {}

  /** Whether C has room for all axes. */
  static boolean holds(ChainProduct product) {
    return groups(product).stream().allMatch(axes -> axes.size() <= MOST_AXES);
  }

  private static List<List<Axis>> groups(ChainProduct product) {
    return List.of(product.outer(), product.rows(), product.columns(), product.sums());
  }

  /** A descriptor with all but its addresses. */
  static ProductDescriptor plan(
      NativeLibrary library, ChainProduct product, int threads, Arena arena) {
    var descriptor =
        new ProductDescriptor(
            arena, "cr_conv", product.a(), product.b(), product.c(), PLAN, PLAN_WORDS);
    List<List<Axis>> groups = groups(product);
    for (int group = 0; group < GROUPS; group++) {
      List<Axis> axes = groups.get(group);
      descriptor.set(COUNTS + group, axes.size());
      for (int i = 0; i < axes.size(); i++) {
        int at = AXES + 4 * (group * MOST_AXES + i);
        descriptor.set(at, axes.get(i).extent());
        descriptor.set(at + 1, axes.get(i).a());
        descriptor.set(at + 2, axes.get(i).b());
        descriptor.set(at + 3, axes.get(i).c());
      }
    }
    return descriptor.planned(library, threads);
  }
}
