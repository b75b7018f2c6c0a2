package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * Trades height and width for channels (Dinh, Sohl-Dickstein and Bengio 2017, "Density Estimation
 * Using Real NVP", section 3.6): from data to noise every 2x2 pixels of a channel become four
 * channels of one pixel, (.., C, H, W) to (.., 4 C, H / 2, W / 2).
 */
public record Squeeze() implements Bijector {
  @Override
  public int eventRank() {
    return 3;
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    Shape s = z.shape();
    int c = s.dim(-3) / 4;
    Tensor x = z.reshape(-1, c, 2, 2, s.dim(-2), s.dim(-1)).permute(0, 1, 4, 2, 5, 3);
    return image(x, z, c, 2 * s.dim(-2), 2 * s.dim(-1));
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    Shape s = x.shape();
    int h = s.dim(-2) / 2;
    int w = s.dim(-1) / 2;
    Tensor z = x.reshape(-1, s.dim(-3), h, 2, w, 2).permute(0, 1, 3, 5, 2, 4);
    return image(z, x, 4 * s.dim(-3), h, w);
  }

  private Mapped image(Tensor value, Tensor like, int channels, int height, int width) {
    Shape to = Events.batch(like, 3).concat(Shape.of(channels, height, width));
    return new Mapped(value.reshape(to), Events.noStretch(like, 3));
  }
}
