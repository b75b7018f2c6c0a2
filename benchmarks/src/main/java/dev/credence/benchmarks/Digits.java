package dev.credence.benchmarks;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;

/** A made-up batch of digits: pixels in [0, 1), classes 0 to 9, both without meaning. */
record Digits(Tensor x, Tensor y) {
  /** A batch whose images have these extents. */
  static Digits batch(int size, int... image) {
    Key key = Key.ROOT.split("digits");
    int[] dims = new int[image.length + 1];
    dims[0] = size;
    System.arraycopy(image, 0, dims, 1, image.length);
    return new Digits(
        Tensor.uniform(key.split("x"), dims),
        Tensor.uniform(key.split("y"), size).mul(10).floor().cast(DType.INT32));
  }

  /** Mean negative log-likelihood of the classes under logits. */
  Tensor nll(Tensor logits) {
    int size = y.shape().dim(0);
    return logits.logSoftmax(-1).takeAlong(y.reshape(size, 1), 1).meanAll().neg();
  }
}
