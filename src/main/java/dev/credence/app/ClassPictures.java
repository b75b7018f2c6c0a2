package dev.credence.app;

import dev.credence.train.Calibration;
import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Draws what is said of classes: reliability diagrams and histograms. */
final class ClassPictures {
  /** The fewest rows of a bin whose accuracy says something. */
  private static final int FEWEST = 20;

  private static final List<Color> COLOURS =
      List.of(
          Pictures.BLUE,
          Pictures.ORANGE,
          Pictures.RED,
          new Color(0x00, 0x9e, 0x73),
          new Color(0xcc, 0x79, 0xa7),
          new Color(0x22, 0x2b, 0x36));

  private ClassPictures() {}

  /** The colour of the i-th curve of a picture. */
  static Color colour(int i) {
    return COLOURS.get(i % COLOURS.size());
  }

  /**
   * Accuracy against confidence, a curve for each net.
   *
   * @param nets the bins of each net's predictions, by its name
   */
  static Picture reliability(String file, Map<String, List<Calibration.Bin>> nets) {
    double[] promised = IntStream.rangeClosed(0, 400).mapToDouble(i -> i / 400.0).toArray();
    Drawing drawing =
        new Drawing(640, 560, "confidence: probability of the class that is said", "accuracy")
            .range(-0.02, 1.02, -0.02, 1.02)
            .labels(part -> Math.round(100 * part) + "%");
    int[] at = {0};
    nets.forEach(
        (name, bins) -> {
          List<Calibration.Bin> filled =
              bins.stream().filter(bin -> bin.count() >= FEWEST).toList();
          double[] confidence = filled.stream().mapToDouble(Calibration.Bin::confidence).toArray();
          double[] accuracy = filled.stream().mapToDouble(Calibration.Bin::accuracy).toArray();
          Color colour = colour(at[0]++);
          if (!filled.isEmpty()) {
            drawing.markedLine(name, colour, confidence, accuracy);
          }
        });
    drawing.dashes("as promised", promised, promised);
    return new Picture(
        file,
        "How often predictions are right, against how sure they are",
        "Below the dashed line a net is surer than it is right, above it less sure. Bins of fewer"
            + " than "
            + FEWEST
            + " rows are left out: most digits are told with almost 100%.",
        640,
        drawing.png());
  }

  /**
   * Histograms over each other: the first filled, the others lines.
   *
   * @param xTitle what is counted
   * @param low the left edge of the first bin; what lies below counts in it
   * @param high the right edge of the last bin; what lies above counts in it
   * @param bins how many; numbers stand at every few of their edges
   * @param samples the numbers of each histogram, by its name
   */
  static Picture histograms(
      String file,
      String title,
      String caption,
      String xTitle,
      double low,
      double high,
      int bins,
      Map<String, float[]> samples) {
    double[] x = new double[2 * bins];
    for (int bin = 0; bin < bins; bin++) {
      x[2 * bin] = low + (high - low) * bin / bins;
      x[2 * bin + 1] = low + (high - low) * (bin + 1) / bins;
    }
    double most =
        samples.values().stream().mapToDouble(v -> max(steps(v, low, high, bins))).max().orElse(1);
    Drawing drawing = new Drawing(800, 400, xTitle, "share").range(low, high, 0, 1.05 * most);
    int at = 0;
    for (Map.Entry<String, float[]> entry : samples.entrySet()) {
      double[] share = steps(entry.getValue(), low, high, bins);
      if (at == 0) {
        drawing.band(entry.getKey(), Pictures.BLUE_BAND, x, new double[x.length], share);
      } else {
        drawing.line(entry.getKey(), colour(at), x, share);
      }
      at++;
    }
    return new Picture(file, title, caption, 800, drawing.png());
  }

  /** The share of the numbers in each bin, at both of its edges. */
  private static double[] steps(float[] values, double low, double high, int bins) {
    double[] share = new double[2 * bins];
    for (float value : values) {
      int bin = Math.clamp((int) Math.floor((value - low) / (high - low) * bins), 0, bins - 1);
      share[2 * bin] += 1.0 / values.length;
      share[2 * bin + 1] = share[2 * bin];
    }
    return share;
  }

  private static double max(double[] values) {
    return Arrays.stream(values).max().orElse(0);
  }
}
