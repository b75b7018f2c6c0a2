package dev.credence.benchmarks;

import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Results for people. */
final class Markdown {
  private final StringBuilder text = new StringBuilder();

  private Markdown() {}

  static String of(Results r, String picture) {
    Markdown page = new Markdown();
    page.machine(r);
    page.workloads(r, picture);
    page.products(r);
    for (Curve curve : r.curves()) {
      page.curve(curve);
    }
    return page.text.toString();
  }

  private void line(String format, Object... values) {
    text.append(Check.text(format, values)).append('\n');
  }

  private void machine(Results r) {
    line("# Benchmarks of %s", r.date());
    line("");
    line(
        "- processor: %s, %d cores; device %s, %d threads",
        r.processor(), r.cores(), r.device(), r.threads());
    line("- Java: %s", r.java());
    line("- commit: %s", r.commit());
    line("- load average before %.2f, after %.2f", r.loadBefore(), r.loadAfter());
    Ceilings c = r.ceilings();
    line(
        "- ceilings in this run: copy %.1f GB/s (one thread %.1f), matrix product %.0f GFLOP/s,"
            + " %.2f G normals/s, %.2f G words/s",
        c.bytesPerSecond() / 1e9,
        r.copyOneThread() / 1e9,
        c.flopsPerSecond() / 1e9,
        c.normalsPerSecond() / 1e9,
        c.wordsPerSecond() / 1e9);
    line("");
  }

  private void workloads(Results r, String picture) {
    line("## Workloads");
    line("");
    line("Milliseconds a step: medians, with quartiles for Credence. The floor is what the bytes,");
    line("products and draws of the workload take at the ceilings above. Others: cores that");
    line("processes outside this run kept busy meanwhile.");
    line("");
    String peers = r.peers().stream().map(p -> " " + p + " |").collect(Collectors.joining());
    line("| | | Credence | quartiles | floor | time / floor |%s peer / Credence | others |", peers);
    line("|---|---|---|---|---|---|%s---|---|", "---|".repeat(r.peers().size()));
    for (Comparison c : r.workloads()) {
      Samples own = r.own(c);
      String times =
          r.peers().stream()
              .map(p -> " " + cell(c.samples().get(p)) + " |")
              .collect(Collectors.joining());
      line(
          "| %s | %s | %s | %s to %s | %s | %s |%s %s | %.1f |",
          c.id(),
          Suite.find(c.id()).map(Suite.Entry::title).orElse(""),
          cell(own),
          millis(own.quantile(0.25)),
          millis(own.quantile(0.75)),
          millis(r.floor(c)),
          ratio(own.median() / r.floor(c)),
          times,
          ratio(r.speedup(c)),
          c.others());
    }
    line("");
    if (!picture.isEmpty()) {
      line("![Time of the fastest peer over that of Credence](%s)", picture);
      line("");
    }
    line("What was verified before any time was taken:");
    line("");
    for (Comparison c : r.workloads()) {
      c.samples().forEach((side, s) -> line("- %s, %s: %s", c.id(), side, s.found()));
    }
    line("");
  }

  private void products(Results r) {
    if (r.products().isEmpty()) {
      return;
    }
    line("## Matrix products beside OpenBLAS");
    line("");
    line(
        "Microseconds and GFLOP/s, the medians' both, and the ratio of the times Credence /"
            + " OpenBLAS");
    line("(below 1: Credence is faster).");
    line("");
    String columns = " us | GFLOP/s | OpenBLAS us | GFLOP/s | ratio |";
    line("| m x n x k | where | 1 thread:%s %d threads:%s", columns, r.threads(), columns);
    line("|---|---|%s", "---|".repeat(10));
    for (Results.ProductRow row : r.products()) {
      Product p = row.product();
      line(
          "| %d x %d x %d %s | %s |%s%s",
          p.m(),
          p.n(),
          p.k(),
          p.layout(),
          p.where(),
          beside(p, row.own1(), row.openBlas1()),
          beside(p, row.ownAll(), row.openBlasAll()));
    }
    line("");
  }

  private static String beside(Product product, double own, double openBlas) {
    return Check.text(
        " %.1f | %s | %.1f | %s | %s |",
        own * 1e6,
        number(product.flops() / own / 1e9),
        openBlas * 1e6,
        number(product.flops() / openBlas / 1e9),
        ratio(own / openBlas));
  }

  private void curve(Curve curve) {
    line("## %s over %s", curve.id(), curve.what());
    line("");
    line("| %s | threads | ms | ns per %s | resident MB |", curve.what(), curve.what());
    line("|---|---|---|---|---|");
    for (Curve.Point p : curve.points()) {
      line(
          "| %d | %d | %s | %s | %.0f |",
          p.size(),
          p.threads(),
          millis(p.seconds()),
          number(p.seconds() * 1e9 / p.size()),
          p.bytes() / 1e6);
    }
    line("");
  }

  /** A line for the terminal. */
  static String progress(Results r, Comparison c) {
    Samples own = r.own(c);
    String peer =
        r.fastestPeer(c)
            .map(
                p ->
                    Check.text(
                        "%s %s ms, %s times",
                        p, millis(c.samples().get(p).median()), ratio(r.speedup(c))))
            .orElse("no peer");
    return Check.text(
        "%-4s %10s ms   floor %10s ms   ratio %6s   %s   (others busy: %.1f cores)",
        c.id(), cell(own), millis(r.floor(c)), ratio(own.median() / r.floor(c)), peer, c.others());
  }

  /** A line for the terminal. */
  static String progress(Results.ProductRow row) {
    return Check.text(
        "%-28s 1 thread |%s  all threads |%s",
        row.product().id(),
        beside(row.product(), row.own1(), row.openBlas1()),
        beside(row.product(), row.ownAll(), row.openBlasAll()));
  }

  private static String cell(@Nullable Samples samples) {
    return samples == null || !samples.present() ? "-" : millis(samples.median());
  }

  private static String millis(double seconds) {
    return number(seconds * 1e3);
  }

  private static String ratio(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "-";
  }

  /** Three digits or more. */
  private static String number(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : 4;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
