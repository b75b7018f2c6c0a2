package dev.credence.device.cpu;

import dev.credence.kernel.ChainProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A sum of products as C reads it: struct cr_conv of native/conv.h, field by field. */
final class ConvDescriptor {
  private static final int MOST_AXES = 6;
  private static final int MOST_DEPTH = 1280;
  private static final int GROUPS = 4;
  private static final int COUNTS = 4;
  private static final int AXES = COUNTS + GROUPS;
  private static final int PARTS = AXES + GROUPS * MOST_AXES * 4;
  private static final int PART_BYTES = PARTS + 1;
  private static final int PLAN_WORDS = 2 + GROUPS * (2 + MOST_AXES * 4) + 16 + MOST_DEPTH;

  private ConvDescriptor() {}

  /** Whether C has room for all axes. */
  static boolean holds(ChainProduct product) {
    return groups(product).stream().allMatch(axes -> axes.size() <= MOST_AXES);
  }

  private static List<List<Axis>> groups(ChainProduct product) {
    return List.of(product.outer(), product.rows(), product.columns(), product.sums());
  }

  /** A descriptor with all but its addresses. */
  static MemorySegment plan(NativeLibrary library, ChainProduct product, int threads, Arena arena) {
    MemorySegment descriptor = arena.allocate(8L * (PART_BYTES + 1 + PLAN_WORDS), 64);
    List<List<Axis>> groups = groups(product);
    for (int group = 0; group < GROUPS; group++) {
      List<Axis> axes = groups.get(group);
      set(descriptor, COUNTS + group, axes.size());
      for (int i = 0; i < axes.size(); i++) {
        int at = AXES + 4 * (group * MOST_AXES + i);
        set(descriptor, at, axes.get(i).extent());
        set(descriptor, at + 1, axes.get(i).a());
        set(descriptor, at + 2, axes.get(i).b());
        set(descriptor, at + 3, axes.get(i).c());
      }
    }
    NativeLibrary.call(library.address("cr_conv_plan"), descriptor.address(), threads, 0);
    return descriptor;
  }

  static long parts(MemorySegment descriptor) {
    return get(descriptor, PARTS);
  }

  static long scratchBytes(MemorySegment descriptor) {
    return get(descriptor, PARTS) * get(descriptor, PART_BYTES);
  }

  static void bind(MemorySegment descriptor, long a, long b, long c, long scratch) {
    set(descriptor, 0, a);
    set(descriptor, 1, b);
    set(descriptor, 2, c);
    set(descriptor, 3, scratch);
  }

  private static long get(MemorySegment descriptor, int word) {
    return descriptor.getAtIndex(ValueLayout.JAVA_LONG, word);
  }

  private static void set(MemorySegment descriptor, int word, long value) {
    descriptor.setAtIndex(ValueLayout.JAVA_LONG, word, value);
  }
}
