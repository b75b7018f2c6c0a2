package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Scalar;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Puts indices in the place of a loop's axes, in all that is made of them. */
final class AxisMap {
  private final Function<Index.Axis, Index> axes;
  private final Map<Scalar, Scalar> done = new IdentityHashMap<>();

  AxisMap(Function<Index.Axis, Index> axes) {
    this.axes = axes;
  }

  Index index(Index index) {
    return index.map(this::atom);
  }

  private Index atom(Index.Atom atom) {
    return switch (atom) {
      case Index.Axis axis -> axes.apply(axis);
      case Index.Loaded l ->
          Index.atom(new Index.Loaded(l.argument(), index(l.at()), bounds(l.guard()), l.bound()));
      default -> Index.atom(atom);
    };
  }

  private List<Bound> bounds(List<Bound> bounds) {
    return bounds.stream().map(b -> new Bound(index(b.index()), b.low(), b.high())).toList();
  }

  Scalar.Load load(Scalar.Load load) {
    return new Scalar.Load(load.type(), load.argument(), index(load.at()), bounds(load.guard()));
  }

  /** A value; shared operands stay shared. */
  Scalar scalar(Scalar scalar) {
    Scalar before = done.get(scalar);
    if (before != null) {
      return before;
    }
    Scalar made =
        switch (scalar) {
          case Scalar.Position p -> new Scalar.Position(index(p.index()));
          case Scalar.Within w -> new Scalar.Within(bounds(w.bounds()));
          case Scalar.Load l -> load(l);
          case Scalar.Noise n ->
              new Scalar.Noise(
                  n.kind(), n.keyWord(), index(n.element()), n.rowSize(), index(n.sample()));
          case Scalar.Unary u -> new Scalar.Unary(u.word(), scalar(u.of()));
          case Scalar.Binary b -> new Scalar.Binary(b.word(), scalar(b.a()), scalar(b.b()));
          case Scalar.Select s ->
              new Scalar.Select(scalar(s.condition()), scalar(s.yes()), scalar(s.no()));
          case Scalar.Cast c -> new Scalar.Cast(c.type(), scalar(c.of()));
          case Scalar.Const c -> c;
          case Scalar.Param p -> p;
          case Scalar.Folded f -> f;
        };
    done.put(scalar, made);
    return made;
  }
}
