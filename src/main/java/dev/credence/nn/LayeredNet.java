package dev.credence.nn;

import dev.credence.tensor.Tensor;

/**
 * A net that says where its affine layers stand, so that each may be computed by a rule of the
 * caller's. It is written once, for all rules:
 *
 * <pre>{@code
 * record LeNet(Conv2d conv, Linear dense) implements LayeredNet {
 *   public Tensor apply(Tensor x, LayerRule rule) {
 *     Tensor h = rule.at("conv", conv, x).relu();
 *     return rule.at("dense", dense, h.reshape(x.shape().dim(0), -1));
 *   }
 * }
 * }</pre>
 */
public interface LayeredNet extends Net {
  /**
   * Applies the net, each affine layer by a rule.
   *
   * @param x a batch, shape (B, ..), or (T, B, ..) for T draws
   */
  Tensor apply(Tensor x, LayerRule rule);

  /** {@inheritDoc} Every layer plainly. */
  @Override
  default Tensor apply(Tensor x) {
    return apply(x, (path, layer, h) -> layer.apply(h));
  }
}
