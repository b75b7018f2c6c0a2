package dev.credence.dist;

import dev.credence.tensor.Tensor;

/**
 * An outcome in two halves along its first axis: numbers of a row, channels of an image.
 *
 * @param kept what decides how the other half is moved
 * @param moved what is moved
 * @param axis the axis cut, negative
 * @param swapped whether the second half is the one kept
 */
record Halves(Tensor kept, Tensor moved, int axis, boolean swapped) {
  /** Cuts; of an odd number the second half gets one more. */
  static Halves of(Tensor x, int eventRank, boolean swapped) {
    int axis = -eventRank;
    int all = x.shape().dim(axis);
    Tensor first = x.slice(axis, 0, first(all));
    Tensor second = x.slice(axis, first(all), all);
    return new Halves(swapped ? second : first, swapped ? first : second, axis, swapped);
  }

  /** How many numbers the first half has. */
  static int first(int all) {
    if (all < 2) {
      throw new IllegalArgumentException("an outcome of " + all + " number has no halves");
    }
    return all / 2;
  }

  /** How many numbers are kept. */
  static int kept(int all, boolean swapped) {
    return swapped ? all - first(all) : first(all);
  }

  /** Other halves in the places of these. */
  Tensor joined(Tensor kept, Tensor moved) {
    return swapped ? Tensor.concat(axis, moved, kept) : Tensor.concat(axis, kept, moved);
  }
}
