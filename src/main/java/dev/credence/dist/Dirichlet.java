package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The Dirichlet distribution of probabilities of K classes; the event is of shape (K), the batch a
 * single one. The concentrations are constants, since the engine has no gamma function to
 * differentiate.
 *
 * @param concentration one a class, positive; at least two
 * @param dtype kind of the outcomes
 */
public record Dirichlet(List<Double> concentration, DType dtype) implements Distribution {
  /** Refuses concentrations that are not positive. */
  public Dirichlet {
    concentration = List.copyOf(concentration);
    if (concentration.size() < 2) {
      throw new IllegalArgumentException(
          "a Dirichlet distribution has two classes at least, but "
              + concentration.size()
              + " were given");
    }
    concentration.forEach(a -> GammaFunction.requirePositive("a concentration", a));
  }

  @Override
  public Shape batchShape() {
    return Shape.SCALAR;
  }

  @Override
  public Shape eventShape() {
    return Shape.of(concentration.size());
  }

  /** The sum of the concentrations. */
  double total() {
    return sum(a -> a);
  }

  /** The sum of a function of the concentrations. */
  double sum(DoubleUnaryOperator term) {
    return concentration.stream().mapToDouble(a -> term.applyAsDouble(a)).sum();
  }

  /** log of the integral of prod x^(a - 1). */
  double logNorm() {
    return sum(GammaFunction::log) - GammaFunction.log(total());
  }

  private Tensor each(DoubleUnaryOperator value) {
    return Tensor.literal(
        new TensorType(dtype, eventShape()),
        concentration.stream().mapToDouble(a -> value.applyAsDouble(a)).toArray());
  }

  /** {@inheritDoc} sum of (a - 1) log x, minus log B(a); the x are positive and sum to 1. */
  @Override
  public Tensor logProb(Tensor x) {
    return x.log().mul(each(a -> a - 1)).sum(-1).sub(logNorm());
  }

  /** {@inheritDoc} Gamma numbers divided by their sum. */
  @Override
  public Tensor sample(Key key, int... sampleShape) {
    Tensor g = Noise.gamma(key, each(a -> a), sampleShape);
    return g.div(g.sum(-1).unsqueeze(-1));
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    throw Unsupported.rsample(this, "its concentrations are constants");
  }

  /** {@inheritDoc} log B(a) + (A - K) psi(A) - sum of (a - 1) psi(a), with A the sum of the a. */
  @Override
  public Tensor entropy() {
    double total = total();
    double nats =
        logNorm()
            + (total - concentration.size()) * GammaFunction.digamma(total)
            - sum(a -> (a - 1) * GammaFunction.digamma(a));
    return Tensor.fill(nats, new TensorType(dtype, Shape.SCALAR));
  }

  /** {@inheritDoc} a / A. */
  @Override
  public Tensor mean() {
    double total = total();
    return each(a -> a / total);
  }

  /** {@inheritDoc} Of each class by itself: m (1 - m) / (A + 1) with m its mean. */
  @Override
  public Tensor variance() {
    double total = total();
    return each(a -> a / total * (1 - a / total) / (total + 1));
  }

  @Override
  public Tensor cdf(Tensor x) {
    throw Unsupported.closedForm(this, "distribution function");
  }
}
