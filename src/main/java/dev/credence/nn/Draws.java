package dev.credence.nn;

import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/** Images of several draws, (T, B, C, H, W), for what knows batches (B, C, H, W) alone. */
final class Draws {
  private Draws() {}

  /** (T, B, ..) to (T B, ..). */
  static Tensor fold(Tensor x) {
    Shape s = x.shape();
    return x.reshape(s.without(0).with(0, s.dim(0) * s.dim(1)));
  }

  /** (T B, ..) to (T, B, ..). */
  static Tensor unfold(Tensor x, int draws) {
    Shape s = x.shape();
    return x.reshape(Shape.of(draws).concat(s.with(0, s.dim(0) / draws)));
  }

  /** (T, B, C, H, W), or (B, C, H, W) as T equal draws, to (B, T C, H, W). */
  static Tensor toChannels(Tensor x, int draws) {
    Tensor all = x.shape().rank() == 5 ? x : x.broadcast(Shape.of(draws).concat(x.shape()));
    Shape s = all.shape();
    return all.permute(1, 0, 2, 3, 4).reshape(s.dim(1), s.dim(0) * s.dim(2), s.dim(3), s.dim(4));
  }

  /** (B, T C, H, W) to (T, B, C, H, W). */
  static Tensor fromChannels(Tensor x, int draws) {
    Shape s = x.shape();
    return x.reshape(s.dim(0), draws, s.dim(1) / draws, s.dim(2), s.dim(3)).permute(1, 0, 2, 3, 4);
  }
}
