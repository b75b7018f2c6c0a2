package dev.credence.nn;

import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * A convolution of images and a bias for each of its channels. As torch has it, filters are not
 * turned, so it is a cross-correlation.
 *
 * <p>Filters may carry a leading axis, T draws of one layer: the result then has one image of
 * channels a draw.
 *
 * @param weight filters, shape (out, in / groups, kh, kw) or (T, out, in / groups, kh, kw)
 * @param bias shape (out) or (T, out)
 * @param stride step in both directions
 * @param padding zeros on all four sides
 * @param dilation distance of the filter's elements
 * @param groups number of groups of channels that do not mix
 */
public record Conv2d(Tensor weight, Tensor bias, int stride, int padding, int dilation, int groups)
    implements AffineLayer {

  /** A convolution without padding, of stride 1. */
  public Conv2d(Tensor weight, Tensor bias) {
    this(weight, bias, 1, 0, 1, 1);
  }

  /**
   * Filters drawn evenly from +-1 / sqrt(n), n = in size^2 the numbers that an output sums (torch's
   * default), and no bias.
   *
   * @param size height and width of the filters
   * @return expressions; a state computes them
   */
  public static Conv2d init(Key key, int in, int out, int size, int stride, int padding) {
    Conv2d drawn = drawn(key, in, out, size, 1);
    return new Conv2d(drawn.weight, drawn.bias, stride, padding, 1, 1);
  }

  /**
   * Filters drawn evenly from +-sqrt(3 / n), of variance 1 / n, n = in size^2 the numbers that an
   * output sums, and no bias (LeCun et al. 1998, "Efficient BackProp", section 4.6; Caffe's filler
   * "xavier").
   *
   * @param size height and width of the filters
   * @return expressions; a state computes them
   */
  public static Conv2d lecun(Key key, int in, int out, int size) {
    return drawn(key, in, out, size, 3);
  }

  private static Conv2d drawn(Key key, int in, int out, int size, double factor) {
    double bound = Math.sqrt(factor / ((double) in * size * size));
    return new Conv2d(
        Uniform.of(key.split("weight"), bound, out, in, size, size),
        Tensor.zeros(TensorType.of(DType.FLOAT32, out)));
  }

  /**
   * Applies the layer.
   *
   * @param x images, shape (B, in, H, W), or (T, B, in, H, W) for T draws
   * @return shape (B, out, H', W'), with the axis of draws that images or filters have; H' = (H + 2
   *     padding - dilation (kh - 1) - 1) / stride + 1, rounded down, and W' likewise
   * @throws dev.credence.tensor.TraceException if channels or axes do not fit
   */
  @Override
  public Tensor apply(Tensor x) {
    return products(x).add(bias.unsqueeze(-1).unsqueeze(-1).unsqueeze(-4));
  }

  private Tensor products(Tensor x) {
    boolean drawnImages = x.shape().rank() == 5;
    if (weight.shape().rank() == 5) {
      int draws = weight.shape().dim(0);
      // Filters of all draws side by side; where draws have images of their own, they are groups of
      // channels, so that none sees those of another.
      boolean shared = !drawnImages && groups == 1;
      Tensor y =
          shared
              ? convolve(x, Draws.fold(weight), 1)
              : convolve(Draws.toChannels(x, draws), Draws.fold(weight), draws * groups);
      return Draws.fromChannels(y, draws);
    }
    return drawnImages
        ? Draws.unfold(convolve(Draws.fold(x), weight, groups), x.shape().dim(0))
        : convolve(x, weight, groups);
  }

  private Tensor convolve(Tensor x, Tensor filters, int parts) {
    return Convolution.conv2d(x, filters, stride, padding, dilation, parts);
  }
}
