package dev.credence.data;

/**
 * Labelled images of one size, as bytes 0 to 255. Immutable but for its arrays, which are shared.
 *
 * @param pixels image after image, each channel after channel, each row-major (NCHW)
 * @param labels a class a image, from 0
 * @param channels 1 for grey, 3 for red, green, blue
 */
public record Images(byte[] pixels, int[] labels, int channels, int height, int width) {
  public Images {
    if ((long) labels.length * channels * height * width != pixels.length) {
      throw new IllegalArgumentException(
          labels.length
              + " images of "
              + channels
              + "x"
              + height
              + "x"
              + width
              + " are not "
              + pixels.length
              + " pixels");
    }
  }

  /** How many images there are. */
  public int count() {
    return labels.length;
  }

  /** Values an image. */
  public int size() {
    return channels * height * width;
  }

  /**
   * Images as rows of numbers.
   *
   * @param from the first image
   * @param to one past the last image
   * @param scale what a pixel of 255 becomes; usual are 1, 255 / 256 and 255 / 126
   */
  public float[][] rows(int from, int to, float scale) {
    float[][] rows = new float[to - from][size()];
    float unit = scale / 255;
    for (int i = from; i < to; i++) {
      float[] row = rows[i - from];
      int start = i * row.length;
      for (int k = 0; k < row.length; k++) {
        row[k] = (pixels[start + k] & 0xff) * unit;
      }
    }
    return rows;
  }
}
