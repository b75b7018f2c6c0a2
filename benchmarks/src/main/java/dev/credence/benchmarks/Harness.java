package dev.credence.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures all workloads beside what the machine allows and beside the peers that are there, and
 * writes a table, a picture and numbers.
 *
 * <p>Nothing is measured in this process: Credence and each peer have one of their own, and they
 * take turns.
 */
final class Harness {
  private final Options options;
  private final List<Curve> curves = new ArrayList<>();
  private final List<Results.ProductRow> products = new ArrayList<>();

  private Harness(Options options) {
    this.options = options;
  }

  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    new Harness(options).run();
  }

  private void run() throws IOException {
    double loadBefore = Machine.loadAverage();
    List<Comparison> workloads = new ArrayList<>();
    List<Side> peers =
        options.withPeers()
            ? Sides.peers(options.threads(), options.python(), options.home().resolve("peers"))
            : List.of();
    try (Side own = Sides.own(options.device(), options.threads());
        Side single = Sides.own(options.device(), 1);
        Side blas = Sides.openBlas(options.threads());
        Side singleBlas = Sides.openBlas(1)) {
      double copyOne = DeviceCopy.BYTES / least("copy", single);
      Ceilings ceilings = ceilings(own, blas);
      print(ceilings);
      for (Suite.Entry entry : options.chosen()) {
        List<Side> sides = Stream.concat(Stream.of(own), peers.stream()).toList();
        workloads.add(Comparison.measure(entry.id(), sides, options.effort()));
        Results soFar = results(workloads, ceilings, copyOne, own, peers, loadBefore);
        System.out.println(Markdown.progress(soFar, workloads.getLast()));
      }
      if (options.withProducts()) {
        System.out.println("products: us | GFLOP/s | OpenBLAS us | GFLOP/s | ratio of the times");
        products(own, single, blas, singleBlas);
      }
      if (options.withCurves()) {
        curve("W1", "n", powersOfFour(10, 26), own, single);
        curve("W5", "T", List.of(1, 3, 10, 30, 100, 300, 1000), own, single);
        curve("W8", "T", List.of(1, 3, 10, 30, 100, 300, 1000), own, single);
      }
      ceilings = ceilings.orBetter(ceilings(own, blas));
      print(ceilings);
      write(results(workloads, ceilings, copyOne, own, peers, loadBefore));
    } finally {
      peers.forEach(Side::close);
    }
  }

  private Results results(
      List<Comparison> workloads,
      Ceilings ceilings,
      double copyOne,
      Side own,
      List<Side> peers,
      double loadBefore) {
    return new Results(
        LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")),
        Machine.processor(),
        Machine.cores(),
        options.threads(),
        options.device(),
        Machine.java(),
        Machine.commit(options.home()),
        loadBefore,
        Machine.loadAverage(),
        ceilings,
        copyOne,
        own.name(),
        peers.stream().map(Side::name).toList(),
        workloads,
        products,
        curves);
  }

  /** The least seconds of something that must be there. */
  private double least(String id, Side side) {
    Samples samples = Comparison.measure(id, List.of(side), options.effort()).of(side);
    if (!samples.present()) {
      throw new IllegalStateException(id + " on " + side.name() + ": " + samples.found());
    }
    return samples.least();
  }

  /** What the machine reaches now, each in its best moment. */
  private Ceilings ceilings(Side own, Side blas) {
    return new Ceilings(
        DeviceCopy.BYTES / least("copy", own),
        Product.LARGE.flops()
            / Math.min(least(Product.LARGE.id(), own), least(Product.LARGE.id(), blas)),
        Draws.N / least("normals", own),
        Draws.N / least("words", own));
  }

  private static void print(Ceilings ceilings) {
    System.out.println(
        Check.text(
            "ceilings: copy %.1f GB/s, product %.0f GFLOP/s, %.2f G normals/s, %.2f G words/s",
            ceilings.bytesPerSecond() / 1e9,
            ceilings.flopsPerSecond() / 1e9,
            ceilings.normalsPerSecond() / 1e9,
            ceilings.wordsPerSecond() / 1e9));
  }

  private void products(Side own, Side single, Side blas, Side singleBlas) {
    List<Side> sides = List.of(single, singleBlas, own, blas);
    for (Product product : Product.ALL) {
      Comparison c = Comparison.measure(product.id(), sides, options.effort());
      double[] t = sides.stream().mapToDouble(s -> c.of(s).median()).toArray();
      products.add(new Results.ProductRow(product, t[0], t[1], t[2], t[3]));
      System.out.println(Markdown.progress(products.getLast()));
    }
  }

  private static List<Integer> powersOfFour(int from, int to) {
    List<Integer> sizes = new ArrayList<>();
    for (int power = from; power <= to; power += 2) {
      sizes.add(1 << power);
    }
    return sizes;
  }

  private void curve(String id, String what, List<Integer> sizes, Side... sides) {
    List<Curve.Point> points = new ArrayList<>();
    for (int size : sizes) {
      for (Side side : sides) {
        int threads = Arrays.asList(sides).indexOf(side) == 0 ? options.threads() : 1;
        String opened = side.open(id + ":" + size);
        if (opened.startsWith("ok")) {
          Samples samples = new Samples(opened, side.time(5, 10).orElse(new double[0]));
          points.add(new Curve.Point(size, threads, samples.median(), side.memory()[0]));
          side.release();
        }
      }
    }
    curves.add(new Curve(id, what, points));
  }

  private void write(Results results) throws IOException {
    Path folder = options.home().resolve("results");
    Files.createDirectories(folder);
    String name = results.date().replace(" ", "T").replace(":", "") + "-" + host();
    boolean drawn = Chart.write(results, folder.resolve(name + ".png"));
    Files.writeString(folder.resolve(name + ".json"), Json.of(results));
    Files.writeString(
        folder.resolve(name + ".md"), Markdown.of(results, drawn ? name + ".png" : ""));
    System.out.println("Written: " + folder.resolve(name + ".md"));
  }

  /** A name for the machine: its processor's, since a host's name says nothing to others. */
  private static String host() throws IOException {
    String processor = Machine.processor();
    String name = processor.isEmpty() ? InetAddress.getLocalHost().getHostName() : processor;
    return (name + "-" + Machine.cores() + "-cores")
        .toLowerCase(java.util.Locale.ROOT)
        .replaceAll("[^a-z0-9]+", "-");
  }
}
