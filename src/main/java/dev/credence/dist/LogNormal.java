package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * Positive single numbers whose logarithm is normal; the event is a scalar.
 *
 * @param loc the mean of the logarithm
 * @param scale the standard deviation of the logarithm; positive, of loc's type
 */
public record LogNormal(Tensor loc, Tensor scale) implements Distribution {
  /** Broadcasts mean and standard deviation to their common shape. */
  public LogNormal {
    Normal log = new Normal(loc, scale);
    loc = log.loc();
    scale = log.scale();
  }

  /** The distribution of the logarithm. */
  public Normal log() {
    return new Normal(loc, scale);
  }

  @Override
  public Shape batchShape() {
    return loc.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** x where it is positive, else 1, so that no gradient meets the logarithm of what has none. */
  private static Tensor inside(Tensor x) {
    return x.greater(0).select(x, Tensor.fill(1, x.type()));
  }

  /** {@inheritDoc} The normal's of log x, minus log x; -infinity where x is not positive. */
  @Override
  public Tensor logProb(Tensor x) {
    Tensor log = inside(x).log();
    Tensor density = log().logProb(log).sub(log);
    Tensor outside = Tensor.fill(Double.NEGATIVE_INFINITY, density.type());
    return x.greater(0).select(density, outside);
  }

  /** {@inheritDoc} exp(m + s e) with standard normal e. */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    return log().rsample(key, sampleShape).exp();
  }

  /** {@inheritDoc} The normal's, plus its mean. */
  @Override
  public Tensor entropy() {
    return log().entropy().add(loc);
  }

  /** {@inheritDoc} exp(m + s^2 / 2). */
  @Override
  public Tensor mean() {
    return loc.add(scale.square().mul(0.5)).exp();
  }

  /** {@inheritDoc} (exp(s^2) - 1) exp(2 m + s^2). */
  @Override
  public Tensor variance() {
    return scale.square().expm1().mul(mean().square());
  }

  @Override
  public Tensor cdf(Tensor x) {
    Tensor below = log().cdf(inside(x).log());
    return x.greater(0).select(below, below.zerosLike());
  }
}
