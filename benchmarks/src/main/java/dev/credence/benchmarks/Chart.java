package dev.credence.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** The picture of the results: how many times faster than the fastest peer. */
final class Chart {
  private Chart() {}

  /** Writes a PNG; false if no workload has a peer. */
  static boolean write(Results r, Path file) throws IOException {
    List<Comparison> compared =
        r.workloads().stream().filter(c -> Double.isFinite(r.speedup(c))).toList();
    if (compared.isEmpty()) {
      return false;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(960)
            .height(420)
            .title("Times faster than the fastest peer (1: as fast)")
            .yAxisTitle("peer / Credence")
            .build();
    chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLabelsVisible(true);
    chart.getStyler().setDecimalPattern("0.0");
    chart.getStyler().setXAxisTickMarkSpacingHint(20); // a name under every bar
    // A bar has no end at 0 on a logarithmic axis.
    double least = compared.stream().mapToDouble(r::speedup).min().orElse(1);
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(Math.min(0.1, least / 2));
    chart.getStyler().setSeriesColors(new Color[] {new Color(0x00, 0x55, 0x99)});
    chart.addSeries(
        "ratio",
        compared.stream().map(Comparison::id).toList(),
        compared.stream().map(r::speedup).toList());
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    return true;
  }
}
