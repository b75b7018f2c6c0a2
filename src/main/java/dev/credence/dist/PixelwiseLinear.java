package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * One linear map of the channels at every pixel of an image, the invertible 1x1 convolution of Glow
 * (Kingma and Dhariwal 2018, section 3.2): log |det| is H W times that of the map.
 *
 * @param channels the map, of as many numbers as there are channels
 */
public record PixelwiseLinear(LuLinear channels) implements Bijector {
  @Override
  public int eventRank() {
    return 3;
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return image(channels.forwardAndLogDet(pixels(z)), z.shape());
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    return image(channels.inverseAndLogDet(pixels(x)), x.shape());
  }

  /** (.., C, H, W) with the channels last, (N, H, W, C). */
  private static Tensor pixels(Tensor x) {
    Shape s = x.shape();
    return x.reshape(-1, s.dim(-3), s.dim(-2), s.dim(-1)).permute(0, 2, 3, 1);
  }

  private static Mapped image(Mapped pixels, Shape to) {
    Tensor logDet = pixels.logDet().sum(1, 2).reshape(to.without(-3, -2, -1));
    return new Mapped(pixels.value().permute(0, 3, 1, 2).reshape(to), logDet);
  }
}
