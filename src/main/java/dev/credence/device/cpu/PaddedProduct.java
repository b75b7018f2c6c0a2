package dev.credence.device.cpu;

import dev.credence.kernel.ChainProduct.Chain;
import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop;
import dev.credence.kernel.MatrixProduct.Array;
import dev.credence.kernel.Padding;
import dev.credence.kernel.Padding.Dimension;
import dev.credence.kernel.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A loop seen as a sum of products of an image that is 0 outside its array and of a filter: the
 * gradient of a convolution with respect to its image, a transposed convolution, a padded one. What
 * lies outside need not be multiplied, which is worth a kernel of its own where it is much and
 * where there are enough images to fill vectors with.
 *
 * @param image the argument that is 0 outside, from where it would be read were all axes at 0
 * @param filter the other factor's argument, c the result's
 * @param sides that bound the image
 * @param lane the axis along which whole images lie
 * @param row an axis that only the filter and c move along
 * @param slow the axis summed over that no side depends on, if it is the slowest
 * @param outer axes kept that are none of these
 * @param places axes kept that a side depends on
 * @param fast axes summed over, the slow one aside
 * @param first where the image's elements begin that one lane of an outer element reads
 * @param span how many elements from there on it reads
 */
record PaddedProduct(
    Array image,
    Array filter,
    Array c,
    List<Dimension> sides,
    Axis lane,
    Axis row,
    Axis slow,
    List<Axis> outer,
    List<Axis> places,
    List<Axis> fast,
    long first,
    long span) {
  /** Sides of the image that C has room for. */
  static final int MOST_SIDES = 2;

  /** Axes of a group that C has room for. */
  static final int MOST_AXES = 4;

  private static final int MOST_FAST_STEPS = 1024;

  /** The longest vectors. */
  private static final int LANES = 16;

  /** Packed numbers of a lane, so that those of a few vectors stay in the caches. */
  private static final long MOST_SPAN = 1 << 15;

  /** The part of the padded products that may be left, above which leaving out others is vain. */
  private static final double MOST_LEFT = 0.8;

  /**
   * An axis with its strides in elements, the image's without what its sides move.
   *
   * @param along strides in the e of each side
   */
  record Axis(long extent, long image, long filter, long c, List<Long> along) {
    static final Axis NONE = new Axis(1, 0, 0, 0, List.of());

    private boolean isBounded() {
      return along.stream().anyMatch(stride -> stride != 0);
    }

    /** The one axis that walks this slower and the other faster axis, neither bounded, if any. */
    private Optional<Axis> merge(Axis fast) {
      boolean walks =
          image == fast.extent * fast.image
              && filter == fast.extent * fast.filter
              && c == fast.extent * fast.c;
      return walks
          ? Optional.of(new Axis(extent * fast.extent, fast.image, fast.filter, fast.c, along))
          : Optional.empty();
    }
  }

  /** The product that a loop is, if it is one and leaving out what lies outside pays. */
  static Optional<PaddedProduct> of(Loop loop) {
    return Chain.of(loop)
        .flatMap(chain -> of(loop, chain.a(), chain.b(), chain).or(() -> swapped(loop, chain)))
        .filter(PaddedProduct::pays);
  }

  private static Optional<PaddedProduct> swapped(Loop loop, Chain chain) {
    return of(loop, chain.b(), chain.a(), chain);
  }

  private static Optional<PaddedProduct> of(
      Loop loop, Scalar.Load image, Scalar.Load filter, Chain chain) {
    Optional<List<Dimension>> dimensions = Padding.dimensions(image);
    boolean plain = filter.at().isAffine() && filter.guard().stream().allMatch(Bound::always);
    if (!plain || dimensions.isEmpty() || loop.extent() == 0) {
      return Optional.empty();
    }
    List<Dimension> sides = dimensions.get();
    Index rest = image.at();
    for (Dimension side : sides) {
      rest = rest.plus(side.quotient().times(-side.factor()));
    }
    boolean bounded = !sides.isEmpty() && sides.size() <= MOST_SIDES;
    if (!bounded || !rest.isAffine() || sides.stream().anyMatch(side -> side.count() == 0)) {
      return Optional.empty();
    }
    Index of = rest;
    Index to = chain.store().at();
    int kept = loop.kept().size();
    List<Integer> extents =
        Stream.concat(loop.kept().stream(), loop.phases().get(0).inner().stream()).toList();
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < extents.size(); i++) {
      int axis = i;
      List<Long> along = sides.stream().map(side -> side.e().stride(axis)).toList();
      long alongC = axis < kept ? to.stride(axis) : 0;
      axes.add(new Axis(extents.get(i), of.stride(axis), filter.at().stride(axis), alongC, along));
    }
    Array from = new Array(image.argument(), of.constant());
    Array by = new Array(filter.argument(), filter.at().constant());
    Array result = new Array(chain.store().argument(), to.constant());
    return grouped(sides, axes.subList(0, kept), axes.subList(kept, axes.size()))
        .map(groups -> groups.product(from, by, result))
        .filter(product -> product.isWithin(loop.arguments().get(image.argument()).size()));
  }

  /** The axes by what moves along them. */
  private record Groups(
      List<Dimension> sides,
      Axis lane,
      Axis row,
      Axis slow,
      List<Axis> outer,
      List<Axis> places,
      List<Axis> fast) {
    PaddedProduct product(Array image, Array filter, Array c) {
      long first = 0;
      long last = 0;
      for (Dimension side : sides) {
        long begin = side.first() * side.factor();
        long end = (side.first() + side.count() - 1) * side.factor();
        first += Math.min(begin, end);
        last += Math.max(begin, end);
      }
      for (Axis axis : inner(slow, places, fast)) {
        long reach = (axis.extent - 1) * axis.image;
        first += Math.min(0, reach);
        last += Math.max(0, reach);
      }
      return new PaddedProduct(
          image, filter, c, sides, lane, row, slow, outer, places, fast, first, last - first + 1);
    }
  }

  private static Optional<Groups> grouped(
      List<Dimension> sides, List<Axis> kept, List<Axis> inner) {
    List<Axis> lanes = new ArrayList<>();
    List<Axis> rows = new ArrayList<>();
    List<Axis> outer = new ArrayList<>();
    List<Axis> places = new ArrayList<>();
    for (Axis axis : kept) {
      if (axis.isBounded() && axis.filter != 0) {
        return Optional.empty();
      } else if (axis.isBounded()) {
        places.add(axis);
      } else if (axis.extent != 1) {
        List<Axis> group = axis.filter == 0 ? lanes : axis.image == 0 ? rows : outer;
        group.add(axis);
      }
    }
    Axis lane = takeLongest(lanes);
    Axis row = takeLongest(rows);
    outer.addAll(lanes);
    outer.addAll(rows);
    Axis slow = Axis.NONE;
    int next = 0;
    while (next < inner.size() && !inner.get(next).isBounded()) {
      Optional<Axis> merged =
          slow.extent == 1 ? Optional.of(inner.get(next)) : slow.merge(inner.get(next));
      if (merged.isEmpty()) {
        break;
      }
      slow = merged.get();
      next++;
    }
    List<Axis> fast = List.copyOf(inner.subList(next, inner.size()));
    boolean holds =
        Stream.of(outer, places, fast).allMatch(group -> group.size() <= MOST_AXES)
            && size(fast) <= MOST_FAST_STEPS;
    return holds
        ? Optional.of(
            new Groups(sides, lane, row, slow, List.copyOf(outer), List.copyOf(places), fast))
        : Optional.empty();
  }

  /** Axes that are walked within one lane of an outer element. */
  private static List<Axis> inner(Axis slow, List<Axis> places, List<Axis> fast) {
    return Stream.of(List.of(slow), places, fast).flatMap(List::stream).toList();
  }

  private static Axis takeLongest(List<Axis> axes) {
    Axis longest = Axis.NONE;
    for (Axis axis : axes) {
      longest = axis.extent > longest.extent ? axis : longest;
    }
    axes.remove(longest);
    return longest;
  }

  private static long size(List<Axis> axes) {
    return axes.stream().mapToLong(Axis::extent).reduce(1, (x, y) -> x * y);
  }

  /** Whether all that is read lies in an array, as where sides are independent. */
  private boolean isWithin(long size) {
    long least = image.first() + first;
    long most = least + span - 1;
    for (Axis axis : Stream.concat(Stream.of(lane), outer.stream()).toList()) {
      long reach = (axis.extent - 1) * axis.image;
      least += Math.min(0, reach);
      most += Math.max(0, reach);
    }
    return least >= 0 && most < size;
  }

  /** Whether vectors are full of images, these lie close, and enough lies outside them. */
  private boolean pays() {
    long elements = 1;
    for (Dimension side : sides) {
      elements *= side.count();
    }
    for (Axis axis : inner(slow, places, fast)) {
      elements *= axis.image == 0 ? 1 : axis.extent;
    }
    double full = (double) lane.extent / (Math.ceilDiv(lane.extent, LANES) * LANES);
    return span <= Math.min(MOST_SPAN, 2 * elements) && left() <= MOST_LEFT * full;
  }

  /** The part of the products that lies inside the image. */
  private double left() {
    double left = 1;
    for (int s = 0; s < sides.size(); s++) {
      int side = s;
      Dimension of = sides.get(s);
      List<Long> reached = List.of(of.e().constant());
      for (Axis axis : Stream.concat(places.stream(), fast.stream()).toList()) {
        long along = axis.along.get(side);
        if (along != 0) {
          reached = reached.stream().flatMap(e -> steps(e, along, axis.extent)).toList();
        }
      }
      long inside =
          reached.stream()
              .filter(e -> of.low() <= e && e < of.high() && e % of.spacing() == 0)
              .count();
      left *= (double) inside / reached.size();
    }
    return left;
  }

  private static Stream<Long> steps(long from, long by, long count) {
    return Stream.iterate(from, e -> e + by).limit(count);
  }

  /** Multiplications with an addition each, those outside the image too. */
  long steps() {
    long steps = lane.extent * row.extent * slow.extent;
    for (List<Axis> group : List.of(outer, places, fast)) {
      steps *= size(group);
    }
    return steps;
  }
}
