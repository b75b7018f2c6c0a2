package dev.credence.model;

import dev.credence.dist.ActNorm;
import dev.credence.dist.Bijector;
import dev.credence.dist.Chain;
import dev.credence.dist.LuLinear;
import dev.credence.dist.SplineCoupling;
import dev.credence.tensor.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * RQ-NSF (C) (Durkan et al. 2019, "Neural Spline Flows"): steps of a linear map by its LU factors
 * and a coupling by rational-quadratic splines, which keeps either half in turn.
 */
public final class NeuralSplineFlow {
  private NeuralSplineFlow() {}

  /**
   * A flow that starts as the identity.
   *
   * @param width numbers of a row
   * @param context numbers of the context; 0 for none
   * @param steps how many
   * @param bins of each spline, K
   * @param bound the splines act on [-bound, bound]
   * @param hidden widths of each coupling's net
   * @return expressions; a state computes them
   */
  public static Chain init(
      Key key, int width, int context, int steps, int bins, double bound, int... hidden) {
    List<Bijector> parts = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      parts.add(SplineCoupling.init(key.fold(i), width, i % 2 == 1, bins, bound, context, hidden));
      parts.add(LuLinear.identity(width));
    }
    parts.add(ActNorm.rows(width));
    return new Chain(parts);
  }
}
