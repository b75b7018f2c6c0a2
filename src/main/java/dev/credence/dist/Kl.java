package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.Optional;

/** Kullback-Leibler divergences in closed form, one row of a table a pair of distributions. */
public final class Kl {
  private record Pair(Distribution q, Distribution p) {}

  private Kl() {}

  /**
   * KL(q || p) = E_q[log q - log p] in nats.
   *
   * @return the batch shape
   * @throws UnsupportedOperationException naming the pair, if no closed form is known here
   */
  public static Tensor of(Distribution q, Distribution p) {
    return closed(q, p)
        .orElseThrow(
            () ->
                new UnsupportedOperationException(
                    "no closed KL divergence is known from "
                        + q.getClass().getSimpleName()
                        + " to "
                        + p.getClass().getSimpleName()
                        + "; estimate it by the mean of log q - log p over draws of q"));
  }

  /** KL(q || p) in nats, of the batch shape, where a closed form is known here. */
  public static Optional<Tensor> closed(Distribution q, Distribution p) {
    return switch (new Pair(q, p)) {
      case Pair(Normal a, Normal b) -> Optional.of(normal(a, b));
      case Pair(LogNormal a, LogNormal b) -> Optional.of(normal(a.log(), b.log()));
      case Pair(Normal a, Laplace b) -> Optional.of(normalLaplace(a, b));
      case Pair(Laplace a, Laplace b) -> Optional.of(laplace(a, b));
      case Pair(Laplace a, Normal b) -> Optional.of(crossNormal(a, b).sub(a.entropy()));
      case Pair(Uniform a, Uniform b) -> Optional.of(uniform(a, b));
      case Pair(Uniform a, Normal b) -> Optional.of(crossNormal(a, b).sub(a.entropy()));
      case Pair(Gamma a, Gamma b) -> Optional.of(gamma(a, b));
      case Pair(Beta a, Beta b) -> Optional.of(beta(a, b));
      case Pair(Bernoulli a, Bernoulli b) -> Optional.of(bernoulli(a, b));
      case Pair(Categorical a, Categorical b) -> Optional.of(categorical(a, b));
      case Pair(Dirichlet a, Dirichlet b) -> Optional.of(dirichlet(a, b));
      case Pair(MultivariateNormal a, MultivariateNormal b) ->
          Optional.of(multivariateNormal(a, b));
      case Pair(Independent a, Independent b) when a.rank() == b.rank() ->
          closed(a.base(), b.base()).map(nats -> Events.sum(nats, a.rank()));
      default -> Optional.empty();
    };
  }

  /**
   * The mean of log q - log p over draws of q: an unbiased estimate of KL(q || p) in nats, which is
   * exactly 0 for equal distributions and may be negative by chance. Gradients flow through draws
   * that are reparameterised.
   *
   * @param key the stream of the draws
   * @param samples how many draws
   * @return the batch shape
   * @throws UnsupportedOperationException if q has no reparameterised draw
   */
  public static Tensor estimate(Distribution q, Distribution p, Key key, int samples) {
    Tensor x = q.rsample(key, samples);
    return q.logProb(x).sub(p.logProb(x)).mean(0);
  }

  /** (r^2 + z^2 - 1) / 2 - log r with r = s / s0 and z = (m - m0) / s0. */
  private static Tensor normal(Normal q, Normal p) {
    Tensor ratio = q.scale().div(p.scale());
    Tensor shift = q.loc().sub(p.loc()).div(p.scale());
    return ratio.square().add(shift.square()).sub(1).mul(0.5).sub(ratio.log());
  }

  /** log(2 b) + E|x - m0| / b - H(q), where |x - m0| is a folded normal. */
  private static Tensor normalLaplace(Normal q, Laplace p) {
    Tensor shift = q.loc().sub(p.loc());
    Tensor z = shift.div(q.scale()).mul(Math.sqrt(0.5));
    Tensor folded =
        q.scale().mul(z.square().neg().exp()).mul(Math.sqrt(2 / Math.PI)).add(shift.mul(z.erf()));
    return p.scale().mul(2).log().add(folded.div(p.scale())).sub(q.entropy());
  }

