package dev.credence.dist;

import dev.credence.tensor.Tensor;

/**
 * A map the other way round: what was from data to noise is from noise to data. An inverted {@link
 * MaskedAutoregressive} is an inverse autoregressive flow (Kingma et al. 2016, "Improved
 * Variational Inference with Inverse Autoregressive Flow"), quick to sample.
 *
 * @param of the map to turn round
 */
public record Inverted(Bijector of) implements Bijector {
  @Override
  public int eventRank() {
    return of.eventRank();
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return of.inverseAndLogDet(z);
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    return of.forwardAndLogDet(x);
  }

  @Override
  public Inverted given(Tensor context) {
    return new Inverted(of.given(context));
  }
}
