package dev.credence.app;

import dev.credence.data.Images;
import dev.credence.train.Metrics;
import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Handwritten digits and the pictures that experiments draw of them. */
final class Digits {
  static final int SIDE = 28;

  /** Ten colours that are apart in hue and in lightness. */
  private static final int[] COLOURS = {
    0x222b36, 0xe69f00, 0x56b4e9, 0x009e73, 0xc9b400, 0x0055b2, 0xd13d00, 0xcc79a7, 0x7f4fc9,
    0x8c5a2b
  };

  /** The part of the codes that a picture leaves out on each of its sides. */
  private static final double BEYOND = 0.01;

  private Digits() {}

  /** All images with pixels from 0 to 1. */
  static float[][] rows(Images images) {
    return images.rows(0, images.count(), 1);
  }

  /** Black and white images, each pixel white with its grey value as the probability. */
  static float[][] binarised(float[][] grey, long seed) {
    Random random = new Random(seed);
    float[][] binary = new float[grey.length][SIDE * SIDE];
    for (int i = 0; i < grey.length; i++) {
      for (int p = 0; p < binary[i].length; p++) {
        binary[i][p] = random.nextFloat() < grey[i][p] ? 1 : 0;
      }
    }
    return binary;
  }

  /** An image turned round its centre, counterclockwise, between pixels interpolated. */
  static float[] rotated(float[] image, double degrees) {
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = Math.sin(Math.toRadians(degrees));
    double centre = (SIDE - 1) / 2.0;
    float[] turned = new float[SIDE * SIDE];
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double x = column - centre;
        double y = row - centre;
        double fromColumn = centre + cos * x - sin * y;
        double fromRow = centre + sin * x + cos * y;
        turned[row * SIDE + column] = between(image, fromRow, fromColumn);
      }
    }
    return turned;
  }

  private static float between(float[] image, double row, double column) {
    int top = (int) Math.floor(row);
    int left = (int) Math.floor(column);
    double down = row - top;
    double right = column - left;
    return (float)
        ((1 - down) * (1 - right) * pixel(image, top, left)
            + (1 - down) * right * pixel(image, top, left + 1)
            + down * (1 - right) * pixel(image, top + 1, left)
            + down * right * pixel(image, top + 1, left + 1));
  }

  private static float pixel(float[] image, int row, int column) {
    boolean inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    return inside ? image[row * SIDE + column] : 0;
  }

  /** Labels as ones among zeros. */
  static float[][] oneHot(int[] labels) {
    float[][] rows = new float[labels.length][10];
    for (int i = 0; i < rows.length; i++) {
      rows[i][labels[i]] = 1;
    }
    return rows;
  }

  /** A picture of images side by side. */
  static Picture tiles(String file, String title, String caption, int columns, float[][] images) {
    byte[] png = Tiles.grey(List.of(images), SIDE, SIDE, columns, 2);
    return new Picture(file, title, caption, Math.min(960, columns * (2 * SIDE + 2)), png);
  }

  /**
   * A picture of codes of two numbers, coloured by digit. The few codes that lie far outside, which
   * would leave no room to the others, are beyond its frame.
   */
  static Picture plane(String file, String title, String caption, float[][] codes, int[] labels) {
    double[][] frame = {frame(codes, 0), frame(codes, 1)};
    Drawing drawing =
        new Drawing(720, 680, "first number of the code", "second")
            .range(frame[0][0], frame[0][1], frame[1][0], frame[1][1]);
    for (int digit = 0; digit < 10; digit++) {
      int own = digit;
      int[] which =
          IntStream.range(0, Math.min(codes.length, 4000))
              .filter(i -> labels[i] == own && inside(codes[i], frame))
              .toArray();
      double[] x = Arrays.stream(which).mapToDouble(i -> codes[i][0]).toArray();
      double[] y = Arrays.stream(which).mapToDouble(i -> codes[i][1]).toArray();
      drawing.dots(Integer.toString(digit), new Color(COLOURS[digit]), x, y);
    }
    String rest = " The few codes that lie far outside are left out.";
    return new Picture(file, title, caption + rest, 720, drawing.png());
  }

  /** From where to where a number of the codes goes, but for a few of them. */
  private static double[] frame(float[][] codes, int axis) {
    float[] values = new float[codes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = codes[i][axis];
    }
    double low = Metrics.quantile(values, BEYOND);
    double high = Metrics.quantile(values, 1 - BEYOND);
    double margin = 0.05 * (high - low);
    return new double[] {low - margin, high + margin};
  }

  private static boolean inside(float[] code, double[][] frame) {
    return code[0] > frame[0][0]
        && code[0] < frame[0][1]
        && code[1] > frame[1][0]
        && code[1] < frame[1][1];
  }

  /** Points of the plane in rows from the top left to the bottom right. */
  static float[][] grid(int side, double reach) {
    float[][] points = new float[side * side][2];
    for (int i = 0; i < points.length; i++) {
      points[i][0] = (float) (-reach + 2 * reach * (i % side) / (side - 1));
      points[i][1] = (float) (reach - 2 * reach * (i / side) / (side - 1));
    }
    return points;
  }

  /** The mean over images of the squared error, summed over pixels. */
  static double squaredError(float[][] a, float[][] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int p = 0; p < a[i].length; p++) {
        double error = (double) a[i][p] - b[i][p];
        sum += error * error;
      }
    }
    return sum / a.length;
  }
}
