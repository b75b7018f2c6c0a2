package dev.credence.device.cuda;

import dev.credence.kernel.ChainProduct.Chain;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Padding;
import dev.credence.kernel.Padding.Dimension;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * A sum of products as cuDNN has it: a convolution of planes, forward, or backward to its images or
 * to its filters. Found from the loop's structure: a spatial dimension is an axis of the result and
 * a summed axis that both move one array along the same line. If the summed one moves the other
 * factor backwards, that factor is a filter and the result are images; if the sums are longer than
 * the result, they run over images and the result are filters; else it goes forward.
 *
 * @param images x of cuDNN, in the backward direction dx
 * @param filters w or dw: k of c channels each, without gaps
 * @param outputs y or dy
 * @param calls where in the three arrays each call begins, in the order above
 * @param repacked where the filters really lie, if that is with gaps or in another order; then
 *     those above are a copy, which is the argument after the loop's own
 */
record DnnConvolution(
    Direction direction,
    Planes images,
    Filters filters,
    Planes outputs,
    int padRows,
    int padColumns,
    int strideRows,
    int strideColumns,
    int dilationRows,
    int dilationColumns,
    int groups,
    List<Offsets> calls,
    Optional<Strides> repacked) {
  /** Which of the three arrays is the result. */
  enum Direction {
    FORWARD,
    BACKWARD_DATA,
    BACKWARD_FILTER
  }

  /** Planes of n images with c channels, and the distances of their elements. */
  record Planes(
      int argument, long first, int n, int c, int h, int w, int sn, int sc, int sh, int sw) {}

  /** Filters of all groups, k of c channels each. */
  record Filters(int argument, long first, int k, int c, int h, int w) {}

  /** Distances of filters' elements. */
  record Strides(int argument, long first, long group, long k, long c, long h, long w) {}

  /** Elements before the first one of a call. */
  record Offsets(long images, long filters, long outputs) {}

  /** Calls from which on our own way is the better one. */
  private static final int MANY = 64;

  /** The convolution that a loop is, if cuDNN can compute it. */
  static Optional<DnnConvolution> of(Loop loop) {
    Optional<Chain> chain = Chain.of(loop);
    if (chain.isEmpty() || loop.extent() == 0) {
      return Optional.empty();
    }
    Scalar.Load a = chain.get().a();
    Scalar.Load b = chain.get().b();
    Optional<DnnConvolution> found = new Match(loop, a, b, chain.get().store()).find();
    return found.isPresent() ? found : new Match(loop, b, a, chain.get().store()).find();
  }

  /** What cuDNN is asked for, without the places in memory: what an algorithm is chosen by. */
  String shape() {
    Planes x = images;
    Planes y = outputs;
    return new DnnConvolution(
            direction,
            new Planes(0, 0, x.n, x.c, x.h, x.w, x.sn, x.sc, x.sh, x.sw),
            new Filters(0, 0, filters.k, filters.c, filters.h, filters.w),
            new Planes(0, 0, y.n, y.c, y.h, y.w, y.sn, y.sc, y.sh, y.sw),
            padRows,
            padColumns,
            strideRows,
            strideColumns,
            dilationRows,
            dilationColumns,
            groups,
            List.of(),
            Optional.empty())
        .toString();
  }

  /**
   * The loop that copies the filters from where they really lie, or back there if they are the
   * result.
   *
   * @param arguments of the loop, and the copy
   */
  Optional<Loop> repacking(String name, List<Loop.Argument> arguments) {
    return repacked.map(
        strides -> {
          int k = filters.k / groups;
          int[] extents = {groups, k, filters.c, filters.h, filters.w};
          long[] steps = {strides.group, strides.k, strides.c, strides.h, strides.w};
          Index copy = Index.ZERO;
          Index real = Index.of(strides.first);
          for (int axis = 0; axis < extents.length; axis++) {
            Index at = Index.axis(axis, extents[axis]);
            copy = copy.times(extents[axis]).plus(at);
            real = real.plus(at.times(steps[axis]));
          }
          boolean back = direction == Direction.BACKWARD_FILTER;
          Scalar value =
              new Scalar.Load(
                  DType.FLOAT32,
                  back ? filters.argument : strides.argument,
                  back ? copy : real,
                  List.of());
          Loop.Store store =
              new Loop.Store(back ? strides.argument : filters.argument, back ? real : copy, value);
          List<Loop.Argument> all = new ArrayList<>();
          for (int a = 0; a < arguments.size(); a++) {
            Loop.Argument argument = arguments.get(a);
            all.add(new Loop.Argument(argument.type(), argument.size(), a == store.argument()));
          }
          return new Loop(
              name + " filters",
              Loop.list(extents),
              List.of(new Loop.Phase(List.of(), List.of(), List.of(store))),
              all);
        });
  }

  /** An axis of the loop and how far a step of it moves each array. */
  private record Step(int extent, long window, long other, long out) {
    private static final Step NONE = new Step(1, 0, 0, 0);
  }

  /**
   * A spatial dimension: position = step of the result + tap of the sum + start in the array read
   * through windows, whose elements are spacing apart and pitch elements of memory.
   *
   * @param low the first position within the array, high the first one beyond it
   * @param other how far a tap moves the other factor
   * @param out how far a step moves the result
   */
  private record Side(
      int count,
      int taps,
      long step,
      long tap,
      long start,
      long low,
      long high,
      long spacing,
      long pitch,
      long other,
      long out) {
    /** A dimension of one element. */
    static final Side NONE = new Side(1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0);

    private long last() {
      return start + step * (count - 1) + tap * (taps - 1);
    }

    /** The first position that is not padding. */
    private long begin() {
      return Math.max(low, start);
    }

    /** How far the array begins after its first element. */
    long begun() {
      return begin() * pitch;
    }

    /** The same dimension, its steps taken for taps. */
    Side exchanged() {
      return new Side(taps, count, tap, step, start, low, high, spacing, pitch, out, other);
    }

    /**
     * The dimension of a convolution that slides over the array. It is told of no more of the array
     * than makes it come to the same count.
     */
    Slide slide(long filter, long output) {
      long pad = Math.max(0, low - start);
      long fewest = Math.min(high, last() + 1) - begin();
      long needed = step * (count - 1) + tap * (taps - 1) + 1 - 2 * pad;
      long length = Math.min(Math.max(fewest, needed), high - begin());
      return new Slide(length, count, taps, step, tap, pad, pitch, filter, output);
    }

    /** The dimension of the convolution of which this one is the way back to its images. */
    Slide slideBack() {
      boolean back = (step == 1 || count == 1) && low == 0 && (other < 0 || taps == 1);
      long elements = (high - 1) / spacing + 1;
      long pad = tap * (taps - 1) + start;
      return new Slide(
          back ? count : 0, (int) elements, taps, spacing, tap, pad, out, -other, pitch);
    }
  }

  /** One try: which factor is read through windows. */
  private static final class Match {
    private final Loop loop;
    private final Scalar.Load window;
    private final Scalar.Load other;
    private final Loop.Store store;
    private final int kept;

    Match(Loop loop, Scalar.Load window, Scalar.Load other, Loop.Store store) {
      this.loop = loop;
      this.window = window;
      this.other = other;
      this.store = store;
      kept = loop.kept().size();
    }

    private int extent(int axis) {
      return axis < kept ? loop.kept().get(axis) : loop.phases().get(0).inner().get(axis - kept);
    }

    Optional<DnnConvolution> find() {
      Optional<List<Dimension>> padded = Padding.dimensions(window);
      boolean plain = other.at().isAffine() && other.guard().stream().allMatch(Index.Bound::always);
      if (padded.isEmpty() || padded.get().size() > 2 || !plain) {
        return Optional.empty();
      }
      Index rest = window.at();
      List<Side> sides = new ArrayList<>();
      List<Integer> spatial = new ArrayList<>();
      for (Dimension dimension : padded.get()) {
        rest = rest.plus(dimension.quotient().times(-dimension.factor()));
        Optional<Side> side = side(dimension, spatial);
        if (side.isEmpty()) {
          return Optional.empty();
        }
        sides.add(side.get());
      }
      return rest.isAffine() ? choose(rest, sides, spatial) : Optional.empty();
    }

    /** A dimension that is padded: two axes at most, one of them summed. */
    private Optional<Side> side(Dimension dimension, List<Integer> spatial) {
      int step = -1;
      int tap = -1;
      for (Index.Term term : dimension.e().terms()) {
        int axis = ((Index.Axis) term.atom()).axis();
        if (term.factor() <= 0 || spatial.contains(axis) || (axis < kept ? step : tap) >= 0) {
          return Optional.empty();
        }
        spatial.add(axis);
        step = axis < kept ? axis : step;
        tap = axis < kept ? tap : axis;
      }
      return Optional.of(
          new Side(
              step < 0 ? 1 : extent(step),
              tap < 0 ? 1 : extent(tap),
              step < 0 ? 1 : dimension.e().stride(step),
              tap < 0 ? 1 : dimension.e().stride(tap),
              dimension.e().constant(),
              dimension.low(),
              dimension.high(),
              dimension.spacing(),
              dimension.factor(),
              tap < 0 ? 0 : other.at().stride(tap),
              step < 0 ? 0 : store.at().stride(step)));
    }

    /** Adds dimensions without padding, as many as there are. */
    private Optional<DnnConvolution> choose(Index rest, List<Side> sides, List<Integer> spatial) {
      if (sides.size() < 2) {
        for (int step = 0; step < kept; step++) {
          for (int tap = kept; tap < axes(); tap++) {
            if (!spatial.contains(step) && !spatial.contains(tap) && slides(rest, step, tap)) {
              List<Side> more = new ArrayList<>(sides);
              List<Integer> used = new ArrayList<>(spatial);
              more.add(unpadded(rest, step, tap));
              used.addAll(List.of(step, tap));
              Optional<DnnConvolution> found = choose(rest, more, used);
              if (found.isPresent()) {
                return found;
              }
            }
          }
        }
      }
      if (sides.isEmpty()) {
        return Optional.empty();
      }
      Optional<DnnConvolution> found = convolution(rest, sides, spatial);
      // A filter of one row, or of one column.
      for (int axis = 0; found.isEmpty() && sides.size() == 1 && axis < axes(); axis++) {
        boolean ofOne = axis >= kept || other.at().stride(axis) == 0;
        if (ofOne && !spatial.contains(axis) && rest.stride(axis) > 0) {
          List<Side> more = new ArrayList<>(sides);
          List<Integer> used = new ArrayList<>(spatial);
          more.add(alone(rest, axis));
          used.add(axis);
          found = convolution(rest, more, used);
        }
      }
      return found;
    }

    private int axes() {
      return kept + loop.phases().get(0).inner().size();
    }

    private Side alone(Index rest, int axis) {
      int extent = extent(axis);
      boolean step = axis < kept;
      return new Side(
          step ? extent : 1,
          step ? 1 : extent,
          1,
          1,
          0,
          0,
          extent,
          1,
          rest.stride(axis),
          step ? 0 : other.at().stride(axis),
          step ? store.at().stride(axis) : 0);
    }

    /** Whether two axes move windows that overlap. */
    private boolean slides(Index rest, int step, int tap) {
      long s = rest.stride(step);
      long t = rest.stride(tap);
      return s > 0
          && t > 0
          && other.at().stride(step) == 0
          && other.at().stride(tap) != 0
          && t * (extent(tap) - 1) >= s
          && s * (extent(step) - 1) >= t;
    }

    private Side unpadded(Index rest, int step, int tap) {
      long s = rest.stride(step);
      long t = rest.stride(tap);
      long pitch = java.math.BigInteger.valueOf(s).gcd(java.math.BigInteger.valueOf(t)).longValue();
      long last = s / pitch * (extent(step) - 1) + t / pitch * (extent(tap) - 1);
      return new Side(
          extent(step),
          extent(tap),
          s / pitch,
          t / pitch,
          0,
          0,
          last + 1,
          1,
          pitch,
          other.at().stride(tap),
          store.at().stride(step));
    }

    private Optional<DnnConvolution> convolution(
        Index rest, List<Side> sides, List<Integer> spatial) {
      List<Step> rows = new ArrayList<>();
      List<Step> columns = new ArrayList<>();
      List<Step> sums = new ArrayList<>();
      List<Step> outer = new ArrayList<>();
      for (int axis = 0; axis < axes(); axis++) {
        if (extent(axis) == 1 || spatial.contains(axis)) {
          continue;
        }
        long out = axis < kept ? store.at().stride(axis) : 0;
        Step step = new Step(extent(axis), rest.stride(axis), other.at().stride(axis), out);
        boolean both = step.window > 0 && step.other > 0;
        if (step.window < 0 || step.other < 0 || (axis >= kept ? !both : out <= 0)) {
          return Optional.empty();
        }
        (axis >= kept ? sums : both ? outer : step.other == 0 ? rows : columns).add(step);
      }
      List<Side> sorted = new ArrayList<>(sides);
      sorted.sort(Comparator.comparing(side -> -side.pitch));
      Side down = sorted.size() == 2 ? sorted.get(0) : Side.NONE;
      Side across = sorted.getLast();
      Optional<Step> row = merged(rows);
      Optional<Step> column = merged(columns);
      Optional<Step> sum = merged(sums);
      if (row.isEmpty() || column.isEmpty() || sum.isEmpty()) {
        return Optional.empty();
      }
      long first = rest.constant();
      if (down.other < 0 || across.other < 0) {
        return backwardData(first, down, across, row.get(), column.get(), sum.get(), outer);
      }
      long taps = (long) down.taps * across.taps;
      long count = (long) down.count * across.count;
      return down.spacing != 1 || across.spacing != 1
          ? Optional.empty()
          : taps > count
              ? backwardFilter(first, down, across, row.get(), column.get(), sum.get(), outer)
              : forward(first, down, across, row.get(), column.get(), sum.get(), outer);
    }

    private Optional<DnnConvolution> forward(
        long first, Side down, Side across, Step row, Step column, Step sum, List<Step> outer) {
      Build build = new Build(Direction.FORWARD, loop.arguments().size());
      build.n = new Moves(row.extent, row.window, 0, row.out);
      build.c = new Moves(sum.extent, sum.window, sum.other, 0);
      build.k = new Moves(column.extent, 0, column.other, column.out);
      outer.forEach(o -> build.outer.add(new Moves(o.extent, o.window, o.other, o.out)));
      build.rows = down.slide(down.other, down.out);
      build.columns = across.slide(across.other, across.out);
      build.x = new Place(window.argument(), first + down.begun() + across.begun());
      build.w = new Place(other.argument(), other.at().constant());
      build.y = new Place(store.argument(), store.at().constant());
      return build.made();
    }

    private Optional<DnnConvolution> backwardFilter(
        long first, Side down, Side across, Step row, Step column, Step sum, List<Step> outer) {
      Build build = new Build(Direction.BACKWARD_FILTER, loop.arguments().size());
      build.n = new Moves(sum.extent, sum.window, 0, sum.other);
      build.c = new Moves(row.extent, row.window, row.out, 0);
      build.k = new Moves(column.extent, 0, column.out, column.other);
      outer.forEach(o -> build.outer.add(new Moves(o.extent, o.window, o.out, o.other)));
      build.rows = down.exchanged().slide(down.out, down.other);
      build.columns = across.exchanged().slide(across.out, across.other);
      build.x = new Place(window.argument(), first + down.begun() + across.begun());
      build.w = new Place(store.argument(), store.at().constant());
      build.y = new Place(other.argument(), other.at().constant());
      return build.made();
    }

    /** Windows over gradients: positions are those of the images, and the taps run backwards. */
    private Optional<DnnConvolution> backwardData(
        long first, Side down, Side across, Step row, Step column, Step sum, List<Step> outer) {
      Build build = new Build(Direction.BACKWARD_DATA, loop.arguments().size());
      build.n = new Moves(row.extent, row.out, 0, row.window);
      build.c = new Moves(column.extent, column.out, column.other, 0);
      build.k = new Moves(sum.extent, 0, sum.other, sum.window);
      outer.forEach(o -> build.outer.add(new Moves(o.extent, o.out, o.other, o.window)));
      build.rows = down.slideBack();
      build.columns = across.slideBack();
      long last = other.at().constant();
      long begin = last + (down.taps - 1) * down.other + (across.taps - 1) * across.other;
      build.x = new Place(store.argument(), store.at().constant());
      build.w = new Place(other.argument(), begin);
      build.y = new Place(window.argument(), first);
      return build.made();
    }

    /** The one axis that walks like several, if there is one. */
    private static Optional<Step> merged(List<Step> steps) {
      List<Step> slowest = new ArrayList<>(steps);
      slowest.sort(Comparator.comparing(step -> -Math.max(step.out, step.other)));
      Step all = slowest.isEmpty() ? Step.NONE : slowest.get(0);
      for (Step next : slowest.subList(Math.min(1, slowest.size()), slowest.size())) {
        if (all.window != next.extent * next.window
            || all.other != next.extent * next.other
            || all.out != next.extent * next.out) {
          return Optional.empty();
        }
        all = new Step(all.extent * next.extent, next.window, next.other, next.out);
      }
      return Optional.of(all);
    }
  }

  /** An axis and how far a step of it moves images, filters and outputs. */
  private record Moves(int extent, long x, long w, long y) {}

  /** An argument and its first element. */
  private record Place(int argument, long first) {}

  /**
   * A spatial dimension as cuDNN has it.
   *
   * @param length of the images, count of the outputs, taps of the filters
   */
  private record Slide(
      long length,
      int count,
      int taps,
      long stride,
      long dilation,
      long pad,
      long x,
      long w,
      long y) {
    /** Whether cuDNN would come to the same count. */
    boolean agrees() {
      long room = length + 2 * pad - dilation * (taps - 1) - 1;
      return length > 0 && pad >= 0 && room >= 0 && room / stride + 1 == count;
    }
  }

  /** Puts the three arrays together. */
  private static final class Build {
    final Direction direction;
    final int copy;
    final List<Moves> outer = new ArrayList<>();
    Moves n = new Moves(1, 0, 0, 0);
    Moves c = n;
    Moves k = n;
    Slide rows = new Slide(1, 1, 1, 1, 1, 0, 0, 0, 0);
    Slide columns = rows;
    Place x = new Place(0, 0);
    Place w = x;
    Place y = x;

    /** The copy of the filters, if there is one, is that argument. */
    Build(Direction direction, int copy) {
      this.direction = direction;
      this.copy = copy;
    }

    Optional<DnnConvolution> made() {
      long filter = (long) rows.taps * columns.taps;
      boolean packed =
          (columns.taps == 1 || columns.w == 1)
              && (rows.taps == 1 || rows.w == columns.taps)
              && (c.extent == 1 || c.w == filter)
              && (k.extent == 1 || k.w == c.extent * filter);
      if (!rows.agrees() || !columns.agrees()) {
        return Optional.empty();
      }
      Moves group = new Moves(1, 0, 0, 0);
      for (Moves step : outer) {
        boolean fits =
            (step.w == k.extent * c.extent * filter || !packed)
                && (c.extent == 1 || step.x == c.extent * c.x)
                && (k.extent == 1 || step.y == k.extent * k.y);
        group = fits ? step : group;
      }
      List<Offsets> calls = List.of(new Offsets(0, 0, 0));
      for (Moves step : outer) {
        if (step != group) {
          calls = repeated(calls, step);
        }
      }
      Optional<Planes> images =
          planes(
              x,
              c.extent,
              c.x,
              group,
              Moves::x,
              rows.length,
              columns.length,
              n.x,
              rows.x,
              columns.x);
      Optional<Planes> outputs =
          planes(
              y, k.extent, k.y, group, Moves::y, rows.count, columns.count, n.y, rows.y, columns.y);
      int most = packed ? MANY : 1;
      if (images.isEmpty() || outputs.isEmpty() || calls.size() > most) {
        return Optional.empty();
      }
      Strides strides = new Strides(w.argument, w.first, group.w, k.w, c.w, rows.w, columns.w);
      Place whole = packed ? w : new Place(copy, 0);
      Filters filters =
          new Filters(
              whole.argument,
              whole.first,
              k.extent * group.extent,
              c.extent,
              rows.taps,
              columns.taps);
      return Optional.of(
          new DnnConvolution(
              direction,
              images.get(),
              filters,
              outputs.get(),
              (int) rows.pad,
              (int) columns.pad,
              (int) rows.stride,
              (int) columns.stride,
              (int) rows.dilation,
              (int) columns.dilation,
              group.extent,
              calls,
              packed ? Optional.empty() : Optional.of(strides)));
    }

    private static List<Offsets> repeated(List<Offsets> calls, Moves step) {
      List<Offsets> all = new ArrayList<>();
      for (Offsets call : calls) {
        for (int i = 0; i < step.extent && all.size() <= MANY; i++) {
          all.add(
              new Offsets(
                  call.images + i * step.x, call.filters + i * step.w, call.outputs + i * step.y));
        }
      }
      return List.copyOf(all);
    }

    /** Planes; where an extent is 1, its distance is that of an array without gaps. */
    private Optional<Planes> planes(
        Place place,
        int channels,
        long channelStep,
        Moves group,
        ToLongFunction<Moves> step,
        long h,
        long w,
        long nStep,
        long hStep,
        long wStep) {
      int c = channels * group.extent;
      long sw = w == 1 ? 1 : wStep;
      long sh = h == 1 ? w * sw : hStep;
      long sc = c == 1 ? h * sh : channels == 1 ? step.applyAsLong(group) : channelStep;
      long sn = n.extent == 1 ? c * sc : nStep;
      boolean fits = Math.max(Math.max(sn, sc), Math.max(sh, h * w)) <= Integer.MAX_VALUE;
      boolean moves = sn > 0 && sc > 0 && sh > 0 && sw > 0;
      return fits && moves
          ? Optional.of(
              new Planes(
                  place.argument,
                  place.first,
                  n.extent,
                  c,
                  (int) h,
                  (int) w,
                  (int) sn,
                  (int) sc,
                  (int) sh,
                  (int) sw))
          : Optional.empty();
    }
  }
}
