package dev.credence.nn;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/** How layers draw the weights they start with. */
final class Uniform {
  private Uniform() {}

  /** Drawn evenly from [-bound, bound). */
  static Tensor of(Key key, double bound, int... dims) {
    return Tensor.uniform(key, dims).mul(2 * bound).sub(bound);
  }
}
