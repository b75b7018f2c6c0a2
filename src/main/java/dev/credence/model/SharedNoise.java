package dev.credence.model;

import dev.credence.nn.LayerRule;
import dev.credence.nn.LayeredNet;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/**
 * A net that says means, beside numbers that say the noise of all rows alike: together the raw
 * outputs of a {@link Likelihood.Normals} whose deviation is learned, but does not depend on the
 * input.
 *
 * @param net says the means, shape (.., B, width)
 * @param noise raw deviations, shape (width), or (K, width) for K nets
 * @param <N> the net
 */
public record SharedNoise<N extends LayeredNet>(N net, Tensor noise) implements LayeredNet {
  /**
   * Noise of one raw value to start with.
   *
   * @param width how many numbers the net says of a row
   * @param nets none for one net; K where the net's weights are those of K nets
   */
  public static <N extends LayeredNet> SharedNoise<N> init(
      N net, int width, double raw, int... nets) {
    DType dtype = Tree.list(net).getFirst().dtype();
    Shape shape = Shape.of(nets).concat(Shape.of(width));
    return new SharedNoise<>(net, Tensor.fill(raw, new TensorType(dtype, shape)));
  }

  /** Whether a path is that of a weight of the net: its noise is usually learned as a point. */
  public static boolean isOfNet(String path) {
    return path.startsWith("net.");
  }

  @Override
  public Tensor apply(Tensor x, LayerRule rule) {
    Tensor mean = net.apply(x, rule.within("net"));
    Shape shape = mean.shape();
    return Tensor.concat(-1, mean, noise.unsqueeze(-2).broadcast(shape));
  }
}
