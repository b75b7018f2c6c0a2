package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * The conditional variational autoencoder (Sohn, Lee and Yan 2015, "Learning Structured Output
 * Representation using Deep Conditional Generative Models"; Kingma et al. 2014, model M2): encoder
 * and decoder both see a condition c, and the bound is that of log p(x | c). The prior of z does
 * not depend on c, so one z drawn for several labels gives them in one handwriting.
 *
 * @param vae whose encoder and decoder take the condition behind their own input
 */
public record ConditionalVae(Vae vae) implements Model<Vae.Weights, ConditionalVae.Batch> {
  /**
   * Rows to learn from.
   *
   * @param x shape (B, D)
   * @param condition shape (B, C): any numbers, or labels as ones among zeros
   */
  public record Batch(Tensor x, Tensor condition) {}

  @Override
  public Elbo elbo(Vae.Weights w, Batch batch, Key key) {
    return vae.elbo(w, batch.x(), batch.condition(), key);
  }
}
