package dev.credence.app;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;

/** Small grey images side by side, as one picture. */
final class Tiles {
  private static final int GAP = 2;

  private Tiles() {}

  /**
   * Images in rows.
   *
   * @param images from 0, black, to 1, white; each row-major
   * @param height pixels of an image
   * @param width pixels of an image
   * @param columns images in a row
   * @param scale pixels of the picture for a pixel of an image
   */
  static byte[] grey(List<float[]> images, int height, int width, int columns, int scale) {
    int rows = Math.ceilDiv(images.size(), columns);
    BufferedImage picture =
        new BufferedImage(
            columns * (width * scale + GAP) - GAP,
            rows * (height * scale + GAP) - GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(new Color(0x2f, 0x3b, 0x4c));
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    for (int i = 0; i < images.size(); i++) {
      int left = i % columns * (width * scale + GAP);
      int top = i / columns * (height * scale + GAP);
      float[] image = images.get(i);
      for (int p = 0; p < image.length; p++) {
        graphics.setColor(level(image[p]));
        graphics.fillRect(left + p % width * scale, top + p / width * scale, scale, scale);
      }
    }
    graphics.dispose();
    return Drawing.png(picture);
  }

  private static Color level(float value) {
    float clamped = Math.clamp(value, 0f, 1f);
    return new Color(clamped, clamped, clamped);
  }

  /** Densities as images of their own: each from 0 to its largest value. */
  static float[] density(float[] values) {
    float most = 0;
    for (float value : values) {
      most = Math.max(most, value);
    }
    float[] image = new float[values.length];
    for (int i = 0; i < image.length; i++) {
      image[i] = most == 0 ? 0 : (float) Math.sqrt(values[i] / most);
    }
    return image;
  }

  /** How many points fall into each cell of the square [-reach, reach]^2, the top row first. */
  static float[] histogram(float[][] points, double reach, int side) {
    float[] counts = new float[side * side];
    for (float[] p : points) {
      int column = (int) Math.floor((p[0] + reach) / (2 * reach) * side);
      int row = (int) Math.floor((reach - p[1]) / (2 * reach) * side);
      if (column >= 0 && column < side && row >= 0 && row < side) {
        counts[row * side + column]++;
      }
    }
    return counts;
  }
}
