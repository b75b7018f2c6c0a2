package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * A probability distribution over tensors. Three shapes describe it: a draw is of shape sample
 * shape + batch shape + event shape, where the batch shape counts independent distributions with
 * parameters of their own, and the event shape is that of one outcome. {@link #logProb} sums over
 * the event alone. Logarithms are natural: entropies and densities are in nats.
 */
public sealed interface Distribution
    permits Bernoulli,
        Beta,
        Categorical,
        Dirichlet,
        Gamma,
        Independent,
        Laplace,
        LogNormal,
        Mixture,
        MultivariateNormal,
        Normal,
        ScaleMixture,
        StudentT,
        Transformed,
        Uniform {
  /** The shape of the distributions side by side. */
  Shape batchShape();

  /** The shape of one outcome. */
  Shape eventShape();

  /**
   * The log density (or log probability) of outcomes, in nats.
   *
   * @param x a shape that broadcasts with batch shape + event shape
   * @return that shape without the event
   */
  Tensor logProb(Tensor x);

  /**
   * A draw through which no gradient flows.
   *
   * @param key the stream, used once
   * @param sampleShape how many draws; its first axis counts in the sample word of the counter, so
   *     that draw t alone, with first sample t, equals draw t of many
   * @return sample shape + batch shape + event shape
   */
  default Tensor sample(Key key, int... sampleShape) {
    return rsample(key, sampleShape).stopGradient();
  }

  /**
   * A reparameterised draw: a differentiable function of the parameters and of noise that does not
   * depend on them.
   *
   * @param key the stream, used once
   * @param sampleShape how many draws, as for {@link #sample}
   * @return sample shape + batch shape + event shape
   * @throws UnsupportedOperationException if the distribution has none
   */
  Tensor rsample(Key key, int... sampleShape);

  /** The entropy in nats, of the batch shape. */
  Tensor entropy();

  /** The mean, of batch shape + event shape. */
  Tensor mean();

  /** The variance, of batch shape + event shape. */
  Tensor variance();

  /**
   * The probability of an outcome of at most x.
   *
   * @param x a shape that broadcasts with batch shape + event shape
   * @throws UnsupportedOperationException if the distribution has none in closed form
   */
  Tensor cdf(Tensor x);
}
