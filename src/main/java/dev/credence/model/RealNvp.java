package dev.credence.model;

import dev.credence.dist.ActNorm;
import dev.credence.dist.AffineCoupling;
import dev.credence.dist.Bijector;
import dev.credence.dist.Chain;
import dev.credence.tensor.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * Real NVP on rows (Dinh, Sohl-Dickstein and Bengio 2017, "Density Estimation Using Real NVP"):
 * affine couplings that keep either half in turn. Between them stands activation normalisation, as
 * in Glow, in place of batch normalisation.
 */
public final class RealNvp {
  private RealNvp() {}

  /**
   * A flow that starts as the identity.
   *
   * @param width numbers of a row
   * @param context numbers of the context; 0 for none
   * @param couplings how many
   * @param hidden widths of each coupling's net
   * @return expressions; a state computes them
   */
  public static Chain init(Key key, int width, int context, int couplings, int... hidden) {
    List<Bijector> parts = new ArrayList<>();
    for (int i = 0; i < couplings; i++) {
      parts.add(AffineCoupling.init(key.fold(i), width, i % 2 == 1, context, hidden));
      parts.add(ActNorm.rows(width));
    }
    return new Chain(parts);
  }
}
