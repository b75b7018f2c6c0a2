package dev.credence.dist;

import dev.credence.tensor.Tensor;

/**
 * An invertible, differentiable map between outcomes, whose value and log-determinant are computed
 * together. {@link #forward} leads from noise z to data x, {@link #inverse} back. The last {@link
 * #eventRank} axes are one outcome, and those before them count outcomes.
 *
 * <p>A bijector with weights is a record of them, a tree that a state can hold. For the survey of
 * the family see Papamakarios et al. 2021, "Normalizing Flows for Probabilistic Modeling and
 * Inference".
 */
public sealed interface Bijector
    permits ActNorm,
        Affine,
        AffineCoupling,
        Chain,
        Inverted,
        LuLinear,
        MaskedAutoregressive,
        PixelwiseLinear,
        Permutation,
        Planar,
        Radial,
        Sigmoid,
        SplineCoupling,
        Split,
        Squeeze {
  /**
   * Where an outcome leads, and how much the map stretches there.
   *
   * @param value the outcomes
   * @param logDet log |det| of the map's Jacobian in nats, without the event's axes
   */
  record Mapped(Tensor value, Tensor logDet) {}

  /**
   * From noise to data.
   *
   * @param z shape (.., event)
   * @return x and log |det dx / dz|
   */
  Mapped forwardAndLogDet(Tensor z);

  /**
   * From data to noise.
   *
   * @param x shape (.., event)
   * @return z and log |det dz / dx|
   */
  Mapped inverseAndLogDet(Tensor x);

  /** From noise to data. */
  default Tensor forward(Tensor z) {
    return forwardAndLogDet(z).value();
  }

  /** From data to noise. */
  default Tensor inverse(Tensor x) {
    return inverseAndLogDet(x).value();
  }

  /** How many axes an outcome has: 1 for rows of numbers, 3 for images (C, H, W). */
  default int eventRank() {
    return 1;
  }

  /**
   * This map under a condition: what its nets see beside the outcome, such as a label.
   *
   * @param context shape (.., width) with the same leading axes as the outcomes
   * @return this, if the map has no condition
   */
  default Bijector given(Tensor context) {
    return this;
  }

  /**
   * This map with those weights set that want to see data first: those of {@link ActNorm}. Done
   * once, before training.
   *
   * @param x some data, shape (B, event)
   */
  default Bijector initialised(Tensor x) {
    return this;
  }
}
