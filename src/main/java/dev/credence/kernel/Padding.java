package dev.credence.kernel;

import dev.credence.kernel.ChainProduct.Chain;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Takes the guards off a chain of products: a factor that is 0 outside its array, or between the
 * elements of a spread one, is first copied among zeros into an array that has room for all that is
 * read, so that the chain reads it in plain strides. It multiplies the same numbers in the same
 * order, hence its bits stay.
 *
 * <p>A padded dimension is found from its guard low &lt;= e &lt; high with an affine e, and e mod
 * spacing = 0 if it is spread: the array moves by some factor with each step of e div spacing.
 */
public final class Padding {
  /** How much longer than the array its padded copy may be. */
  private static final long MOST_GROWTH = 16;

  private final Loop loop;
  private final List<Argument> arguments;
  private final List<Loop> loops = new ArrayList<>();

  private Padding(Loop loop) {
    this.loop = loop;
    arguments = new ArrayList<>(loop.arguments());
  }

  /**
   * The loops that write the padded copies and, last, the chain without guards; arguments beyond
   * the loop's own are room for the copies. Empty if the loop is no chain, has no guard, or one of
   * another form.
   */
  public static Optional<List<Loop>> of(Loop loop) {
    return Chain.of(loop).flatMap(chain -> new Padding(loop).padded(chain));
  }

  private Optional<List<Loop>> padded(Chain chain) {
    Optional<Scalar.Load> a = padded(chain.a());
    Optional<Scalar.Load> b = padded(chain.b());
    if (a.isEmpty() || b.isEmpty() || loops.isEmpty()) {
      return Optional.empty();
    }
    Fold fold = new Fold(FoldKind.CHAIN, a.get(), b.get());
    Phase sum = new Phase(loop.phases().get(0).inner(), List.of(fold), List.of());
    loops.add(new Loop(loop.name(), loop.kept(), List.of(sum, loop.phases().get(1)), arguments));
    return Optional.of(loops.stream().map(l -> withArguments(l, arguments)).toList());
  }

  private static Loop withArguments(Loop loop, List<Argument> arguments) {
    return new Loop(loop.name(), loop.kept(), loop.phases(), arguments);
  }

  /**
   * A factor without guards, the loops that make its copy added; the factor itself if it has none.
   */
  private Optional<Scalar.Load> padded(Scalar.Load load) {
    Optional<List<Dimension>> dimensions = dimensions(load);
    if (dimensions.isEmpty()) {
      return Optional.empty();
    }
    if (dimensions.get().isEmpty()) {
      return Optional.of(new Scalar.Load(load.type(), load.argument(), load.at(), List.of()));
    }
    Index rest = load.at();
    List<Side> sides = new ArrayList<>();
    for (Dimension d : dimensions.get()) {
      rest = rest.plus(d.quotient().times(-d.factor));
      sides.add(d);
    }
    if (!rest.isAffine()) {
      return Optional.empty();
    }
    for (Index.Term term : rest.terms()) {
      sides.add(new Plain((Index.Axis) term.atom(), term.factor()));
    }
    sides.sort(Comparator.comparing(side -> -Math.abs(side.factor())));
    long size = 1;
    long most = Math.max(1 << 12, MOST_GROWTH * loop.arguments().get(load.argument()).size());
    for (Side side : sides) {
      size *= side.extent();
      if (size > Math.min(most, Integer.MAX_VALUE)) {
        return Optional.empty();
      }
    }
    return copied(load, rest.constant(), sides, size);
  }

  /** Adds the loops that write zeros, then the copy among them; gives how the chain reads it. */
  private Optional<Scalar.Load> copied(
      Scalar.Load load, long constant, List<Side> sides, long size) {
    int argument = arguments.size();
    Index read = Index.ZERO;
    Index from = Index.of(constant);
    Index to = Index.ZERO;
    List<Integer> extents = new ArrayList<>();
    long stride = size;
    for (Side side : sides) {
      stride /= side.extent();
      int count = Math.toIntExact(side.count());
      Index element = Index.axis(extents.size(), count);
      extents.add(count);
      read = read.plus(side.read().times(stride));
      from = from.plus(element.plus(side.first()).times(side.factor()));
      to = to.plus(side.place(element).times(stride));
    }
    long array = loop.arguments().get(load.argument()).size();
    boolean copies = Loop.size(extents) > 0;
    if (copies && (from.min() < 0 || from.max() >= array)) {
      // A guard of two dimensions that are not independent.
      return Optional.empty();
    }
    arguments.add(new Argument(DType.FLOAT32, size, true));
    Index zero = Index.axis(0, (int) size);
    loops.add(store("zeros", List.of((int) size), argument, zero, Scalar.zero(DType.FLOAT32)));
    if (copies) {
      Scalar element = new Scalar.Load(DType.FLOAT32, load.argument(), from, List.of());
      loops.add(store("padding", extents, argument, to, element));
    }
    return Optional.of(new Scalar.Load(DType.FLOAT32, argument, read, List.of()));
  }

