package dev.credence.nn;

import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;

/**
 * Inverted dropout (Srivastava et al. 2014, "Dropout", section 10): elements vanish, the others
 * grow so that the mean stays. There is no training mode: who gives a key gets dropout, in training
 * or in prediction (Gal and Ghahramani 2016), and who wants none does not call it.
 */
public final class Dropout {
  private Dropout() {}

  /**
   * Sets elements to 0 with a probability and divides the others by what is left of 1.
   *
   * @param x any shape; the first axis counts rows, so that a batch may be split
   * @param p probability of dropping an element, in [0, 1); 0 gives x itself
   * @param key the stream of the mask
   * @throws IllegalArgumentException if p is outside [0, 1)
   */
  public static Tensor apply(Tensor x, double p, Key key) {
    return apply(x, p, key, false);
  }

  /**
   * Dropout where the first axis may count draws, T of them, each with masks of its own: draw t
   * depends on the program's first sample + t alone.
   *
   * @param x shape (T, B, ..) if draws are counted, else (B, ..)
   * @param p probability of dropping an element, in [0, 1); 0 gives x itself
   * @param key the stream of the mask
   * @param draws whether the first axis counts draws
   * @throws IllegalArgumentException if p is outside [0, 1)
   */
  public static Tensor apply(Tensor x, double p, Key key, boolean draws) {
    requireProbability(p);
    if (p == 0) {
      return x;
    }
    Draw.Layout layout = new Draw.Layout(key, x.shape(), draws, x.shape().rank() > (draws ? 1 : 0));
    Tensor keep = Tensor.of(new Draw.Bernoulli(layout, 1 - p));
    return keep.select(x.mul(1 / (1 - p)), x.zerosLike());
  }

  /**
   * Dropout in several nets at once, each with a probability of its own.
   *
   * @param x shape (K, ..), its first axis counting nets
   * @param p probability of dropping an element in each of the K nets, in [0, 1)
   * @param key the stream of all masks
   * @throws IllegalArgumentException if a probability is outside [0, 1) or there are not K
   */
  public static Tensor apply(Tensor x, double[] p, Key key) {
    if (p.length != x.shape().dim(0)) {
      throw new IllegalArgumentException(
          p.length + " probabilities of dropping were given for " + x.shape().dim(0) + " nets");
    }
    if (Arrays.stream(p).allMatch(each -> each == p[0])) {
      return apply(x, p[0], key);
    }
    int[] one = new int[x.shape().rank()];
    Arrays.fill(one, 1);
    one[0] = p.length;
    double[] keep = new double[p.length];
    double[] growth = new double[p.length];
    for (int k = 0; k < p.length; k++) {
      requireProbability(p[k]);
      keep[k] = 1 - p[k];
      growth[k] = 1 / keep[k];
    }
    Draw.Layout layout = new Draw.Layout(key, x.shape(), false, true);
    Tensor kept =
        Tensor.of(new Draw.Uniform(layout))
            .less(Tensor.literal(TensorType.of(DType.FLOAT32, one), keep));
    return kept.select(x.mul(Tensor.literal(TensorType.of(x.dtype(), one), growth)), x.zerosLike());
  }

  private static void requireProbability(double p) {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException(
          "the probability of dropping lies in [0, 1), but " + p + " was given");
    }
  }
}
