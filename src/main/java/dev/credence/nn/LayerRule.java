package dev.credence.nn;

import dev.credence.tensor.Origin;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;

/** How one layer of a net is computed: plainly, with weights that are random, behind a mask. */
@FunctionalInterface
public interface LayerRule {
  /**
   * Applies a layer.
   *
   * @param path where the layer stands in the net's tree, such as layers.0
   * @param layer the net's own record of weights
   * @param x shape (.., B, ..)
   */
  Tensor apply(String path, AffineLayer layer, Tensor x);

  /** The same rule for a net that stands within another one, at a path of the other's tree. */
  default LayerRule within(String net) {
    return (path, layer, x) -> apply(Tree.join(net, path), layer, x);
  }

  /** Applies a layer; errors name its path. */
  default Tensor at(String path, AffineLayer layer, Tensor x) {
    return Origin.within(path, () -> apply(path, layer, x));
  }
}
