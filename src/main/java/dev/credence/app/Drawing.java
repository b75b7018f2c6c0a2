package dev.credence.app;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.AxesChartStyler.TextAlignment;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** One chart of lines, bands, dots and bars in the style of the reports, its legend above it. */
final class Drawing {
  private static final Color INK = new Color(0x22, 0x2b, 0x36);
  private static final Color FAINT_INK = new Color(0x56, 0x61, 0x70);
  private static final Color RULE = new Color(0xe3, 0xe6, 0xea);
  private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);

  /** Pixels for each unit of length, so that fine screens show fine lines. */
  private static final int SCALE = 2;

  private static final int PADDING = 12;
  private static final int LEGEND_ROW = 24;
  private static final int SWATCH = 26;
  private static final int DOT = 8;
  private static final int GAP = 7;
  private static final int KEY_GAP = 20;
  private static final BasicStroke DASHES =
      new BasicStroke(1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0);

  /** How an entry of the legend looks. */
  private enum Look {
    BAND,
    LINE,
    DASHES,
    DOT
  }

  /** An entry of the legend. */
  private record Key(String name, Look look, Color color) {}

  private final XYChart chart;
  private final List<Key> keys = new ArrayList<>();

  Drawing(int width, int height, String xTitle, String yTitle) {
    chart = new XYChart(width, height, ChartTheme.XChart);
    chart.setXAxisTitle(xTitle);
    chart.setYAxisTitle(yTitle);
    XYStyler styler = chart.getStyler();
    styler.setBaseFont(FONT);
    styler.setAxisTitleFont(FONT);
    styler.setAxisTickLabelsFont(FONT.deriveFont(13f));
    styler.setAxisTickLabelsColor(FAINT_INK);
    styler.setAxisTickMarksColor(RULE);
    styler.setXAxisTitleColor(INK);
    styler.setYAxisTitleColor(INK);
    styler.setChartFontColor(INK);
    styler.setXAxisMaxLabelCount(12);
    styler.setAxisTicksLineVisible(false);
    styler.setXAxisTickMarkSpacingHint(90);
    styler.setYAxisLabelAlignment(TextAlignment.Right);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(RULE);
    styler.setPlotGridLinesStroke(new BasicStroke(1));
    styler.setPlotMargin(0);
    styler.setPlotContentSize(1);
    styler.setChartPadding(PADDING);
    styler.setLegendVisible(false);
    styler.setMarkerSize(6);
    styler.setLocale(Locale.ROOT);
    labels(Text::tick);
  }

  /** What part of the plane is shown. */
  Drawing range(double left, double right, double low, double high) {
    chart.getStyler().setXAxisMin(left).setXAxisMax(right).setYAxisMin(low).setYAxisMax(high);
    return this;
  }

  /** Neither numbers nor rules along x, where places have an order but no size. */
  Drawing withoutXNumbers() {
    chart.getStyler().setXAxisTicksVisible(false).setPlotGridVerticalLinesVisible(false);
    return this;
  }

  /** Names in place of the numbers along x, at the places 1, 2, .., and at a height. */
  Drawing names(List<String> names, double y) {
    for (int i = 0; i < names.size(); i++) {
      chart.addAnnotation(new AnnotationText(names.get(i), i + 1, y, false));
    }
    chart.getStyler().setAnnotationTextFont(FONT).setAnnotationTextFontColor(INK);
    return withoutXNumbers();
  }

  /** How the numbers along both axes are written. */
  Drawing labels(Function<Double, String> label) {
    XYStyler styler = chart.getStyler();
    styler.setXAxisTickLabelsFormattingFunction(label);
    styler.setYAxisTickLabelsFormattingFunction(label);
    return this;
  }

  /** An area between two curves. */
  Drawing band(String name, Color color, double[] x, double[] low, double[] high) {
    int n = x.length;
    double[] aroundX = new double[2 * n];
    double[] aroundY = new double[2 * n];
    for (int i = 0; i < n; i++) {
      aroundX[i] = x[i];
      aroundY[i] = high[i];
      aroundX[2 * n - 1 - i] = x[i];
      aroundY[2 * n - 1 - i] = low[i];
    }
    XYSeries series = add(name, XYSeriesRenderStyle.PolygonArea, aroundX, aroundY);
    series.setFillColor(color);
    series.setLineColor(new Color(0, true));
    return key(name, Look.BAND, color);
  }

  /** A curve. */
  Drawing line(String name, Color color, double[] x, double[] y) {
    stroke(name, color, 2.5f, x, y);
    return key(name, Look.LINE, color);
  }

  /** A curve with its points marked. */
  Drawing markedLine(String name, Color color, double[] x, double[] y) {
    stroke(name, color, 2.5f, x, y).setMarker(SeriesMarkers.CIRCLE).setMarkerColor(color);
    return key(name, Look.LINE, color);
  }

  /** A dashed curve through many points; where y is NaN there is none. */
  Drawing dashes(String name, double[] x, double[] y) {
    double[] dashed = y.clone();
    for (int i = 0; i < dashed.length; i++) {
      if (i % 7 > 3) {
        dashed[i] = Double.NaN;
      }
    }
    stroke(name, INK, 1.5f, x, dashed);
    return key(name, Look.DASHES, INK);
  }

  /** Points; where y is NaN there is none. */
  Drawing dots(String name, Color color, double[] x, double[] y) {
    if (!Arrays.stream(y).allMatch(Double::isNaN)) {
      XYSeries series = add(name, XYSeriesRenderStyle.Scatter, x, y);
      series.setMarker(SeriesMarkers.CIRCLE);
      series.setMarkerColor(color);
    }
    return key(name, Look.DOT, color);
  }

  /** Upright bars. */
  Drawing bars(String name, Color color, double[] x, double[] low, double[] high) {
    int n = x.length;
    double[] barX = new double[3 * n];
    double[] barY = new double[3 * n];
    for (int i = 0; i < n; i++) {
      Arrays.fill(barX, 3 * i, 3 * i + 3, x[i]);
      barY[3 * i] = low[i];
      barY[3 * i + 1] = high[i];
      barY[3 * i + 2] = Double.NaN;
    }
    stroke(name, color, n > 80 ? 3 : 6, barX, barY);
    return key(name, Look.BAND, color);
  }

  private XYSeries stroke(String name, Color color, float width, double[] x, double[] y) {
    XYSeries series = add(name, XYSeriesRenderStyle.Line, x, y);
    series.setLineColor(color);
    series.setLineWidth(width);
    return series;
  }

  private XYSeries add(String name, XYSeriesRenderStyle style, double[] x, double[] y) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setXYSeriesRenderStyle(style);
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }

  private Drawing key(String name, Look look, Color color) {
    keys.add(new Key(name, look, color));
    return this;
  }

  /** The picture. */
  byte[] png() {
    int width = chart.getWidth();
    List<List<Key>> rows = legendRows(width - 2 * PADDING);
    int legend = PADDING + rows.size() * LEGEND_ROW;
    int height = legend + chart.getHeight();
    BufferedImage image = image(SCALE * width, SCALE * height);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(SCALE, SCALE);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.setFont(FONT);
    for (int row = 0; row < rows.size(); row++) {
      int x = PADDING;
      for (Key key : rows.get(row)) {
        drawKey(graphics, key, x, PADDING + row * LEGEND_ROW + LEGEND_ROW / 2);
        x += keyWidth(key);
      }
    }
    graphics.translate(0, legend);
    chart.paint(graphics, width, chart.getHeight());
    graphics.dispose();
    return png(image);
  }

  private static BufferedImage image(int width, int height) {
    return new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
  }

  /** A picture as a file of the format PNG. */
  static byte[] png(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** The legend's entries, as many in a row as fit. */
  private List<List<Key>> legendRows(int width) {
    List<List<Key>> rows = new ArrayList<>();
    int left = 0;
    for (Key key : keys) {
      if (rows.isEmpty() || left < keyWidth(key) - KEY_GAP) {
        rows.add(new ArrayList<>());
        left = width;
      }
      rows.getLast().add(key);
      left -= keyWidth(key);
    }
    return rows;
  }

  private static int keyWidth(Key key) {
    Rectangle2D text = FONT.getStringBounds(key.name(), new FontRenderContext(null, true, false));
    return swatch(key) + GAP + (int) Math.ceil(text.getWidth()) + KEY_GAP;
  }

  private static int swatch(Key key) {
    return key.look() == Look.DOT ? DOT : SWATCH;
  }

  private static void drawKey(Graphics2D graphics, Key key, int x, int middle) {
    graphics.setColor(key.color());
    switch (key.look()) {
      case BAND -> graphics.fill(new Rectangle2D.Double(x, middle - 7, SWATCH, 14));
      case DOT -> graphics.fill(new Ellipse2D.Double(x, middle - DOT / 2.0, DOT, DOT));
      case LINE -> {
        graphics.setStroke(new BasicStroke(2.5f));
        graphics.draw(new Line2D.Double(x, middle, x + SWATCH, middle));
      }
      case DASHES -> {
        graphics.setStroke(DASHES);
        graphics.draw(new Line2D.Double(x, middle, x + SWATCH, middle));
      }
    }
    graphics.setColor(INK);
    graphics.drawString(key.name(), x + swatch(key) + GAP, middle + 5);
  }
}
