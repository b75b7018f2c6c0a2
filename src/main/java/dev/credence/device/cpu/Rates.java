package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Scalar;
import java.util.ArrayList;
import java.util.List;

/** The rates of what one phase of a loop computes; an axis of extent 1 never moves. */
record Rates(List<Integer> kept, List<Integer> inner) {
  static Rates of(Loop loop, Loop.Phase phase) {
    return new Rates(loop.kept(), phase.inner());
  }

  int extent(int axis) {
    return axis < kept.size() ? kept.get(axis) : inner.get(axis - kept.size());
  }

  /** The highest rate there is in the phase. */
  Rate highest() {
    return Loop.size(inner) > 1 ? Rate.INNER : Rate.KEPT;
  }

  /** How often an index changes. */
  Rate of(Index index) {
    Rate rate = Rate.ONCE;
    for (Index.Term term : index.terms()) {
      rate =
          rate.max(
              switch (term.atom()) {
                case Index.Axis axis -> of(axis);
                case Index.Div div -> of(div.of());
                case Index.Mod mod -> of(mod.of());
                case Index.Loaded loaded -> of(loaded.at()).max(of(loaded.guard()));
              });
    }
    return rate;
  }

  private Rate of(Index.Axis axis) {
    if (extent(axis.axis()) == 1) {
      return Rate.ONCE;
    }
    return axis.axis() < kept.size() ? Rate.KEPT : Rate.INNER;
  }

  /** How often conditions change. */
  Rate of(List<Bound> bounds) {
    Rate rate = Rate.ONCE;
    for (Bound bound : bounds) {
      if (!bound.always()) {
        rate = rate.max(of(bound.index()));
      }
    }
    return rate;
  }

  /**
   * The rates of all lines.
   *
   * @param folded the rates of what earlier phases folded
   */
  List<Rate> of(Lines lines, List<List<Rate>> folded) {
    List<Rate> rates = new ArrayList<>();
    for (Line line : lines.lines()) {
      Rate rate =
          switch (line.scalar()) {
            case Scalar.Position p -> of(p.index());
            case Scalar.Within w -> of(w.bounds());
            case Scalar.Load l -> of(l.at()).max(of(l.guard()));
            case Scalar.Noise n -> of(n.element()).max(of(n.sample()));
            case Scalar.Folded f -> folded.get(f.phase()).get(f.fold());
            default -> Rate.ONCE;
          };
      for (int operand : line.operands()) {
        rate = rate.max(rates.get(operand));
      }
      rates.add(rate);
    }
    return rates;
  }
}
