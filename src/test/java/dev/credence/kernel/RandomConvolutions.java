package dev.credence.kernel;

import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Random convolutions as loops: strides, dilation, padding on either side (or cutting), images
 * spread by zeros, groups, and arrays whose axes lie in any order, some of them backwards.
 */
public final class RandomConvolutions {
  private final Random random;

  public RandomConvolutions(long seed) {
    random = new Random(seed);
  }

  /** Numbers for the arguments of a loop. */
  public List<MemorySegment> data(Loop loop) {
    List<MemorySegment> data = new ArrayList<>();
    for (Argument argument : loop.arguments()) {
      float[] values = new float[(int) argument.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      data.add(MemorySegment.ofArray(values));
    }
    return data;
  }

  /** Another convolution. */
  public Loop next() {
    while (true) {
      Loop loop = candidate();
      if (loop.extent() * loop.phases().get(0).extent() < 1 << 19 && loop.extent() > 0) {
        return loop;
      }
    }
  }

  private Loop candidate() {
    int n = pick(1, 1, 2, 3, 5, 14, 37);
    int groups = pick(1, 1, 1, 2, 3);
    int channels = pick(1, 2, 3, 5, 8, 20);
    int filters = pick(1, 2, 3, 5, 14, 17, 20, 50);
    Side rows = side();
    Side columns = side();
    int kh = rows.filter;
    int kw = columns.filter;
    List<Integer> kept = List.of(n, groups, filters, rows.count, columns.count);
    List<Integer> inner = List.of(channels, kh, kw);
    List<Index> at = axes(kept, 0);
    List<Index> of = axes(inner, kept.size());
    List<Bound> guard = new ArrayList<>();
    Index row = rows.position(at.get(3), of.get(1), guard);
    Index column = columns.position(at.get(4), of.get(2), guard);
    guard.removeIf(Bound::always);
    List<Index> pixel = List.of(at.get(0), at.get(1), of.get(0), row, column);
    List<Integer> image = List.of(n, groups, channels, rows.image, columns.image);
    List<Index> weight = List.of(at.get(1), at.get(2), of.get(0), of.get(1), of.get(2));
    List<Integer> filter = List.of(groups, filters, channels, kh, kw);
    Fold fold =
        new Fold(
            FoldKind.CHAIN,
            new Scalar.Load(DType.FLOAT32, 0, position(pixel, image, false), guard),
            new Scalar.Load(DType.FLOAT32, 1, position(weight, filter, true), List.of()));
    Store store = new Store(2, position(at, kept, false), new Scalar.Folded(DType.FLOAT32, 0, 0));
    if (random.nextInt(3) == 0) {
      fold = new Fold(FoldKind.CHAIN, fold.factor(), fold.value());
    }
    return new Loop(
        "convolution",
        kept,
        List.of(
            new Phase(inner, List.of(fold), List.of()),
            new Phase(List.of(), List.of(), List.of(store))),
        List.of(
            new Argument(DType.FLOAT32, Loop.size(image), false),
            new Argument(DType.FLOAT32, Loop.size(filter), false),
            new Argument(DType.FLOAT32, Loop.size(kept), true)));
  }

  /** Where an element lies in an array whose axes are in a random order. */
  private Index position(List<Index> at, List<Integer> extents, boolean mayTurn) {
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < extents.size(); axis++) {
      order.add(axis);
    }
    if (random.nextInt(3) == 0) {
      Collections.shuffle(order, random);
    }
    Index position = Index.ZERO;
    long stride = 1;
    for (int i = order.size() - 1; i >= 0; i--) {
      int axis = order.get(i);
      int extent = extents.get(axis);
      boolean back = mayTurn && random.nextInt(4) == 0;
      Index along = back ? at.get(axis).times(-1).plus(extent - 1L) : at.get(axis);
      position = position.plus(along.times(stride));
      stride *= extent;
    }
    return position;
  }

  private static List<Index> axes(List<Integer> extents, int from) {
    List<Index> axes = new ArrayList<>();
    for (int i = 0; i < extents.size(); i++) {
      axes.add(Index.axis(from + i, extents.get(i)));
    }
    return axes;
  }

  private Side side() {
    while (true) {
      int image = 1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 12);
      int filter = pick(1, 2, 3, 5, image);
      int stride = pick(1, 1, 2, 3);
      int dilation = pick(1, 1, 2);
      int spacing = pick(1, 1, 1, 2, 3);
      int low = pick(0, 0, 1, 4, -1);
      int high = pick(0, 0, 1, 4, -1);
      int room = low + high + (image - 1) * spacing + 1 - (filter - 1) * dilation - 1;
      if (room >= 0) {
        return new Side(image, filter, room / stride + 1, stride, dilation, spacing, low);
      }
    }
  }

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** One direction of a convolution. */
  private record Side(
      int image, int filter, int count, int stride, int dilation, int spacing, int low) {
    Index position(Index at, Index of, List<Bound> guard) {
      Index spread = at.times(stride).plus(of.times(dilation)).plus(-low);
      guard.add(new Bound(spread, 0, (image - 1L) * spacing + 1));
      guard.add(new Bound(spread.mod(spacing), 0, 1));
      return spread.div(spacing);
    }
  }
}
