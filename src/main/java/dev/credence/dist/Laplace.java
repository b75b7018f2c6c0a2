package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * The Laplace distribution of single numbers, of density exp(-|x - m| / b) / (2 b); the event is a
 * scalar.
 *
 * @param loc the mean m
 * @param scale b, which is the standard deviation divided by the root of 2; positive, of loc's type
 */
public record Laplace(Tensor loc, Tensor scale) implements Distribution {
  /** Broadcasts mean and scale to their common shape. */
  public Laplace {
    Shape common = Shape.broadcast(loc.shape(), scale.shape());
    loc = loc.broadcast(common);
    scale = scale.broadcast(common);
  }

  /** Constant mean and scale. */
  public static Laplace of(double loc, double scale, TensorType type) {
    GammaFunction.requirePositive("a scale", scale);
    return new Laplace(Tensor.fill(loc, type), Tensor.fill(scale, type));
  }

  @Override
  public Shape batchShape() {
    return loc.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} -|x - m| / b - log(2 b). */
  @Override
  public Tensor logProb(Tensor x) {
    return x.sub(loc).abs().div(scale).neg().sub(scale.mul(2).log());
  }

  /** {@inheritDoc} m + b (e - f) with exponential e and f. */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    Tensor right = Noise.exponential(key.split("right"), loc.type(), sampleShape);
    Tensor left = Noise.exponential(key.split("left"), loc.type(), sampleShape);
    return loc.add(scale.mul(right.sub(left)));
  }

  /** {@inheritDoc} 1 + log(2 b). */
  @Override
  public Tensor entropy() {
    return scale.mul(2).log().add(1);
  }

  @Override
  public Tensor mean() {
    return loc;
  }

  /** {@inheritDoc} 2 b^2. */
  @Override
  public Tensor variance() {
    return scale.square().mul(2);
  }

  /** {@inheritDoc} e^-|z| / 2 below the mean, 1 minus that above, with z = (x - m) / b. */
  @Override
  public Tensor cdf(Tensor x) {
    Tensor z = x.sub(loc).div(scale);
    Tensor tail = z.abs().neg().exp().mul(0.5);
    return z.less(0).select(tail, tail.neg().add(1));
  }
}
