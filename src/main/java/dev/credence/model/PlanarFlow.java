package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.dist.Affine;
import dev.credence.dist.Bijector;
import dev.credence.dist.Chain;
import dev.credence.dist.Planar;
import dev.credence.dist.Transformed;
import dev.credence.tensor.Key;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Planar flows fitted to an energy by the free energy (Rezende and Mohamed 2015, "Variational
 * Inference with Normalizing Flows", equations 15 and 20): E_q[log q(z) + beta_t U(z)], never below
 * -log Z at beta = 1, with beta_t = min(1, 0.01 + t / steps) so that no mode is left out early. The
 * base is a normal with learned mean and scale: the first of the maps.
 *
 * @param target the energy
 * @param annealing steps until beta is 1; 0 for none
 * @param rows how many draws make an epoch
 */
public record PlanarFlow(Potential target, long annealing, long rows)
    implements Model<Chain, PlanarFlow.Batch> {
  /**
   * There is nothing to learn from but the energy; a batch says how many draws a step makes.
   *
   * @param places shape (B), never read
   */
  public record Batch(Tensor places) {}

  /**
   * A flow of the plane near the identity.
   *
   * @param layers how many planar maps, K
   * @return expressions; a state computes them
   */
  public static Chain init(Key key, int layers) {
    List<Bijector> parts = new ArrayList<>();
    parts.add(Affine.identity(2));
    for (int i = 0; i < layers; i++) {
      parts.add(Planar.init(key.fold(i), 2));
    }
    return new Chain(parts);
  }

  /**
   * The terms of the free energy for some draws.
   *
   * @param draws how many, B
   * @return log q(z) and U(z), each of shape (B)
   */
  public static Terms terms(Chain flow, Potential target, Key key, int draws) {
    Transformed q = Transformed.ofNormal(flow, DType.FLOAT32, 2);
    Tensor noise = q.base().rsample(key, draws);
    Bijector.Mapped z = flow.forwardAndLogDet(noise);
    return new Terms(q.base().logProb(noise).sub(z.logDet()), target.energy(z.value()));
  }

  /**
   * What the free energy is the mean of, shape (B) each.
   *
   * @param logQ log q(z)
   * @param energy U(z)
   */
  public record Terms(Tensor logQ, Tensor energy) {
    /** Its estimate, a scalar. */
    public Tensor freeEnergy() {
      return logQ.add(energy).meanAll();
    }
  }

  @Override
  public Elbo elbo(Chain flow, Batch batch, Key key) {
    Terms terms = terms(flow, target, key, batch.places().shape().dim(0));
    Tensor step = Tensor.integer(Source.Number.STEP).cast(DType.FLOAT32);
    Tensor beta =
        annealing == 0 ? Tensor.scalar(1) : step.mul(1.0 / annealing).add(0.01).minimum(1);
    Tensor loss = terms.logQ.add(terms.energy.mul(beta)).meanAll();
    return Elbo.deterministic(loss, rows);
  }
}
