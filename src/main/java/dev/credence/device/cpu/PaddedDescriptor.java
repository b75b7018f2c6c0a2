package dev.credence.device.cpu;

import dev.credence.device.cpu.PaddedProduct.Axis;
import dev.credence.kernel.Padding.Dimension;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A padded sum of products as C reads it: struct cr_padded of native/padded.h, field by field. */
final class PaddedDescriptor {
  private static final int SPAN = 4;
  private static final int SIDES = SPAN + 2;
  private static final int SIDE_WORDS = 5;
  private static final int AXIS_WORDS = 4 + PaddedProduct.MOST_SIDES;
  private static final int LANE = SIDES + PaddedProduct.MOST_SIDES * SIDE_WORDS;
  private static final int COUNTS = LANE + 3 * AXIS_WORDS;
  private static final int GROUPS = 3;
  private static final int AXES = COUNTS + GROUPS;
  private static final int PARTS = AXES + GROUPS * PaddedProduct.MOST_AXES * AXIS_WORDS;
  private static final int PART_BYTES = PARTS + 1;
  private static final int PLAN_WORDS = 10;

  /** A side that all is inside of. */
  private static final long[] NO_SIDE = {0, Long.MIN_VALUE, Long.MAX_VALUE, 1, 0};

  private PaddedDescriptor() {}

  /** A descriptor with all but its addresses. */
  static MemorySegment plan(
      NativeLibrary library, PaddedProduct product, int threads, Arena arena) {
    MemorySegment descriptor = arena.allocate(8L * (PART_BYTES + 1 + PLAN_WORDS), 64);
    set(descriptor, SPAN, product.span());
    set(descriptor, SPAN + 1, product.first());
    for (int s = 0; s < PaddedProduct.MOST_SIDES; s++) {
      boolean used = s < product.sides().size();
      long[] words = used ? words(product.sides().get(s)) : NO_SIDE;
      for (int i = 0; i < SIDE_WORDS; i++) {
        set(descriptor, SIDES + s * SIDE_WORDS + i, words[i]);
      }
    }
    List<Axis> single = List.of(product.lane(), product.row(), product.slow());
    write(descriptor, LANE, single);
    List<List<Axis>> groups = List.of(product.outer(), product.places(), product.fast());
    for (int group = 0; group < GROUPS; group++) {
      set(descriptor, COUNTS + group, groups.get(group).size());
      write(descriptor, AXES + group * PaddedProduct.MOST_AXES * AXIS_WORDS, groups.get(group));
    }
    NativeLibrary.call(library.address("cr_padded_plan"), descriptor.address(), threads, 0);
    return descriptor;
  }

  private static long[] words(Dimension side) {
    return new long[] {side.e().constant(), side.low(), side.high(), side.spacing(), side.factor()};
  }

  private static void write(MemorySegment descriptor, int at, List<Axis> axes) {
    for (Axis axis : axes) {
      set(descriptor, at, axis.extent());
      set(descriptor, at + 1, axis.image());
      set(descriptor, at + 2, axis.filter());
      set(descriptor, at + 3, axis.c());
      for (int s = 0; s < axis.along().size(); s++) {
        set(descriptor, at + 4 + s, axis.along().get(s));
      }
      at += AXIS_WORDS;
    }
  }

  static long parts(MemorySegment descriptor) {
    return get(descriptor, PARTS);
  }

  static long scratchBytes(MemorySegment descriptor) {
    return get(descriptor, PARTS) * get(descriptor, PART_BYTES);
  }

  static void bind(MemorySegment descriptor, long image, long filter, long c, long scratch) {
    set(descriptor, 0, image);
    set(descriptor, 1, filter);
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
