package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * The uniform distribution of single numbers; the event is a scalar.
 *
 * @param low the least outcome
 * @param high the largest outcome, above low, of its type
 */
public record Uniform(Tensor low, Tensor high) implements Distribution {
  /** Broadcasts the bounds to their common shape. */
  public Uniform {
    Shape common = Shape.broadcast(low.shape(), high.shape());
    low = low.broadcast(common);
    high = high.broadcast(common);
  }

  /** Constant bounds. */
  public static Uniform of(double low, double high, TensorType type) {
    if (!(low < high)) {
      throw new IllegalArgumentException(
          "a lower bound lies below an upper one, but " + low + " and " + high + " were given");
    }
    return new Uniform(Tensor.fill(low, type), Tensor.fill(high, type));
  }

  private Tensor width() {
    return high.sub(low);
  }

  @Override
  public Shape batchShape() {
    return low.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} -log(high - low) between the bounds, which are included, else -infinity. */
  @Override
  public Tensor logProb(Tensor x) {
    Tensor inside = low.lessEqual(x).and(x.lessEqual(high));
    Tensor outside = Tensor.fill(Double.NEGATIVE_INFINITY, low.type());
    return inside.select(width().log().neg(), outside);
  }

  /** {@inheritDoc} low + (high - low) u with u in (0, 1). */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    return low.add(width().mul(Noise.uniform(key, low.type(), sampleShape)));
  }

  /** {@inheritDoc} log(high - low). */
  @Override
  public Tensor entropy() {
    return width().log();
  }

  @Override
  public Tensor mean() {
    return low.add(high).mul(0.5);
  }

  /** {@inheritDoc} (high - low)^2 / 12. */
  @Override
  public Tensor variance() {
    return width().square().div(12);
  }

  @Override
  public Tensor cdf(Tensor x) {
    return x.sub(low).div(width()).clamp(0, 1);
  }
}
