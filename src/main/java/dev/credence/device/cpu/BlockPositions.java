package dev.credence.device.cpu;

import dev.credence.device.cpu.BlockProgram.At;
import dev.credence.device.cpu.BlockProgram.Axis;
import dev.credence.device.cpu.BlockProgram.Guarded;
import dev.credence.device.cpu.BlockProgram.Limit;
import dev.credence.device.cpu.BlockProgram.Patterned;
import dev.credence.device.cpu.BlockProgram.Where;
import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the blocks of one phase walk through arrays: indices as the positions of native/blocks.h.
 *
 * @param layout of the blocks
 * @param rates of the phase, which know its axes
 */
record BlockPositions(BlockLayout layout, Rates rates) {
  private static final long ENDLESS = Long.MAX_VALUE / 4;

  /** The far and near axes of a position in native/blocks.h. */
  private static final int MOST_AXES = 8;

  /** Runs below this length are read through a table: of neighbours, and of others. */
  private static final long SHORT_RUN = 8;

  private static final long LONG_RUN = 64;

  /** The start of an array, for steps that find their own way in it. */
  static Where array(int argument, int unit) {
    return new Where(argument, unit, 0, 0, At.START, List.of(), At.START, endless());
  }

  private static List<Axis> endless() {
    return List.of(new Axis(ENDLESS, 0, 0));
  }

