package dev.credence.nn;

import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.stream.IntStream;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016, equation 3 and section 3.1): every row by itself
 * is shifted and scaled to mean 0 and variance 1 over its features, and then to shifts and scales
 * that are learned.
 *
 * @param scale of each feature, of the shape of the last axes that are normalised together
 * @param shift of each feature, of scale's shape
 * @param epsilon added to variances
 */
public record LayerNorm(Tensor scale, Tensor shift, double epsilon) {
  /**
   * Of scale 1, shift 0 and epsilon 1e-5 (torch's defaults).
   *
   * @param features extents of the last axes, which are normalised together
   * @return expressions; a state computes them
   */
  public static LayerNorm init(int... features) {
    TensorType type = TensorType.of(DType.FLOAT32, features);
    return new LayerNorm(Tensor.fill(1, type), Tensor.zeros(type), 1e-5);
  }

  /**
   * Normalises every row.
   *
   * @param x shape (.., features)
   * @return x's shape
   */
  public Tensor apply(Tensor x) {
    int count = scale.shape().rank();
    int[] axes = IntStream.rangeClosed(1, count).map(i -> -i).toArray();
    Tensor centred = x.sub(back(x.mean(axes), count));
    Tensor variance = back(centred.square().mean(axes), count);
    return centred.mul(variance.add(epsilon).rsqrt()).mul(scale).add(shift);
  }

  /** With axes of one element in place of those that were summed. */
  private static Tensor back(Tensor reduced, int count) {
    Tensor kept = reduced;
    for (int i = 0; i < count; i++) {
      kept = kept.unsqueeze(-1);
    }
    return kept;
  }
}
