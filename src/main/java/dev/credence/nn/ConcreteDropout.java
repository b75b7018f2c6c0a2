package dev.credence.nn;

import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * Dropout whose probability is learned (Gal, Hron and Kendall 2017, "Concrete Dropout"): a mask is
 * no longer 0 or 1 but a concrete distribution's draw, z = sigmoid((logit p + logit u) / t), which
 * has a gradient with respect to p. Features are dropped, of images whole channels. Inputs are
 * scaled by 1 / (1 - p), so that the mean stays where it was but for what the relaxation adds.
 *
 * @param logit log(p / (1 - p)) of the probability of dropping, a scalar
 * @param temperature t; towards 0 masks become 0 or 1
 */
public record ConcreteDropout(Tensor logit, double temperature) {
  /** Refuses a temperature that is none. */
  public ConcreteDropout {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException(
          "a temperature is positive, but " + temperature + " was given");
    }
  }

  /**
   * Dropout that starts at a probability, of the published temperature 0.1.
   *
   * @param p probability of dropping, in (0, 1)
   * @return expressions; a state computes them
   * @throws IllegalArgumentException if p is outside (0, 1)
   */
  public static ConcreteDropout init(double p) {
    if (!(p > 0 && p < 1)) {
      throw new IllegalArgumentException(
          "a probability of dropping that is learned starts in (0, 1), but " + p + " was given");
    }
    Tensor logit = Tensor.fill(Math.log(p / (1 - p)), TensorType.of(DType.FLOAT32));
    return new ConcreteDropout(logit, 0.1);
  }

  /** The probability of dropping, a scalar. */
  public Tensor rate() {
    return logit.sigmoid();
  }

  /**
   * Drops features.
   *
   * @param x shape (B, C) or (B, C, H, W), with a leading axis of T draws if they are counted
   * @param key the stream of the mask
   * @param draws whether the first axis counts draws
   */
  public Tensor apply(Tensor x, Key key, boolean draws) {
    Shape mask = x.shape();
    for (int axis = draws ? 3 : 2; axis < mask.rank(); axis++) {
      mask = mask.with(axis, 1);
    }
    // Draws are multiples of 2^-24 in [0, 1); half of that keeps the logarithm of 0 finite.
    Tensor u =
        Tensor.of(new Draw.Uniform(new Draw.Layout(key, mask, draws, true)))
            .cast(x.dtype())
            .maximum(0x1p-25);
    Tensor drop = u.log().sub(u.neg().log1p()).add(logit).mul(1 / temperature).sigmoid();
    // 1 / (1 - p) = 1 + exp(logit).
    return x.mul(drop.neg().add(1)).mul(logit.exp().add(1));
  }

  /**
   * The divergence of the weights that are applied to what is left from a normal prior N(0, 1 /
   * l^2), in nats and but for a constant: l^2 / (2 (1 - p)) sum w^2 - K H(p), where H is the
   * entropy of a Bernoulli variable (equations 3 and 4; the weights there are those here over 1 -
   * p).
   *
   * @param weight of the layer after the dropout
   * @param lengthScale l of the prior
   * @param features K, how many are dropped by themselves
   * @return a scalar
   */
  public Tensor kl(Tensor weight, double lengthScale, int features) {
    Tensor decay = logit.exp().add(1).mul(0.5 * lengthScale * lengthScale);
    return weight.square().sumAll().mul(decay).sub(entropy().mul(features));
  }

  /** The entropy of a mask's element in nats, softplus(logit) - p logit. */
  private Tensor entropy() {
    return logit.softplus().sub(rate().mul(logit));
  }
}