  private Loop store(String name, List<Integer> extents, int argument, Index at, Scalar value) {
    Phase phase = new Phase(List.of(), List.of(), List.of(new Store(argument, at, value)));
    return new Loop(loop.name() + " " + name, extents, List.of(phase), arguments);
  }

  /** A side of the padded copy. */
  private sealed interface Side {
    /** Steps of the array with each step of the element. */
    long factor();

    /** Elements with all zeros. */
    long extent();

    /** Elements copied. */
    long count();

    /** The first element copied. */
    long first();

    /** Where an element, counted from the first copied, lies in the copy. */
    Index place(Index element);

    /** Where the chain reads. */
    Index read();
  }

  /** An axis of the loop that is not padded. */
  private record Plain(Index.Axis axis, long factor) implements Side {
    @Override
    public long extent() {
      return axis.extent();
    }

    @Override
    public long count() {
      return axis.extent();
    }

    @Override
    public long first() {
      return 0;
    }

    @Override
    public Index place(Index element) {
      return element;
    }

    @Override
    public Index read() {
      return Index.atom(axis);
    }
  }

  /**
   * A padded dimension.
   *
   * @param e what the guard bounds, made of axes
   * @param spacing distance of the array's elements in units of e
   * @param low where the array begins
   * @param high where it ends
   * @param factor how far a step of the {@link #quotient} moves the array
   */
  public record Dimension(Index e, long spacing, long low, long high, long factor) implements Side {
    /** Which of the array's elements e is at. */
    public Index quotient() {
      return e.div(spacing);
    }

    @Override
    public long extent() {
      return e.max() - e.min() + 1;
    }

    @Override
    public long first() {
      return Math.ceilDiv(Math.max(low, e.min()), spacing);
    }

    @Override
    public long count() {
      return Math.max(0, Math.floorDiv(Math.min(high - 1, e.max()), spacing) - first() + 1);
    }

    @Override
    public Index place(Index element) {
      return element.plus(first()).times(spacing).plus(-e.min());
    }

    @Override
    public Index read() {
      return e.plus(-e.min());
    }
  }

  /** The dimensions in which a factor is padded, none if it has no guard; empty if another has. */
  public static Optional<List<Dimension>> dimensions(Scalar.Load load) {
    return dimensions(load.at(), load.guard().stream().filter(b -> !b.always()).toList());
  }

  /** The dimensions that a guard bounds, if it is a padding's. */
  private static Optional<List<Dimension>> dimensions(Index at, List<Bound> guard) {
    List<Bound> ranges = new ArrayList<>();
    List<Bound> spreads = new ArrayList<>();
    for (Bound bound : guard) {
      (bound.index().isAffine() ? ranges : spreads).add(bound);
    }
    List<Dimension> dimensions = new ArrayList<>();
    for (Bound range : ranges) {
      long spacing = 1;
      for (Bound spread : spreads) {
        long candidate = spacing(spread);
        if (candidate > 1 && spread.equals(new Bound(range.index().mod(candidate), 0, 1))) {
          spacing = candidate;
          spreads.remove(spread);
          break;
        }
      }
      if (!add(dimensions, at, range.index(), spacing, range.low(), range.high())) {
        return Optional.empty();
      }
    }
    // What is spread and never left.
    for (Bound spread : spreads) {
      boolean whole = spacing(spread) > 1 && spread.low() == 0 && spread.high() == 1;
      if (!whole
          || !(spread.index().terms().get(0).atom() instanceof Index.Mod mod)
          || !mod.of().isAffine()
          || !add(dimensions, at, mod.of(), mod.by(), mod.of().min(), mod.of().max() + 1)) {
        return Optional.empty();
      }
    }
    return Optional.of(dimensions);
  }

  /** The divisor of an index that is a remainder, else 0. */
  private static long spacing(Bound bound) {
    Index index = bound.index();
    return index.constant() == 0
            && index.terms().size() == 1
            && index.terms().get(0).atom() instanceof Index.Mod mod
        ? index.terms().get(0).factor() * mod.by()
        : 0;
  }

  private static boolean add(
      List<Dimension> dimensions, Index at, Index e, long spacing, long low, long high) {
    Index quotient = e.div(spacing);
    // One summand of the quotient tells how far a step of it moves the array.
    for (Index.Term part : quotient.terms()) {
      boolean divided = part.atom() instanceof Index.Div;
      if (divided || quotient.isAffine()) {
        long factor = factor(at, part.atom());
        if (factor % part.factor() != 0) {
          return false;
        }
        dimensions.add(new Dimension(e, spacing, low, high, factor / part.factor()));
        return true;
      }
    }
    return false;
  }

  private static long factor(Index index, Index.Atom atom) {
    for (Index.Term term : index.terms()) {
      if (term.atom().equals(atom)) {
        return term.factor();
      }
    }
    return 0;
  }
}
