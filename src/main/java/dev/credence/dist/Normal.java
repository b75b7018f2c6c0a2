package dev.credence.dist;

import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * The normal distribution of single numbers; the event is a scalar.
 *
 * @param loc the mean
 * @param scale the standard deviation, not the variance; positive, of loc's type
 */
public record Normal(Tensor loc, Tensor scale) implements Distribution {
  private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  /** Broadcasts mean and standard deviation to their common shape. */
  public Normal {
    Shape common = Shape.broadcast(loc.shape(), scale.shape());
    loc = loc.broadcast(common);
    scale = scale.broadcast(common);
  }

  /** Constant mean and standard deviation. */
  public static Normal of(double loc, double scale, TensorType type) {
    if (!(scale > 0)) {
      throw new IllegalArgumentException(
          "a standard deviation is positive, but " + scale + " was given");
    }
    return new Normal(Tensor.fill(loc, type), Tensor.fill(scale, type));
  }

  /** Mean 0 and standard deviation 1. */
  public static Normal standard(TensorType type) {
    return of(0, 1, type);
  }

  @Override
  public Shape batchShape() {
    return loc.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  private Tensor standardised(Tensor x) {
    return x.sub(loc).div(scale);
  }

  /** {@inheritDoc} -log s - ((x - m) / s)^2 / 2 - log(2 pi) / 2. */
  @Override
  public Tensor logProb(Tensor x) {
    return standardised(x).square().mul(-0.5).sub(scale.log()).sub(HALF_LOG_TWO_PI);
  }

  /** {@inheritDoc} m + s e with standard normal e (Kingma and Welling 2014, section 2.4). */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    Shape shape = Shape.of(sampleShape).concat(batchShape());
    Draw.Layout layout = new Draw.Layout(key, shape, sampleShape.length > 0, false);
    Tensor noise = Tensor.of(new Draw.Normal(layout)).cast(loc.dtype());
    return loc.add(scale.mul(noise));
  }

  /** {@inheritDoc} log s + log(2 pi e) / 2. */
  @Override
  public Tensor entropy() {
    return scale.log().add(0.5 + HALF_LOG_TWO_PI);
  }

  @Override
  public Tensor mean() {
    return loc;
  }

  @Override
  public Tensor variance() {
    return scale.square();
  }

  /** {@inheritDoc} (1 + erf(z / sqrt 2)) / 2 with z = (x - m) / s. */
  @Override
  public Tensor cdf(Tensor x) {
    return standardised(x).mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
  }
}
