package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.dist.Bijector;
import dev.credence.dist.Transformed;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Density estimation by a normalizing flow: maximum likelihood of log p(x) = log N(f^-1(x); 0, I) +
 * log |det df^-1 / dx| (Papamakarios et al. 2021, "Normalizing Flows for Probabilistic Modeling and
 * Inference", equation 12). Which flow, the weights say: see {@link RealNvp}, {@link
 * NeuralSplineFlow}, {@link MaskedAutoregressiveFlow}.
 *
 * @param rows N, how many rows the data set has
 * @param <F> the bijector
 */
public record NormalizingFlow<F extends Bijector>(long rows)
    implements Model<F, NormalizingFlow.Batch> {
  /**
   * Rows to learn from.
   *
   * @param x shape (B, D)
   * @param context what the density is conditional on, shape (B, C), or null
   */
  public record Batch(Tensor x, @Nullable Tensor context) {}

  /** The density that a flow stands for, under a condition if there is one. */
  public static Transformed density(Bijector flow, Batch batch) {
    Tensor x = batch.x();
    Bijector given = batch.context() == null ? flow : flow.given(batch.context());
    return Transformed.ofNormal(given, x.dtype(), x.shape().without(0).dims());
  }

  @Override
  public Elbo elbo(F flow, Batch batch, Key key) {
    return Elbo.deterministic(density(flow, batch).logProb(batch.x()).meanAll().neg(), rows);
  }
}
