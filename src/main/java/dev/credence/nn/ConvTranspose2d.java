package dev.credence.nn;

import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * A transposed convolution, which widens images as {@link Conv2d} narrows them, and a bias for each
 * of its channels.
 *
 * @param weight filters, shape (in, out / groups, kh, kw) or (T, in, out / groups, kh, kw)
 * @param bias shape (out) or (T, out)
 * @param stride step in both directions
 * @param padding rows and columns left out on all four sides
 * @param outputPadding rows and columns added at the end
 * @param dilation distance of the filter's elements
 * @param groups number of groups of channels that do not mix
 */
public record ConvTranspose2d(
    Tensor weight,
    Tensor bias,
    int stride,
    int padding,
    int outputPadding,
    int dilation,
    int groups)
    implements AffineLayer {

  /**
   * Filters drawn evenly from +-1 / sqrt(in size^2), and no bias.
   *
   * @param size height and width of the filters
   * @return expressions; a state computes them
   */
  public static ConvTranspose2d init(Key key, int in, int out, int size, int stride, int padding) {
    double bound = 1 / Math.sqrt((double) in * size * size);
    return new ConvTranspose2d(
        Uniform.of(key.split("weight"), bound, in, out, size, size),
        Tensor.zeros(TensorType.of(DType.FLOAT32, out)),
        stride,
        padding,
        0,
        1,
        1);
  }

  /**
   * Applies the layer.
   *
   * @param x images, shape (B, in, H, W), or (T, B, in, H, W) for T draws
   * @return shape (B, out, H', W'), with the axis of draws that images or filters have; H' = (H -
   *     1) stride - 2 padding + dilation (kh - 1) + outputPadding + 1, and W' likewise
   * @throws dev.credence.tensor.TraceException if channels or axes do not fit
   */
  @Override
  public Tensor apply(Tensor x) {
    return products(x).add(bias.unsqueeze(-1).unsqueeze(-1).unsqueeze(-4));
  }

  private Tensor products(Tensor x) {
    if (weight.shape().rank() == 5) {
      int draws = weight.shape().dim(0);
      Tensor y = convolve(Draws.toChannels(x, draws), Draws.fold(weight), draws * groups);
      return Draws.fromChannels(y, draws);
    }
    return x.shape().rank() == 5
        ? Draws.unfold(convolve(Draws.fold(x), weight, groups), x.shape().dim(0))
        : convolve(x, weight, groups);
  }

  private Tensor convolve(Tensor x, Tensor filters, int parts) {
    return Convolution.convTranspose2d(x, filters, stride, padding, outputPadding, dilation, parts);
  }
}
