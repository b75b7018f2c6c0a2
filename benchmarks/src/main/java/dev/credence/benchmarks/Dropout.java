package dev.credence.benchmarks;

import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/** Inverted dropout: what is kept is scaled, so that the mean stays. */
final class Dropout {
  private Dropout() {}

  /** Drops elements of a batch, axis 0 being its rows. */
  static Tensor of(Tensor x, double p, Key key) {
    return apply(x, p, Draw.Layout.rows(key, x.shape().dims()));
  }

  /** Drops elements of many draws of a batch, axis 0 being the draws and axis 1 the rows. */
  static Tensor ofSamples(Tensor x, double p, Key key) {
    return apply(x, p, new Draw.Layout(key, x.shape(), true, true));
  }

  private static Tensor apply(Tensor x, double p, Draw.Layout layout) {
    Tensor keep = Tensor.of(new Draw.Bernoulli(layout, 1 - p));
    return keep.select(x.mul(1 / (1 - p)), x.zerosLike());
  }
}
