package dev.credence.benchmarks;

import java.util.List;

/**
 * The shape of a matrix product, c[m, n] = sum over k of a[m, k] b[k, n].
 *
 * @param layout which factors lie transposed in memory: NN, NT (b as [n, k]) or TN (a as [k, m])
 * @param where a workload it occurs in
 */
record Product(int m, int n, int k, String layout, String where) {
  /** The products of the workloads: forward NT, gradients of inputs NN, of weights TN. */
  static final List<Product> ALL =
      List.of(
          new Product(128, 1200, 784, "NT", "W5 forward"),
          new Product(128, 1200, 1200, "NT", "W5 forward"),
          new Product(128, 10, 1200, "NT", "W5 forward"),
          new Product(128, 1200, 1200, "NN", "W5 inputs"),
          new Product(128, 1200, 10, "NN", "W5 inputs"),
          new Product(1200, 784, 128, "TN", "W5 weights"),
          new Product(1200, 1200, 128, "TN", "W5 weights"),
          new Product(10, 1200, 128, "TN", "W5 weights"),
          new Product(128, 400, 784, "NT", "W6 forward"),
          new Product(128, 40, 400, "NT", "W6 forward"),
          new Product(128, 400, 20, "NT", "W6 forward"),
          new Product(128, 784, 400, "NT", "W6 forward"),
          new Product(784, 400, 128, "TN", "W6 weights"),
          new Product(400, 20, 128, "TN", "W6 weights"),
          new Product(1024, 256, 32, "NT", "W7 forward"),
          new Product(1024, 256, 256, "NT", "W7 forward"),
          new Product(1024, 64, 256, "NT", "W7 forward"),
          new Product(1024, 256, 64, "NN", "W7 inputs"),
          new Product(256, 256, 1024, "TN", "W7 weights"),
          new Product(1000, 400, 784, "NT", "W8"),
          new Product(1000, 400, 400, "NT", "W8"),
          new Product(1000, 10, 400, "NT", "W8"),
          new Product(50, 6400, 500, "NN", "W4, W9 second convolution of 100 images"),
          new Product(20, 57600, 25, "NN", "W4, W9 first convolution of 100 images"),
          new Product(1000, 500, 800, "NT", "W4 hidden layer of 10 draws"),
          new Product(128, 500, 800, "NT", "W9 hidden layer"),
          new Product(500, 800, 128, "TN", "W9 weights"),
          new Product(128, 50, 13, "NT", "W10 forward"),
          new Product(128, 1, 50, "NT", "W10 forward"));

  /** A large one, whose rate is a machine's ceiling. */
  static final Product LARGE = new Product(1280, 1280, 1280, "NT", "");

  static Product parse(String text) {
    String[] parts = text.split("x");
    return new Product(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        parts[3],
        "");
  }

  String id() {
    return "product:" + m + "x" + n + "x" + k + "x" + layout;
  }

  double flops() {
    return 2.0 * m * n * k;
  }

  boolean transposedA() {
    return layout.charAt(0) == 'T';
  }

  boolean transposedB() {
    return layout.charAt(1) == 'T';
  }

  /** Holds some elements of a product to what they are in double precision. */
  String check(float[] a, float[] b, float[] c) {
    for (int at = 0; at < c.length; at += 1 + c.length / 97) {
      int row = at / n;
      int column = at % n;
      double sum = 0;
      double size = 0;
      for (int i = 0; i < k; i++) {
        double term =
            (double) a[transposedA() ? i * m + row : row * k + i]
                * b[transposedB() ? column * k + i : i * n + column];
        sum += term;
        size += Math.abs(term);
      }
      Check.that(Math.abs(c[at] - sum) <= 1e-5 * size, "element %d is %g, not %g", at, c[at], sum);
    }
    return "right";
  }
}
