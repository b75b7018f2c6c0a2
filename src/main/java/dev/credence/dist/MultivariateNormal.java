package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * The normal distribution of vectors of d numbers that depend on each other; the event is of shape
 * (d).
 *
 * @param loc the mean, shape batch + (d)
 * @param factor the lower Cholesky factor L of the covariance L L', shape batch + (d, d), of
 *     positive diagonal; what stands above the diagonal is not read
 */
public record MultivariateNormal(Tensor loc, Tensor factor) implements Distribution {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  /** Broadcasts mean and factor to one batch shape. */
  public MultivariateNormal {
    if (factor.shape().rank() < 2
        || loc.shape().rank() < 1
        || factor.shape().dim(-1) != factor.shape().dim(-2)
        || factor.shape().dim(-1) != loc.shape().dim(-1)) {
      throw new IllegalArgumentException(
          "a mean of shape "
              + loc.shape()
              + " and a factor of shape "
              + factor.shape()
              + " are not (.., d) and (.., d, d)");
    }
    Shape batch = Shape.broadcast(loc.shape().without(-1), factor.shape().without(-1, -2));
    int d = loc.shape().dim(-1);
    loc = loc.broadcast(batch.concat(Shape.of(d)));
    factor = factor.lowerTriangle().broadcast(batch.concat(Shape.of(d, d)));
  }

  /**
   * By its covariance.
   *
   * @param covariance symmetric and positive definite, shape batch + (d, d); else numbers are NaN
   */
  public static MultivariateNormal ofCovariance(Tensor loc, Tensor covariance) {
    return new MultivariateNormal(loc, covariance.cholesky());
  }

  private int d() {
    return loc.shape().dim(-1);
  }

  @Override
  public Shape batchShape() {
    return loc.shape().without(-1);
  }

  @Override
  public Shape eventShape() {
    return Shape.of(d());
  }

  /** L^-1 x of vectors, shape (.., d). */
  Tensor whiten(Tensor x) {
    if (batchShape().rank() == 0) {
      Tensor columns = x.reshape(-1, d()).transpose();
      return columns.triangularSolve(factor, true, false).transpose().reshape(x.shape());
    }
    Tensor each = factor.broadcast(x.shape().concat(Shape.of(d())));
    return x.unsqueeze(-1).triangularSolve(each, true, false).reshape(x.shape());
  }

  /** Half the log determinant of the covariance, of the batch shape. */
  Tensor halfLogDet() {
    return factor.diagonalOnly().sum(-1).log().sum(-1);
  }

  /** {@inheritDoc} -|L^-1 (x - m)|^2 / 2 - log det L - d log(2 pi) / 2. */
  @Override
  public Tensor logProb(Tensor x) {
    Tensor squares = whiten(x.sub(loc)).square().sum(-1);
    return squares.mul(-0.5).sub(halfLogDet()).sub(0.5 * d() * LOG_TWO_PI);
  }

  /** {@inheritDoc} m + L e with standard normal e. */
  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    Tensor noise = Noise.normal(key, loc.type(), sampleShape);
    Tensor spread = factor.matmul(noise.unsqueeze(-1));
    return loc.add(spread.reshape(noise.shape()));
  }

  /** {@inheritDoc} log det L + d log(2 pi e) / 2. */
  @Override
  public Tensor entropy() {
    return halfLogDet().add(0.5 * d() * (1 + LOG_TWO_PI));
  }

  @Override
  public Tensor mean() {
    return loc;
  }

  /** The covariance, shape batch + (d, d). */
  public Tensor covariance() {
    return factor.matmul(factor.transpose());
  }

  /** {@inheritDoc} The diagonal of the covariance. */
  @Override
  public Tensor variance() {
    return factor.square().sum(-1);
  }

  @Override
  public Tensor cdf(Tensor x) {
    throw Unsupported.closedForm(this, "distribution function");
  }
}
