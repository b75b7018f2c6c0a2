package dev.credence.tensor;

import dev.credence.tensor.Contract.Convolve;
import dev.credence.tensor.Contract.Window;
import dev.credence.type.Shape;

/** Convolution and pooling of images, batch first, channels second (NCHW). */
public final class Convolution {
  private Convolution() {}

  /**
   * Convolution of images [N, C, H, W] with filters [O, C / groups, KH, KW] into [N, O, H', W'].
   *
   * @param stride step in both directions
   * @param padding zeros on all four sides
   * @param dilation distance of the filter's elements
   * @param groups number of groups of channels that do not mix
   */
  public static Tensor conv2d(
      Tensor x, Tensor w, int stride, int padding, int dilation, int groups) {
    Window window = new Window(stride, dilation, padding, padding, 1);
    return grouped(new Convolve(window, window), x, w, groups);
  }

  /** Convolution without padding, of stride 1. */
  public static Tensor conv2d(Tensor x, Tensor w) {
    return conv2d(x, w, 1, 0, 1, 1);
  }

  /**
   * Transposed convolution, the gradient of {@link #conv2d} with respect to its images: [N, C, H,
   * W] with filters [C, O / groups, KH, KW] into [N, O, H', W'], H' = (H - 1) stride - 2 padding +
   * dilation (KH - 1) + outputPadding + 1.
   */
  public static Tensor convTranspose2d(
      Tensor x, Tensor w, int stride, int padding, int outputPadding, int dilation, int groups) {
    require(x.shape().rank() == 4 && w.shape().rank() == 4, x, w);
    Window rows = transposed(w.shape().dim(2), stride, padding, outputPadding, dilation);
    Window columns = transposed(w.shape().dim(3), stride, padding, outputPadding, dilation);
    Shape s = w.shape();
    require(groups > 0 && s.dim(0) % Math.max(1, groups) == 0, x, w);
    // Filters [C, O, ..] in groups become [G, O, C, ..] turned by half a circle.
    Tensor turned =
        w.reshape(groups, s.dim(0) / groups, s.dim(1), s.dim(2), s.dim(3))
            .permute(0, 2, 1, 3, 4)
            .flip(3)
            .flip(4);
    Shape image = x.shape();
    require(image.dim(1) == s.dim(0), x, w);
    Tensor y =
        Tensor.of(
            new Convolve(rows, columns),
            x.reshape(image.dim(0), groups, image.dim(1) / groups, image.dim(2), image.dim(3)),
            turned);
    return merged(y);
  }

  private static Window transposed(
      int filter, int stride, int padding, int outputPadding, int dilation) {
    int low = (filter - 1) * dilation - padding;
    return new Window(1, dilation, low, low + outputPadding, stride);
  }

  private static Tensor grouped(Convolve op, Tensor x, Tensor w, int groups) {
    Shape image = x.shape();
    Shape filter = w.shape();
    require(
        image.rank() == 4
            && filter.rank() == 4
            && groups > 0
            && image.dim(1) % groups == 0
            && filter.dim(0) % groups == 0
            && image.dim(1) / groups == filter.dim(1),
        x,
        w);
    Tensor y =
        Tensor.of(
            op,
            x.reshape(image.dim(0), groups, filter.dim(1), image.dim(2), image.dim(3)),
            w.reshape(groups, filter.dim(0) / groups, filter.dim(1), filter.dim(2), filter.dim(3)));
    return merged(y);
  }

  private static Tensor merged(Tensor y) {
    Shape s = y.shape();
    return y.reshape(s.dim(0), s.dim(1) * s.dim(2), s.dim(3), s.dim(4));
  }

  private static void require(boolean fits, Tensor x, Tensor w) {
    if (!fits) {
      throw new TraceException(
          "convolution of "
              + x.type()
              + " with "
              + w.type()
              + ": images are [N, C, H, W] and filters [O, C / groups, KH, KW] (at "
              + Origin.here()
              + ")");
    }
  }

  private static Tensor windows(Tensor x, int size, int stride) {
    int rank = x.shape().rank();
    if (rank < 4) {
      throw new TraceException(
          "pooling of " + x.type() + ": images are [N, C, H, W] (at " + Origin.here() + ")");
    }
    return x.windows(rank - 2, size, stride, 1).windows(rank - 1, size, stride, 1);
  }

  /** The largest of each window of images [.., C, H, W]. */
  public static Tensor maxPool2d(Tensor x, int size, int stride) {
    return windows(x, size, stride).max(-2, -1);
  }

  /** The mean of each window of images [.., C, H, W]. */
  public static Tensor avgPool2d(Tensor x, int size, int stride) {
    return windows(x, size, stride).mean(-2, -1);
  }

  /** Where in its plane (row-major over H and W) the largest of each window stands; int32. */
  public static Tensor maxPoolIndices(Tensor x, int size, int stride) {
    Tensor inside = windows(x, size, stride).argmax(-2, -1);
    Tensor row = Tensor.iota(inside.shape(), -2).mul(stride).add(inside.div(size));
    Tensor column = Tensor.iota(inside.shape(), -1).mul(stride).add(inside.remainder(size));
    return row.mul(x.shape().dim(-1)).add(column);
  }

  /**
   * The pooled values back at their places in planes of height times width, 0 elsewhere; values
   * that came from one place (windows that overlap) are added.
   */
  public static Tensor maxUnpool2d(Tensor y, Tensor indices, int height, int width) {
    Shape s = y.shape();
    int[] flat = {s.dim(0), s.dim(1), s.dim(2) * s.dim(3)};
    return Tensor.of(
            new Reduce.ScatterAddAlong(2, height * width), y.reshape(flat), indices.reshape(flat))
        .reshape(s.dim(0), s.dim(1), height, width);
  }
}
