package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * What a bijector makes of the draws of a distribution, a normalizing flow: log p(x) = log
 * base(f^-1(x)) + log |det df^-1 / dx| (Rezende and Mohamed 2015, equation 5).
 *
 * @param base of noise; its event is what the bijector maps
 * @param bijector from noise to data
 */
public record Transformed(Distribution base, Bijector bijector) implements Distribution {
  /** Refuses a base whose outcomes are of another rank. */
  public Transformed {
    if (base.eventShape().rank() != bijector.eventRank()) {
      throw new IllegalArgumentException(
          "the base's outcomes are of shape "
              + base.eventShape()
              + ", but the bijector maps outcomes of rank "
              + bijector.eventRank());
    }
  }

  /**
   * A flow from standard normal noise.
   *
   * @param dtype of data and weights
   * @param event shape of an outcome
   */
  public static Transformed ofNormal(Bijector bijector, DType dtype, int... event) {
    Normal normal = Normal.standard(new TensorType(dtype, Shape.of(event)));
    return new Transformed(new Independent(normal, event.length), bijector);
  }

  /** This flow under a condition, see {@link Bijector#given}. */
  public Transformed given(Tensor context) {
    return new Transformed(base, bijector.given(context));
  }

  @Override
  public Shape batchShape() {
    return base.batchShape();
  }

  @Override
  public Shape eventShape() {
    return base.eventShape();
  }

  @Override
  public Tensor logProb(Tensor x) {
    Bijector.Mapped noise = bijector.inverseAndLogDet(x);
    return base.logProb(noise.value()).add(noise.logDet());
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    return bijector.forward(base.rsample(key, sampleShape));
  }

  private UnsupportedOperationException noClosedForm(String what) {
    return new UnsupportedOperationException(
        "a flow's " + what + " has no closed form; estimate it from draws");
  }

  @Override
  public Tensor entropy() {
    throw noClosedForm("entropy");
  }

  @Override
  public Tensor mean() {
    throw noClosedForm("mean");
  }

  @Override
  public Tensor variance() {
    throw noClosedForm("variance");
  }

  @Override
  public Tensor cdf(Tensor x) {
    throw noClosedForm("distribution function");
  }
}
