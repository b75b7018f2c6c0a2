package dev.credence.bayes;

import dev.credence.dist.Distribution;
import dev.credence.dist.Normal;
import dev.credence.type.TensorType;

/** What is believed of weights before any data: a distribution for each array of a tree. */
@FunctionalInterface
public interface Prior {
  /**
   * The prior of one array of weights.
   *
   * @param path where it stands in the tree, such as layers.0.weight
   * @param type of the array, which the distribution's batch shape and element type equal
   */
  Distribution of(String path, TensorType type);

  /**
   * Every weight of the net is normal, of mean 0 and one standard deviation.
   *
   * @param scale the standard deviation, positive
   */
  static Prior normal(double scale) {
    if (!(scale > 0)) {
      throw new IllegalArgumentException(
          "a prior's standard deviation is positive, but " + scale + " was given");
    }
    return (path, type) -> Normal.of(0, scale, type);
  }
}
