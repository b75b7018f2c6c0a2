package dev.credence.device.cuda;

import dev.credence.device.KernelHeaders;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.util.List;
import java.util.Optional;

/**
 * A matrix product by kernels/gemm.h: one chain of fused multiply-adds an element, hence the bits
 * of every other device, at a fraction of cuBLAS' speed.
 *
 * @param source the kernel in the shape of its tile
 * @param groups one a tile
 * @param threads in a group
 * @param how for listings
 */
record TiledProduct(String source, int groups, int threads, String how) {
  /** What the kernel is called. */
  static final String SYMBOL = "cr_gemm";

  /** Products with a shorter side are left to the generated loop. */
  private static final int NARROW = 8;

  /**
   * A shape of tile; see kernels/gemm.h.
   *
   * @param side work items side by side, and as many one below the other
   * @param each rows and columns that a work item computes
   * @param depth steps between two loads of shared memory
   */
  private record Tile(int side, int each, int depth) {
    int extent() {
      return side * each;
    }

    long count(MatrixProduct p) {
      return p.batch0().extent()
          * p.batch1().extent()
          * Math.ceilDiv(p.m().extent(), extent())
          * Math.ceilDiv(p.n().extent(), extent());
    }
  }

  /** The largest first; each keeps its work items' sums in registers. */
  private static final List<Tile> TILES =
      List.of(new Tile(16, 8, 8), new Tile(16, 4, 16), new Tile(8, 4, 16));

  /** The product in the largest tiles of which all units get one. */
  static Optional<TiledProduct> of(MatrixProduct product, int units) {
    if (product.m().extent() < NARROW || product.n().extent() < NARROW) {
      return Optional.empty();
    }
    Tile tile =
        TILES.stream().filter(t -> t.count(product) >= units).findFirst().orElse(TILES.getLast());
    if (tile.count(product) > Integer.MAX_VALUE) {
      return Optional.empty();
    }
    String how = "tiles of " + tile.extent() + "x" + tile.extent();
    return Optional.of(
        new TiledProduct(
            source(tile, product), (int) tile.count(product), tile.side * tile.side, how));
  }

  private static String source(Tile tile, MatrixProduct product) {
    return String.join(
            "\n",
            "#define CR_GEMM_ACROSS " + tile.side,
            "#define CR_GEMM_DOWN " + tile.side,
            "#define CR_GEMM_ROWS " + tile.each,
            "#define CR_GEMM_COLUMNS " + tile.each,
            "#define CR_GEMM_TOGETHER 4",
            "#define CR_GEMM_DEPTH " + tile.depth,
            "#define CR_GEMM_A_ALONG_K " + (product.k().a() == 1 ? 1 : 0),
            "#define CR_GEMM_B_ALONG_N " + (product.n().b() == 1 ? 1 : 0),
            "")
        + KernelHeaders.read("gemm.h").text();
  }

  /** What the kernel takes after the parameter block: three arrays, then extents and strides. */
  static List<Long> values(MatrixProduct p, List<Long> arguments) {
    Axis slow = p.batch0();
    Axis fast = p.batch1();
    Axis m = p.m();
    Axis n = p.n();
    Axis k = p.k();
    return List.of(
        start(p.a(), arguments),
        start(p.b(), arguments),
        start(p.c(), arguments),
        m.extent(),
        n.extent(),
        k.extent(),
        fast.extent(),
        slow.a(),
        fast.a(),
        m.a(),
        k.a(),
        slow.b(),
        fast.b(),
        k.b(),
        n.b(),
        slow.c(),
        fast.c(),
        m.c(),
        n.c());
  }

  private static long start(MatrixProduct.Array array, List<Long> arguments) {
    return arguments.get(array.argument()) + Float.BYTES * array.first();
  }
}
