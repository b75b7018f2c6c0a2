package dev.credence.nn;

import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * How images stand in rows of numbers: channel after channel, each row-major, so that nets of
 * convolutions take the same rows as dense ones.
 *
 * @param channels 1 for grey, 3 for red, green and blue
 * @param height in pixels
 * @param width in pixels
 */
public record ImageFormat(int channels, int height, int width) {
  /** Refuses images without pixels. */
  public ImageFormat {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "images have channels and pixels, but "
              + channels
              + "x"
              + height
              + "x"
              + width
              + " was given");
    }
  }

  /** Numbers of a row. */
  public int size() {
    return channels * height * width;
  }

  /**
   * Rows as images.
   *
   * @param rows shape (.., C H W)
   * @return shape (.., C, H, W)
   * @throws dev.credence.tensor.TraceException if the rows are of another width
   */
  public Tensor images(Tensor rows) {
    return rows.reshape(rows.shape().without(-1).concat(Shape.of(channels, height, width)));
  }

  /**
   * Images as rows, of whatever format.
   *
   * @param images shape (.., C, H, W)
   * @return shape (.., C H W)
   */
  public static Tensor flatten(Tensor images) {
    Shape shape = images.shape();
    int size = shape.dim(-3) * shape.dim(-2) * shape.dim(-1);
    return images.reshape(shape.without(-1).without(-1).with(-1, size));
  }
}
