package dev.credence.dist;

import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Maps one after the other; an empty chain is the identity of rows.
 *
 * @param parts in the order from noise to data, all of one event rank
 */
public record Chain(List<Bijector> parts) implements Bijector {
  /** Refuses parts whose outcomes differ in rank. */
  public Chain {
    parts = List.copyOf(parts);
    if (parts.stream().map(Bijector::eventRank).distinct().count() > 1) {
      throw new IllegalArgumentException("the parts of a chain map outcomes of different ranks");
    }
  }

  /** Maps one after the other, from noise to data. */
  public static Chain of(Bijector... parts) {
    return new Chain(List.of(parts));
  }

  @Override
  public int eventRank() {
    return parts.isEmpty() ? 1 : parts.getFirst().eventRank();
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return through(parts, z, Bijector::forwardAndLogDet);
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    return through(parts.reversed(), x, Bijector::inverseAndLogDet);
  }

  private Mapped through(
      List<Bijector> order, Tensor from, BiFunction<Bijector, Tensor, Mapped> map) {
    Tensor value = from;
    Tensor logDet = Events.noStretch(from, eventRank());
    for (Bijector part : order) {
      Mapped next = map.apply(part, value);
      value = next.value();
      logDet = logDet.add(next.logDet());
    }
    return new Mapped(value, logDet);
  }

  @Override
  public Chain given(Tensor context) {
    return new Chain(parts.stream().map(part -> part.given(context)).toList());
  }

  @Override
  public Chain initialised(Tensor x) {
    List<Bijector> seen = new ArrayList<>();
    Tensor value = x;
    for (Bijector part : parts.reversed()) {
      Bijector next = part.initialised(value);
      seen.addFirst(next);
      value = next.inverse(value);
    }
    return new Chain(seen);
  }
}
