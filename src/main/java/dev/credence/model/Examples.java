package dev.credence.model;

import dev.credence.tensor.Tensor;

/**
 * Rows to learn from, each with what is to be told of it.
 *
 * @param x inputs, shape (B, ..)
 * @param y targets, shape (B, width), or (B) for width 1; labels are int32, shape (B)
 */
public record Examples(Tensor x, Tensor y) {
  /** The targets, shape (B, width). */
  Tensor rowsOfTargets() {
    return y.shape().rank() == 1 ? y.unsqueeze(-1) : y;
  }
}
