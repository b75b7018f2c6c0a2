package dev.credence.model;

import dev.credence.dist.ActNorm;
import dev.credence.dist.Bijector;
import dev.credence.dist.Chain;
import dev.credence.dist.MaskedAutoregressive;
import dev.credence.dist.Permutation;
import dev.credence.tensor.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * MAF (Papamakarios, Pavlakou and Murray 2017, "Masked Autoregressive Flow for Density
 * Estimation"): autoregressive layers, the order of the numbers reversed between them, each
 * followed by a normalisation.
 */
public final class MaskedAutoregressiveFlow {
  private MaskedAutoregressiveFlow() {}

  /**
   * A flow that starts as the identity, up to the order of a row.
   *
   * @param width numbers of a row
   * @param context numbers of the context; 0 for none
   * @param layers how many
   * @param hidden widths of each layer's masked net
   * @return expressions; a state computes them
   */
  public static Chain init(Key key, int width, int context, int layers, int... hidden) {
    List<Bijector> parts = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      parts.add(MaskedAutoregressive.init(key.fold(i), width, context, hidden));
      parts.add(ActNorm.rows(width));
      parts.add(Permutation.reverse(width));
    }
    return new Chain(parts);
  }
}
