package dev.credence.kernel;

import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Puts bodies into another loop; each value is rewritten once, so that shared ones stay shared. */
public class Rewriting {
  /** An element of an argument. */
  public record Place(int argument, Index at) {}

  private final Map<Scalar, Scalar> done = new IdentityHashMap<>();

  /** What becomes of an axis. */
  protected Index axis(Index.Axis axis) {
    return Index.atom(axis);
  }

  /** What becomes of the result of a fold. */
  protected Scalar folded(Scalar.Folded folded) {
    return folded;
  }

  /** What becomes of an element whose index has been rewritten. */
  protected Place place(Place place) {
    return place;
  }

  /** The phase with all its values rewritten; its inner axes stay as they are. */
  public final Phase phase(Phase phase) {
    return new Phase(
        phase.inner(),
        phase.folds().stream().map(f -> new Fold(f.kind(), of(f.value()), of(f.factor()))).toList(),
        phase.stores().stream().map(this::store).toList());
  }

  private Store store(Store store) {
    Place to = place(new Place(store.argument(), of(store.at())));
    return new Store(to.argument, to.at, of(store.value()));
  }

  final Scalar of(Scalar scalar) {
    Scalar before = done.get(scalar);
    if (before == null) {
      before = rewritten(scalar);
      done.put(scalar, before);
    }
    return before;
  }

  private Scalar rewritten(Scalar scalar) {
    return switch (scalar) {
      case Scalar.Const c -> c;
      case Scalar.Param p -> p;
      case Scalar.Position p -> new Scalar.Position(of(p.index()));
      case Scalar.Within w -> new Scalar.Within(bounds(w.bounds()));
      case Scalar.Load l -> {
        Place from = place(new Place(l.argument(), of(l.at())));
        yield new Scalar.Load(l.type(), from.argument, from.at, bounds(l.guard()));
      }
      case Scalar.Noise n ->
          new Scalar.Noise(n.kind(), n.keyWord(), of(n.element()), n.rowSize(), of(n.sample()));
      case Scalar.Unary u -> new Scalar.Unary(u.word(), of(u.of()));
      case Scalar.Binary b -> new Scalar.Binary(b.word(), of(b.a()), of(b.b()));
      case Scalar.Select s -> new Scalar.Select(of(s.condition()), of(s.yes()), of(s.no()));
      case Scalar.Cast c -> new Scalar.Cast(c.type(), of(c.of()));
      case Scalar.Folded f -> folded(f);
    };
  }

  private List<Bound> bounds(List<Bound> bounds) {
    return bounds.stream().map(b -> new Bound(of(b.index()), b.low(), b.high())).toList();
  }

  private Index of(Index index) {
    return index.map(
        atom ->
            switch (atom) {
              case Index.Axis axis -> axis(axis);
              case Index.Loaded l -> {
                Place from = place(new Place(l.argument(), of(l.at())));
                yield Index.atom(
                    new Index.Loaded(from.argument, from.at, bounds(l.guard()), l.bound()));
              }
              default -> Index.atom(atom);
            });
  }
}
