package dev.credence.nn;

import dev.credence.tensor.Tensor;

/** A record of weights that maps a batch to a batch, whatever its layers are. */
@FunctionalInterface
public interface Net {
  /**
   * Applies the net.
   *
   * @param x a batch, its outcomes along the last axes
   */
  Tensor apply(Tensor x);
}
