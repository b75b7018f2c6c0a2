package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * Student's t distribution of single numbers, shifted and scaled; the event is a scalar. The
 * degrees of freedom are a constant, since the engine has no gamma function to differentiate.
 *
 * @param df the degrees of freedom, positive; the mean exists above 1, the variance above 2
 * @param loc the centre
 * @param scale what a standard t is multiplied by, not the standard deviation; positive
 */
public record StudentT(double df, Tensor loc, Tensor scale) implements Distribution {
  /** Broadcasts centre and scale to their common shape. */
  public StudentT {
    GammaFunction.requirePositive("a number of degrees of freedom", df);
    Shape common = Shape.broadcast(loc.shape(), scale.shape());
    loc = loc.broadcast(common);
    scale = scale.broadcast(common);
  }

  @Override
  public Shape batchShape() {
    return loc.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** log(sqrt(df) B(df / 2, 1 / 2)). */
  private double logNorm() {
    return 0.5 * Math.log(df) + GammaFunction.logBeta(df / 2, 0.5);
  }

  /** {@inheritDoc} -(df + 1) / 2 log(1 + z^2 / df) - log s - log(sqrt(df) B(df / 2, 1 / 2)). */
  @Override
  public Tensor logProb(Tensor x) {
    Tensor z = x.sub(loc).div(scale);
    Tensor tail = z.square().div(df).log1p().mul(-0.5 * (df + 1));
    return tail.sub(scale.log()).sub(logNorm());
  }

  /**
   * {@inheritDoc} m + s e / sqrt(g / (df / 2)) with standard normal e and g of a gamma distribution
   * of concentration df / 2.
   */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    Tensor e = Noise.normal(key.split("normal"), loc.type(), sampleShape);
    Tensor half = Tensor.fill(df / 2, loc.type());
    Tensor g = Noise.gamma(key.split("gamma"), half, sampleShape);
    return loc.add(scale.mul(e.mul(g.div(df / 2).rsqrt())));
  }

  /** {@inheritDoc} (df + 1) / 2 (psi((df + 1) / 2) - psi(df / 2)) + log(sqrt(df) B) + log s. */
  @Override
  public Tensor entropy() {
    double digammas = GammaFunction.digamma((df + 1) / 2) - GammaFunction.digamma(df / 2);
    return scale.log().add(0.5 * (df + 1) * digammas + logNorm());
  }

  /** {@inheritDoc} NaN up to one degree of freedom. */
  @Override
  public Tensor mean() {
    return df > 1 ? loc : Tensor.fill(Double.NaN, loc.type());
  }

  /** {@inheritDoc} s^2 df / (df - 2); infinite up to two degrees of freedom, NaN up to one. */
  @Override
  public Tensor variance() {
    if (df <= 2) {
      return Tensor.fill(df > 1 ? Double.POSITIVE_INFINITY : Double.NaN, loc.type());
    }
    return scale.square().mul(df / (df - 2));
  }

  @Override
  public Tensor cdf(Tensor x) {
    throw Unsupported.closedForm(this, "distribution function");
  }
}
