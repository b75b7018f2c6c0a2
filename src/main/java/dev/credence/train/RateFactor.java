package dev.credence.train;

/** What the learning rate of each array of a tree is multiplied by; Caffe's lr_mult. */
@FunctionalInterface
public interface RateFactor {
  /** All arrays alike. */
  RateFactor ONE = path -> 1;

  /**
   * The factor of an array.
   *
   * @param path where it stands in the tree, such as layers.0.weight
   * @return positive; 0 for an array that is not learned
   */
  double of(String path);

  /** A factor of the arrays called bias; 1 of all others. */
  static RateFactor biases(double factor) {
    return path -> path.endsWith("bias") ? factor : 1;
  }
}