  /** An axis with the strides of all indices that are walked together. */
  private record Walk(long extent, List<Long> strides) {
    boolean continues(Walk slow) {
      for (int i = 0; i < strides.size(); i++) {
        if (slow.strides.get(i) != extent * strides.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** The axes of a position: some give one offset for a block, the others run along it. */
  private record Walks(At farAt, List<Walk> far, At nearAt, List<Walk> near) {
    List<Long> strides(int index) {
      List<Long> strides = new ArrayList<>();
      far.forEach(w -> strides.add(w.strides.get(index)));
      near.forEach(w -> strides.add(w.strides.get(index)));
      return strides;
    }
  }

  /**
   * An affine position.
   *
   * @param unit bytes of an element
   * @param second another index that is walked in step
   */
  Where where(int argument, int unit, Index index, Index second, Rate rate) {
    return where(argument, unit, index, second, walks(List.of(index, second), rate));
  }

  private static Where where(int argument, int unit, Index index, Index second, Walks walks) {
    return new Where(
        argument,
        unit,
        index.constant(),
        second.constant(),
        walks.farAt,
        axes(walks.far),
        walks.nearAt,
        axes(walks.near));
  }

  private static List<Axis> axes(List<Walk> walks) {
    return walks.stream().map(w -> new Axis(w.extent, w.strides.get(0), w.strides.get(1))).toList();
  }

  /** Whether an affine index is walked in runs so short that a table of offsets is faster. */
  boolean hasShortRuns(Index index, Rate rate) {
    List<Walk> near = walks(List.of(index, Index.ZERO), rate).near;
    Walk fastest = near.get(near.size() - 1);
    long stride = fastest.strides.get(0);
    return near.size() > 1 && fastest.extent < (stride == 0 || stride == 1 ? SHORT_RUN : LONG_RUN);
  }

  /**
   * An index as a table over its fastest axes; null if what it divides or loads stands in the way.
   */
  @Nullable Patterned patterned(int argument, int unit, Index index, Rate rate) {
    List<Integer> kept = axes(0, rates.kept().size());
    List<Integer> innerAxes = axes(rates.kept().size(), rates.inner().size());
    List<Integer> far = List.of();
    List<Integer> near;
    if (rate == Rate.ONCE || (rate == Rate.INNER && layout.isStrip())) {
      return null;
    } else if (rate == Rate.KEPT) {
      near = kept;
    } else if (layout.narrow()) {
      near = joined(kept, innerAxes);
    } else if (layout.chunk() == 1 || layout.sharesKept()) {
      far = layout.chunk() == 1 ? kept : innerAxes;
      near = layout.chunk() == 1 ? innerAxes : kept;
    } else {
      near = joined(innerAxes, kept);
    }
    int first = near.size();
    long size = 1;
    while (first > 0 && size * rates.extent(near.get(first - 1)) <= Pattern.MOST) {
      size *= rates.extent(near.get(--first));
    }
    List<Integer> fast = near.subList(first, near.size());
    Index outer = Index.of(index.constant());
    Index table = Index.ZERO;
    for (Index.Term term : index.terms()) {
      Index part = Index.atom(term.atom()).times(term.factor());
      if (Pattern.within(term.atom(), fast)) {
        table = table.plus(part);
      } else if (term.atom() instanceof Index.Axis) {
        outer = outer.plus(part);
      } else {
        return null;
      }
    }
    if (size == 1) {
      return null;
    }
    Walks walks = walks(List.of(outer, Index.ZERO), rate);
    List<Walk> slow = merge(walks(near.subList(0, first), List.of(outer, Index.ZERO)));
    List<Walk> all = concat(slow, List.of(new Walk(size, List.of(0L, 0L))));
    Walks patterned =
        new Walks(walks.farAt, merge(walks(far, List.of(outer, Index.ZERO))), walks.nearAt, all);
    Where where = where(argument, unit, outer, Index.ZERO, patterned);
    List<Integer> extents = fast.stream().map(rates::extent).toList();
    return new Patterned(where, Pattern.table(table, fast, extents));
  }

  private static List<Integer> axes(int first, int count) {
    return IntStream.range(first, first + count).boxed().toList();
  }

  private static List<Integer> joined(List<Integer> slow, List<Integer> fast) {
    return Stream.concat(slow.stream(), fast.stream()).toList();
  }

  /** A load with the bounds within which it reads. */
  Guarded guarded(Scalar.Load load, List<Bound> bounds, Rate rate) {
    List<Index> indices = new ArrayList<>(List.of(load.at(), Index.ZERO));
    bounds.forEach(b -> indices.add(b.index()));
    Walks walks = walks(indices, rate);
    List<Limit> limits = new ArrayList<>();
    for (int i = 0; i < bounds.size(); i++) {
      Bound bound = bounds.get(i);
      long base = bound.index().constant();
      limits.add(new Limit(bound.low(), bound.high(), base, walks.strides(i + 2)));
    }
    return new Guarded(where(load.argument(), 4, load.at(), Index.ZERO, walks), limits);
  }

  private Walks walks(List<Index> indices, Rate rate) {
    int keptAxes = rates.kept().size();
    List<Walk> kept = walks(0, keptAxes, indices);
    List<Walk> innerAxes = walks(keptAxes, rates.inner().size(), indices);
    At farAt = At.START;
    List<Walk> far = List.of();
    At nearAt;
    List<Walk> near;
    if (rate == Rate.ONCE) {
      nearAt = At.START;
      near = List.of();
    } else if (rate == Rate.KEPT) {
      nearAt = At.KEPT;
      near = kept;
    } else if (layout.narrow()) {
      nearAt = At.BLOCK;
      near = concat(kept, innerAxes);
    } else if (layout.chunk() == 1) {
      farAt = At.KEPT;
      far = kept;
      nearAt = At.INNER;
      near = innerAxes;
    } else if (layout.sharesKept()) {
      farAt = At.INNER;
      far = innerAxes;
      nearAt = At.KEPT;
      near = kept;
    } else if (layout.isStrip()) {
      farAt = At.KEPT;
      far = kept;
      nearAt = At.BLOCK;
      Walk along = kept.stream().filter(w -> w.extent > 1).toList().getLast();
      near = concat(innerAxes, List.of(new Walk(layout.chunk(), along.strides)));
    } else {
      nearAt = At.BLOCK;
      near = concat(innerAxes, kept);
    }
    List<Walk> nearest = merge(near);
    if (nearest.isEmpty()) {
      nearest = List.of(new Walk(ENDLESS, indices.stream().map(i -> 0L).toList()));
    }
    return new Walks(farAt, merge(far), nearAt, nearest);
  }

  private List<Walk> walks(int first, int count, List<Index> indices) {
    return walks(axes(first, count), indices);
  }

  private List<Walk> walks(List<Integer> axes, List<Index> indices) {
    List<Walk> walks = new ArrayList<>();
    for (int axis : axes) {
      walks.add(new Walk(rates.extent(axis), indices.stream().map(x -> x.stride(axis)).toList()));
    }
    return walks;
  }

  private static List<Walk> concat(List<Walk> slow, List<Walk> fast) {
    List<Walk> all = new ArrayList<>(slow);
    all.addAll(fast);
    return all;
  }

  /** Axes that one stride walks through become one. */
  private static List<Walk> merge(List<Walk> walks) {
    List<Walk> merged = new ArrayList<>();
    for (Walk walk : walks) {
      if (walk.extent == 1) {
        continue;
      }
      int last = merged.size() - 1;
      if (last >= 0 && walk.continues(merged.get(last))) {
        long extent = merged.get(last).extent * walk.extent;
        merged.set(last, new Walk(extent, walk.strides));
      } else {
        merged.add(walk);
      }
    }
    if (merged.size() > MOST_AXES) {
      throw new UnsupportedOperationException(
          "The CPU device walks at most " + MOST_AXES + " axes of different strides.");
    }
    return merged;
  }
}
