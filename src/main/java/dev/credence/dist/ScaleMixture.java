package dev.credence.dist;

import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * Single numbers from one of two normals around 0, a wide one and a narrow one: the prior of
 * Blundell et al. 2015, "Weight Uncertainty in Neural Networks", equation 7. All parameters are
 * constants; the event is a scalar.
 *
 * @param share probability of the first normal, pi, in (0, 1)
 * @param first its standard deviation, positive
 * @param second the other's standard deviation, positive
 * @param type batch shape and element kind
 */
public record ScaleMixture(double share, double first, double second, TensorType type)
    implements Distribution {
  /** Refuses shares outside (0, 1) and standard deviations that are not positive. */
  public ScaleMixture {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "a share lies between 0 and 1, but " + share + " was given");
    }
    GammaFunction.requirePositive("a standard deviation", first);
    GammaFunction.requirePositive("a standard deviation", second);
  }

  private Normal wide() {
    return Normal.of(0, first, type);
  }

  private Normal narrow() {
    return Normal.of(0, second, type);
  }

  @Override
  public Shape batchShape() {
    return type.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} log(pi N(x; 0, s1) + (1 - pi) N(x; 0, s2)), finite where both underflow. */
  @Override
  public Tensor logProb(Tensor x) {
    return LogSpace.add(
        wide().logProb(x).add(Math.log(share)), narrow().logProb(x).add(Math.log1p(-share)));
  }

  /** {@inheritDoc} The parameters are constants, so that there is nothing to have a gradient. */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    Shape shape = Shape.of(sampleShape).concat(batchShape());
    Draw.Layout layout = new Draw.Layout(key.split("which"), shape, sampleShape.length > 0, false);
    Tensor which = Tensor.of(new Draw.Bernoulli(layout, share));
    Tensor noise = Noise.normal(key.split("normal"), type, sampleShape);
    return which.select(noise.mul(first), noise.mul(second));
  }

  @Override
  public Tensor entropy() {
    throw Unsupported.closedForm(this, "entropy");
  }

  @Override
  public Tensor mean() {
    return Tensor.zeros(type);
  }

  /** {@inheritDoc} pi s1^2 + (1 - pi) s2^2. */
  @Override
  public Tensor variance() {
    return Tensor.fill(share * first * first + (1 - share) * second * second, type);
  }

  @Override
  public Tensor cdf(Tensor x) {
    return wide().cdf(x).mul(share).add(narrow().cdf(x).mul(1 - share));
  }
}
