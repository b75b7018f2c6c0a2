package dev.credence.dist;

import dev.credence.tensor.Tensor;

/**
 * Half of the channels go through another map, the others are done (Dinh, Sohl-Dickstein and Bengio
 * 2017, "Density Estimation Using Real NVP", section 3.6). A multi-scale flow of images is a chain
 * of layers, squeezed, with a split inside that holds the layers of the next scale.
 *
 * @param rest the map of the first half of the channels (of the numbers, for rows)
 */
public record Split(Bijector rest) implements Bijector {
  @Override
  public int eventRank() {
    return rest.eventRank();
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Halves halves = Halves.of(z, eventRank(), false);
    Mapped mapped = rest.forwardAndLogDet(halves.kept());
    return new Mapped(halves.joined(mapped.value(), halves.moved()), mapped.logDet());
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Halves halves = Halves.of(x, eventRank(), false);
    Mapped mapped = rest.inverseAndLogDet(halves.kept());
    return new Mapped(halves.joined(mapped.value(), halves.moved()), mapped.logDet());
  }

  @Override
  public Split given(Tensor context) {
    return new Split(rest.given(context));
  }

  @Override
  public Split initialised(Tensor x) {
    return new Split(rest.initialised(Halves.of(x, eventRank(), false).kept()));
  }
}