  /** log(b0 / b) + |d| / b0 + b / b0 exp(-|d| / b) - 1 with d = m - m0. */
  private static Tensor laplace(Laplace q, Laplace p) {
    Tensor ratio = q.scale().div(p.scale());
    Tensor distance = q.loc().sub(p.loc()).abs();
    Tensor near = distance.div(q.scale()).neg().exp().mul(ratio);
    return distance.div(p.scale()).add(near).sub(1).sub(ratio.log());
  }

  /** -E_q log p for any q with a mean and a variance: quadratic in x. */
  private static Tensor crossNormal(Distribution q, Normal p) {
    Tensor spread = q.variance().add(q.mean().sub(p.loc()).square());
    return p.entropy().sub(0.5).add(spread.div(p.scale().square()).mul(0.5));
  }

  /** The difference of the log widths; infinite where p does not reach over q. */
  private static Tensor uniform(Uniform q, Uniform p) {
    Tensor within = p.low().lessEqual(q.low()).and(q.high().lessEqual(p.high()));
    Tensor nats = p.entropy().sub(q.entropy());
    return within.select(nats, Tensor.fill(Double.POSITIVE_INFINITY, nats.type()));
  }

  /** (a - a0) psi(a) - log G(a) + log G(a0) + a0 log(r / r0) + a (r0 / r - 1). */
  private static Tensor gamma(Gamma q, Gamma p) {
    double a = q.concentration();
    double b = p.concentration();
    Tensor ratio = p.rate().div(q.rate());
    double constant =
        (a - b) * GammaFunction.digamma(a) - GammaFunction.log(a) + GammaFunction.log(b);
    return ratio.sub(1).mul(a).sub(ratio.log().mul(b)).add(constant);
  }

  private static Tensor beta(Beta q, Beta p) {
    double total = q.alpha() + q.beta();
    double nats =
        GammaFunction.logBeta(p.alpha(), p.beta())
            - GammaFunction.logBeta(q.alpha(), q.beta())
            + (q.alpha() - p.alpha()) * GammaFunction.digamma(q.alpha())
            + (q.beta() - p.beta()) * GammaFunction.digamma(q.beta())
            + (p.alpha() + p.beta() - total) * GammaFunction.digamma(total);
    return Tensor.fill(nats, q.type()).add(Tensor.zeros(p.type()));
  }

  /** -E_q log p - H(q), the cross entropy's excess. */
  private static Tensor bernoulli(Bernoulli q, Bernoulli p) {
    return p.logProb(q.mean()).neg().sub(q.entropy());
  }

  /** The mean of log q - log p. */
  private static Tensor categorical(Categorical q, Categorical p) {
    if (q.logits().shape().dim(-1) != p.logits().shape().dim(-1)) {
      throw new IllegalArgumentException(
          "distributions over "
              + q.logits().shape().dim(-1)
              + " and "
              + p.logits().shape().dim(-1)
              + " classes differ");
    }
    Tensor logQ = q.logits().logSoftmax(-1);
    return logQ.exp().mul(logQ.sub(p.logits().logSoftmax(-1))).sum(-1);
  }

  private static Tensor dirichlet(Dirichlet q, Dirichlet p) {
    if (!q.eventShape().equals(p.eventShape())) {
      throw new IllegalArgumentException(
          "distributions over " + q.eventShape() + " and " + p.eventShape() + " classes differ");
    }
    double nats = p.logNorm() - q.logNorm();
    double total = GammaFunction.digamma(q.total());
    for (int k = 0; k < q.concentration().size(); k++) {
      double a = q.concentration().get(k);
      nats += (a - p.concentration().get(k)) * (GammaFunction.digamma(a) - total);
    }
    return q.entropy().zerosLike().add(nats);
  }

  /** (|L0^-1 L|^2 + |L0^-1 (m - m0)|^2 - d) / 2 + log det L0 - log det L. */
  private static Tensor multivariateNormal(MultivariateNormal q, MultivariateNormal p) {
    Tensor ratio =
        q.factor().triangularSolve(p.factor().broadcast(q.factor().shape()), true, false);
    Tensor trace = ratio.square().sum(-1, -2);
    Tensor shift = p.whiten(q.loc().sub(p.loc())).square().sum(-1);
    return trace
        .add(shift)
        .sub(q.loc().shape().dim(-1))
        .mul(0.5)
        .add(p.halfLogDet().sub(q.halfLogDet()));
  }
}
