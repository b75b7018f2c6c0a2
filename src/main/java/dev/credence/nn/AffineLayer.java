package dev.credence.nn;

import dev.credence.tensor.Tensor;

/**
 * A record of weights whose result is affine in its input and linear in its weights, such as a
 * dense layer or a convolution: {@code apply} of a sum of two trees of weights is the sum of both.
 * That is all that random weights ask for, so that a layer which keeps to it needs no code of its
 * own for any of the reparametrisations.
 *
 * <p>Axes are rows, features and positions, (B, in) or (B, C, H, W). Input and weights may each
 * carry a leading axis of T draws, and the result then carries it too.
 */
public interface AffineLayer {
  /**
   * Applies the layer.
   *
   * @param x rows, shape (B, ..) or (T, B, ..)
   * @return shape (B, ..), or (T, B, ..) if input or weights have an axis of draws
   * @throws dev.credence.tensor.TraceException if the widths differ
   */
  Tensor apply(Tensor x);
}
