package dev.credence.dist;

import dev.credence.tensor.Tensor;

/** Sums of numbers of which the logarithms are known. */
final class LogSpace {
  private LogSpace() {}

  /** log(e^a + e^b), finite where both underflow; its gradients are the two shares of the sum. */
  static Tensor add(Tensor a, Tensor b) {
    Tensor max = a.maximum(b).stopGradient();
    return a.sub(max).exp().add(b.sub(max).exp()).log().add(max);
  }
}
