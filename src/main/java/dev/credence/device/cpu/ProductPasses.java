package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.Padding;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Makes a matrix product of a chain whose factors do not lie as one: a factor that is read through
 * windows, padding or indices (a convolution's) is copied out first, so that every axis has one
 * stride. The chain runs over the same values in the same order, so its bits stay.
 */
final class ProductPasses {
  /** Values of a copy: a longer one is made and used piece by piece, while it is in the cache. */
  private static final long MOST_COPIED = 1 << 22;

  /** The longest copy that cannot be cut into pieces. */
  private static final long MOST_WHOLE = 1 << 27;

  /** Steps below which the interpreter is as good. */
  private static final long FEW_STEPS = 1 << 12;

  private final Loop loop;
  private final Fold chain;
  private final Store store;
  private final List<Argument> arguments;

  private ProductPasses(Loop loop, Fold chain, Store store) {
    this.loop = loop;
    this.chain = chain;
    this.store = store;
    arguments = new ArrayList<>(loop.arguments());
  }

  /** Whether a phase is a chain of two arrays' elements and nothing else. */
  static boolean isChain(Phase phase) {
    return phase.folds().size() == 1
        && phase.stores().isEmpty()
        && phase.folds().get(0).kind() == FoldKind.CHAIN
        && isReal(phase.folds().get(0).value())
        && isReal(phase.folds().get(0).factor());
  }

  private static boolean isReal(Scalar scalar) {
    return scalar instanceof Scalar.Load load && load.type() == DType.FLOAT32;
  }

  /**
   * The loops that compute a chain and store it, the products among them; arguments beyond the
   * loop's own are room for the copies.
   */
  static Optional<List<Loop>> of(Loop loop) {
    if (loop.phases().size() != 2 || !isChain(loop.phases().get(0))) {
      return Optional.empty();
    }
    if (CpuKernel.product(loop).isPresent()) {
      return Optional.of(List.of(loop));
    }
    Optional<List<Loop>> padded = Padding.of(loop);
    if (padded.isPresent() && CpuKernel.product(padded.get().getLast()).isPresent()) {
      return padded;
    }
    Phase first = loop.phases().get(0);
    Phase last = loop.phases().get(1);
    boolean stores =
        last.extent() == 1
            && last.folds().isEmpty()
            && last.stores().size() == 1
            && last.stores().get(0).value() instanceof Scalar.Folded
            && last.stores().get(0).at().isAffine();
    if (!stores || loop.extent() * first.extent() < FEW_STEPS) {
      return Optional.empty();
    }
    Fold chain = first.folds().get(0);
    for (boolean[] copied : new boolean[][] {{true, false}, {false, true}, {true, true}}) {
      ProductPasses passes = new ProductPasses(loop, chain, last.stores().get(0));
      Optional<List<Loop>> made = passes.copying(copied[0], copied[1]);
      if (made.isPresent()) {
        return made;
      }
    }
    return Optional.empty();
  }

  private Optional<List<Loop>> copying(boolean value, boolean factor) {
    Scalar.Load a = (Scalar.Load) chain.value();
    Scalar.Load b = (Scalar.Load) chain.factor();
    Copy ofA = value ? new Copy(a) : null;
    Copy ofB = factor ? new Copy(b) : null;
    // The slowest kept axis of the longest copy is walked piece by piece.
    Copy longest = ofB == null || (ofA != null && ofA.size() >= ofB.size()) ? ofA : ofB;
    if (longest == null || longest.size() == 0) {
      return Optional.empty();
    }
    int cut = longest.axes.get(0);
    boolean cuts = cut < loop.kept().size() && longest.size() > MOST_COPIED;
    if (longest.size() > MOST_WHOLE && !cuts) {
      return Optional.empty();
    }
    int extent = extent(cut);
    long piece = cuts ? Math.max(1, MOST_COPIED * extent / longest.size()) : Integer.MAX_VALUE;
    Argument roomA = ofA == null ? null : room(ofA, cut, piece);
    Argument roomB = ofB == null ? null : room(ofB, cut, piece);
    int argumentA = add(roomA);
    int argumentB = add(roomB);
    List<Loop> loops = new ArrayList<>();
    for (long from = 0; from < (cuts ? extent : 1); from += piece) {
      int count = cuts ? (int) Math.min(piece, extent - from) : extent;
      Moved moved = new Moved(cut, extent, from, count);
      AxisMap map = moved.map();
      Scalar.Load x = map.load(a);
      Scalar.Load y = map.load(b);
      if (ofA != null) {
        loops.add(ofA.loop(x, argumentA, moved));
        x = ofA.load(argumentA, moved);
      }
      if (ofB != null) {
        loops.add(ofB.loop(y, argumentB, moved));
        y = ofB.load(argumentB, moved);
      }
      Loop product = product(x, y, moved);
      if (MatrixProduct.of(product).isEmpty()) {
        return Optional.empty();
      }
      loops.add(product);
    }
    return Optional.of(loops);
  }

  private int add(@Nullable Argument argument) {
    if (argument != null) {
      arguments.add(argument);
    }
    return arguments.size() - 1;
  }

  private Argument room(Copy copy, int cut, long piece) {
    long size = copy.size();
    if (copy.axes.contains(cut)) {
      size = size / extent(cut) * Math.min(piece, extent(cut));
    }
    return new Argument(DType.FLOAT32, size, true);
  }

  private Loop product(Scalar.Load a, Scalar.Load b, Moved moved) {
    List<Integer> kept = new ArrayList<>(loop.kept());
    List<Integer> inner = loop.phases().get(0).inner();
    if (moved.axis < kept.size()) {
      kept.set(moved.axis, moved.count);
    }
    Phase sum = new Phase(inner, List.of(new Fold(FoldKind.CHAIN, a, b)), List.of());
    Store to = new Store(store.argument(), moved.map().index(store.at()), store.value());
    Phase write = new Phase(List.of(), List.of(), List.of(to));
    return new Loop(loop.name(), kept, List.of(sum, write), arguments);
  }

  private int extent(int axis) {
    int kept = loop.kept().size();
    return axis < kept ? loop.kept().get(axis) : loop.phases().get(0).inner().get(axis - kept);
  }

  /** A piece of an axis: the elements from `from` on. */
  private record Moved(int axis, int extent, long from, int count) {
    int extent(int of, int whole) {
      return of == axis ? count : whole;
    }

    AxisMap map() {
      return new AxisMap(
          a ->
              a.axis() == axis
                  ? Index.axis(axis, count).plus(from)
                  : Index.axis(a.axis(), a.extent()));
    }
  }

  /** A factor laid out anew. */
  private final class Copy {
    /** The loop's axes that the factor depends on, as the copy is laid out, slowest first. */
    final List<Integer> axes = new ArrayList<>();

    Copy(Scalar.Load load) {
      List<Integer> outer = new ArrayList<>();
      List<Integer> group = new ArrayList<>();
      List<Integer> inner = new ArrayList<>();
      int kept = loop.kept().size();
      int axesOfAll = kept + loop.phases().get(0).inner().size();
      for (int axis = 0; axis < axesOfAll; axis++) {
        if (extent(axis) != 1 && uses(load, axis)) {
          (axis < kept ? group : inner).add(axis);
        }
      }
      // Of the kept axes, those that the result walks with one stride stay together.
      int from = group.size() - 1;
      while (from > 0
          && store.at().stride(group.get(from - 1))
              == extent(group.get(from)) * store.at().stride(group.get(from))) {
        from--;
      }
      outer.addAll(group.subList(0, Math.max(0, from)));
      group = group.subList(Math.max(0, from), group.size());
      boolean innerLast = run(load, inner) > run(load, group);
      axes.addAll(outer);
      axes.addAll(innerLast ? group : inner);
      axes.addAll(innerLast ? inner : group);
    }

    /** How many neighbours are read when the last of some axes runs. */
    private long run(Scalar.Load load, List<Integer> axes) {
      if (axes.isEmpty()) {
        return 0;
      }
      int last = axes.get(axes.size() - 1);
      return load.at().stride(last) == 1 ? extent(last) : 1;
    }

    long size() {
      long size = axes.isEmpty() ? 0 : 1;
      for (int axis : axes) {
        size *= extent(axis);
      }
      return size;
    }

    /** Position in the copy of what axis "of" gives for each of the copy's axes. */
    private Index position(Moved moved, IntFunction<Index> of) {
      Index position = Index.ZERO;
      long stride = 1;
      for (int i = axes.size() - 1; i >= 0; i--) {
        int axis = axes.get(i);
        position = position.plus(of.apply(axis).times(stride));
        stride *= moved.extent(axis, extent(axis));
      }
      return position;
    }

    Scalar.Load load(int argument, Moved moved) {
      Index at = position(moved, a -> Index.axis(a, moved.extent(a, extent(a))));
      return new Scalar.Load(DType.FLOAT32, argument, at, List.of());
    }

    /** The loop that makes the copy. */
    Loop loop(Scalar.Load load, int argument, Moved moved) {
      List<Integer> extents = new ArrayList<>();
      for (int axis : axes) {
        extents.add(moved.extent(axis, extent(axis)));
      }
      AxisMap places = new AxisMap(a -> Index.axis(axes.indexOf(a.axis()), a.extent()));
      Index at = position(moved, a -> Index.axis(axes.indexOf(a), moved.extent(a, extent(a))));
      Phase phase =
          new Phase(List.of(), List.of(), List.of(new Store(argument, at, places.load(load))));
      return new Loop(loop.name() + " copy", extents, List.of(phase), arguments);
    }

    private boolean uses(Scalar.Load load, int axis) {
      return uses(load.at(), axis) || load.guard().stream().anyMatch(b -> uses(b.index(), axis));
    }

    private boolean uses(Index index, int axis) {
      return index.terms().stream()
          .anyMatch(
              t ->
                  switch (t.atom()) {
                    case Index.Axis a -> a.axis() == axis;
                    case Index.Div d -> uses(d.of(), axis);
                    case Index.Mod m -> uses(m.of(), axis);
                    case Index.Loaded l ->
                        uses(l.at(), axis)
                            || l.guard().stream().anyMatch(b -> uses(b.index(), axis));
                  });
    }
  }
}
