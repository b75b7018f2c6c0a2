package dev.credence.benchmarks;

import java.util.List;
import java.util.Optional;

/**
 * All that one run found.
 *
 * @param own name of the side that stands for Credence
 * @param copyOneThread bytes a second that one thread alone copies
 * @param workloads by their standard order
 * @param products Credence and OpenBLAS, with one and with all threads
 */
record Results(
    String date,
    String processor,
    int cores,
    int threads,
    String device,
    String java,
    String commit,
    double loadBefore,
    double loadAfter,
    Ceilings ceilings,
    double copyOneThread,
    String own,
    List<String> peers,
    List<Comparison> workloads,
    List<ProductRow> products,
    List<Curve> curves) {

  /** Seconds of a product on both sides. */
  record ProductRow(
      Product product, double own1, double openBlas1, double ownAll, double openBlasAll) {}

  /** Credence's times of a workload. */
  Samples own(Comparison c) {
    return c.samples().getOrDefault(own, new Samples("not measured", new double[0]));
  }

  /** The fastest peer of a workload that got it right. */
  Optional<String> fastestPeer(Comparison c) {
    return peers.stream()
        .filter(p -> c.samples().containsKey(p) && c.samples().get(p).present())
        .min((p, q) -> Double.compare(c.samples().get(p).median(), c.samples().get(q).median()));
  }

  /** Time of the fastest peer over that of Credence; NaN without either. */
  double speedup(Comparison c) {
    return fastestPeer(c)
        .map(p -> c.samples().get(p).median() / own(c).median())
        .orElse(Double.NaN);
  }

  /** The least time that the machine allows for a workload. */
  double floor(Comparison c) {
    return Suite.find(c.id()).map(e -> e.envelope().floor(ceilings)).orElse(Double.NaN);
  }
}
