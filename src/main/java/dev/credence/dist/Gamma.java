package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * The gamma distribution of positive single numbers; the event is a scalar. The concentration is a
 * constant, since the engine has no gamma function to differentiate; the rate may be learned.
 *
 * @param concentration the shape parameter a, positive
 * @param rate the inverse scale r, positive
 */
public record Gamma(double concentration, Tensor rate) implements Distribution {
  /** Refuses a concentration that is not positive. */
  public Gamma {
    GammaFunction.requirePositive("a concentration", concentration);
  }

  @Override
  public Shape batchShape() {
    return rate.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} a log r + (a - 1) log x - r x - log G(a); x is positive. */
  @Override
  public Tensor logProb(Tensor x) {
    return rate.log()
        .mul(concentration)
        .add(x.log().mul(concentration - 1))
        .sub(rate.mul(x))
        .sub(GammaFunction.log(concentration));
  }

  /** {@inheritDoc} A draw of rate 1 divided by the rate: the gradient is the rate's alone. */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    Tensor a = Tensor.fill(concentration, rate.type());
    return Noise.gamma(key, a, sampleShape).div(rate);
  }

  /** {@inheritDoc} a - log r + log G(a) + (1 - a) psi(a). */
  @Override
  public Tensor entropy() {
    double a = concentration;
    double rest = a + GammaFunction.log(a) + (1 - a) * GammaFunction.digamma(a);
    return rate.log().neg().add(rest);
  }

  /** {@inheritDoc} a / r. */
  @Override
  public Tensor mean() {
    return rate.pow(-1).mul(concentration);
  }

  /** {@inheritDoc} a / r^2. */
  @Override
  public Tensor variance() {
    return rate.pow(-2).mul(concentration);
  }

  @Override
  public Tensor cdf(Tensor x) {
    throw Unsupported.closedForm(this, "distribution function");
  }
}
