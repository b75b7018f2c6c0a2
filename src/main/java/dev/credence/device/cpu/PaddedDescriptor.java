package dev.credence.device.cpu;

import dev.credence.device.cpu.PaddedProduct.Axis;
import dev.credence.kernel.Padding.Dimension;
import java.lang.foreign.Arena;
import java.util.List;

/** A padded sum of products as C reads it: struct cr_padded of native/padded.h, field by field. */
final class PaddedDescriptor {
  private static final int SPAN = ProductDescriptor.FIRST;
  private static final int SIDES = SPAN + 2;
  private static final int SIDE_WORDS = 5;
  private static final int AXIS_WORDS = 4 + PaddedProduct.MOST_SIDES;
  private static final int LANE = SIDES + PaddedProduct.MOST_SIDES * SIDE_WORDS;
  private static final int COUNTS = LANE + 3 * AXIS_WORDS;
  private static final int GROUPS = 3;
  private static final int AXES = COUNTS + GROUPS;
  private static final int PLAN = AXES + GROUPS * PaddedProduct.MOST_AXES * AXIS_WORDS;
  private static final int PLAN_WORDS = 12;

  /** A side that all is inside of. */
  private static final long[] NO_SIDE = {0, Long.MIN_VALUE, Long.MAX_VALUE, 1, 0};

  private PaddedDescriptor() {}

  /** A descriptor with all but its addresses. */
  static ProductDescriptor plan(
      NativeLibrary library, PaddedProduct product, int threads, Arena arena) {
    var descriptor =
        new ProductDescriptor(
            arena, "cr_padded", product.image(), product.filter(), product.c(), PLAN, PLAN_WORDS);
    descriptor.set(SPAN, product.span());
    descriptor.set(SPAN + 1, product.first());
    for (int s = 0; s < PaddedProduct.MOST_SIDES; s++) {
      boolean used = s < product.sides().size();
      long[] words = used ? words(product.sides().get(s)) : NO_SIDE;
      for (int i = 0; i < SIDE_WORDS; i++) {
        descriptor.set(SIDES + s * SIDE_WORDS + i, words[i]);
      }
    }
    List<Axis> single = List.of(product.lane(), product.row(), product.slow());
    write(descriptor, LANE, single);
    List<List<Axis>> groups = List.of(product.outer(), product.places(), product.fast());
    for (int group = 0; group < GROUPS; group++) {
      descriptor.set(COUNTS + group, groups.get(group).size());
      write(descriptor, AXES + group * PaddedProduct.MOST_AXES * AXIS_WORDS, groups.get(group));
    }
    return descriptor.planned(library, threads);
  }

  private static long[] words(Dimension side) {
    return new long[] {side.e().constant(), side.low(), side.high(), side.spacing(), side.factor()};
  }

  private static void write(ProductDescriptor descriptor, int at, List<Axis> axes) {
    for (Axis axis : axes) {
      descriptor.set(at, axis.extent());
      descriptor.set(at + 1, axis.image());
      descriptor.set(at + 2, axis.filter());
      descriptor.set(at + 3, axis.c());
      for (int s = 0; s < axis.along().size(); s++) {
        descriptor.set(at + 4 + s, axis.along().get(s));
      }
      at += AXIS_WORDS;
    }
  }
}
