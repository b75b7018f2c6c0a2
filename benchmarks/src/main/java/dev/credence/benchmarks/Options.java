package dev.credence.benchmarks;

import java.nio.file.Path;
import java.util.List;

/**
 * What a run of the harness measures.
 *
 * @param chosen the workloads
 * @param home the folder that holds peers and results
 */
record Options(
    String device,
    int threads,
    List<Suite.Entry> chosen,
    Comparison.Effort effort,
    boolean withPeers,
    boolean withProducts,
    boolean withCurves,
    String python,
    Path home) {
  private static final String USAGE =
      """
      Options: --quick            two minutes: fewer samples, no curves, products if asked for
               --only W1,W5       some of the workloads
               --device NAME      cpu unless said otherwise
               --threads N        of the cpu device and of the peers; all cores unless said otherwise
               --no-peers  --no-products  --no-curves
               --products         the table of products, under --quick as well
               --python PATH      with PyTorch or JAX; python3 unless said otherwise
               --home FOLDER      of peers and results\
      """;

  static Options parse(String[] args) {
    String device = "cpu";
    int threads = Machine.cores();
    List<Suite.Entry> chosen = Suite.ALL;
    boolean quick = false;
    boolean peers = true;
    boolean products = true;
    boolean productsAskedFor = false;
    boolean curves = true;
    String python = "python3";
    Path home = Path.of(System.getProperty("credence.benchmarks", "."));
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--quick", "-quick" -> quick = true;
        case "--no-peers" -> peers = false;
        case "--no-products" -> products = false;
        case "--products" -> productsAskedFor = true;
        case "--no-curves" -> curves = false;
        case "--only" -> chosen = entries(value(args, ++i));
        case "--device" -> device = value(args, ++i);
        case "--threads" -> threads = Integer.parseInt(value(args, ++i));
        case "--python" -> python = value(args, ++i);
        case "--home" -> home = Path.of(value(args, ++i));
        default -> throw new IllegalArgumentException(args[i] + " is not an option.\n" + USAGE);
      }
    }
    return new Options(
        device,
        threads,
        chosen,
        quick ? Comparison.Effort.QUICK : Comparison.Effort.FULL,
        peers,
        products && (productsAskedFor || !quick),
        curves && !quick,
        python,
        home);
  }

  private static String value(String[] args, int at) {
    if (at >= args.length) {
      throw new IllegalArgumentException(args[at - 1] + " wants a value.\n" + USAGE);
    }
    return args[at];
  }

  private static List<Suite.Entry> entries(String ids) {
    return List.of(ids.split(",")).stream()
        .map(
            id ->
                Suite.find(id)
                    .orElseThrow(
                        () -> new IllegalArgumentException("There is no workload " + id + ".")))
        .toList();
  }
}
