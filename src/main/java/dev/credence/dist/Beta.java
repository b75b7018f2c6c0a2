package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * The beta distribution of single numbers in (0, 1); the event is a scalar. The concentrations are
 * constants, since the engine has no gamma function to differentiate.
 *
 * @param alpha concentration at 1, positive
 * @param beta concentration at 0, positive
 * @param type batch shape and element kind
 */
public record Beta(double alpha, double beta, TensorType type) implements Distribution {
  /** Refuses concentrations that are not positive. */
  public Beta {
    GammaFunction.requirePositive("a concentration", alpha);
    GammaFunction.requirePositive("a concentration", beta);
  }

  @Override
  public Shape batchShape() {
    return type.shape();
  }

  @Override
  public Shape eventShape() {
    return Shape.SCALAR;
  }

  /** {@inheritDoc} (a - 1) log x + (b - 1) log(1 - x) - log B(a, b); x lies in (0, 1). */
  @Override
  public Tensor logProb(Tensor x) {
    return x.log()
        .mul(alpha - 1)
        .add(x.neg().log1p().mul(beta - 1))
        .sub(GammaFunction.logBeta(alpha, beta))
        .add(Tensor.zeros(type));
  }

  /** {@inheritDoc} g / (g + h) with g and h of gamma distributions. */
  @Override
  public Tensor sample(Key key, int... sampleShape) {
    Tensor g = Noise.gamma(key.split("alpha"), Tensor.fill(alpha, type), sampleShape);
    Tensor h = Noise.gamma(key.split("beta"), Tensor.fill(beta, type), sampleShape);
    return g.div(g.add(h));
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    throw Unsupported.rsample(this, "its concentrations are constants");
  }

  /** {@inheritDoc} log B - (a - 1) psi(a) - (b - 1) psi(b) + (a + b - 2) psi(a + b). */
  @Override
  public Tensor entropy() {
    double nats =
        GammaFunction.logBeta(alpha, beta)
            - (alpha - 1) * GammaFunction.digamma(alpha)
            - (beta - 1) * GammaFunction.digamma(beta)
            + (alpha + beta - 2) * GammaFunction.digamma(alpha + beta);
    return Tensor.fill(nats, type);
  }

  /** {@inheritDoc} a / (a + b). */
  @Override
  public Tensor mean() {
    return Tensor.fill(alpha / (alpha + beta), type);
  }

  /** {@inheritDoc} a b / ((a + b)^2 (a + b + 1)). */
  @Override
  public Tensor variance() {
    double sum = alpha + beta;
    return Tensor.fill(alpha * beta / (sum * sum * (sum + 1)), type);
  }

  @Override
  public Tensor cdf(Tensor x) {
    throw Unsupported.closedForm(this, "distribution function");
  }
}
