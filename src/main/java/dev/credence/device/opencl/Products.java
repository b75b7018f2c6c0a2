package dev.credence.device.opencl;

import dev.credence.device.KernelHeaders;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import java.util.List;

/**
 * Matrix products by kernels/gemm.h, which a few shapes of tile and the directions in which the
 * factors are read make a few programs of.
 */
final class Products {
  /**
   * A shape of tile.
   *
   * @param across work items side by side
   * @param down work items one below the other
   * @param rows of the product that a work item computes
   * @param columns of the product that a work item computes
   * @param together neighbouring columns of a work item
   * @param depth steps between two loads of local memory
   */
  private record Tile(int across, int down, int rows, int columns, int together, int depth) {
    int height() {
      return down * rows;
    }

    int width() {
      return across * columns;
    }

    int items() {
      return across * down;
    }

    long localBytes() {
      return 4L * depth * (height() + width());
    }
  }

  private static final List<Tile> GPU_TILES =
      List.of(
          new Tile(16, 16, 8, 8, 4, 8), new Tile(16, 16, 4, 4, 4, 16), new Tile(8, 8, 4, 4, 4, 16));

  /** A processor's work items are a loop, in which each fills the vector registers. */
  private static final List<Tile> PROCESSOR_TILES =
      List.of(
          new Tile(8, 16, 8, 16, 16, 64),
          new Tile(4, 8, 8, 16, 16, 64),
          new Tile(1, 4, 4, 16, 16, 64));

  /** Products with a shorter side are left to the generated loop. */
  private static final int NARROW = 8;

  private final Hardware hardware;
  private final Programs programs;

  Products(Hardware hardware, Programs programs) {
    this.hardware = hardware;
    this.programs = programs;
  }

  /** Whether a product is worth a tile, and can have one. */
  boolean takes(MatrixProduct product) {
    return product.m().extent() >= NARROW
        && product.n().extent() >= NARROW
        && tiles().stream().anyMatch(this::fits);
  }

  private List<Tile> tiles() {
    return hardware.processor() ? PROCESSOR_TILES : GPU_TILES;
  }

  private boolean fits(Tile tile) {
    return tile.items() <= hardware.mostItems() && tile.localBytes() <= hardware.localBytes();
  }

  OpenClKernel.Stage stage(MatrixProduct product) {
    Tile tile = tile(product);
    Axis m = product.m();
    Axis n = product.n();
    Axis k = product.k();
    Axis slow = product.batch0();
    Axis fast = product.batch1();
    long groups =
        slow.extent()
            * fast.extent()
            * Math.ceilDiv(m.extent(), tile.height())
            * Math.ceilDiv(n.extent(), tile.width());
    return new OpenClKernel.Stage(
        program(tile, k.a() == 1, n.b() == 1),
        "cr_gemm",
        "matrix product in tiles of " + tile.height() + "x" + tile.width(),
        groups,
        tile.items(),
        List.of(part(product.a()), part(product.b()), part(product.c())),
        List.of(
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
            n.c()));
  }

  private static OpenClKernel.Part part(MatrixProduct.Array array) {
    return new OpenClKernel.Part(array.argument(), array.first());
  }

  /** The largest tile of which there are enough for all compute units, or else the smallest. */
  private Tile tile(MatrixProduct product) {
    long batches = product.batch0().extent() * product.batch1().extent();
    List<Tile> fitting = tiles().stream().filter(this::fits).toList();
    for (Tile tile : fitting) {
      long whole =
          batches * (product.m().extent() / tile.height()) * (product.n().extent() / tile.width());
      if (whole >= hardware.limits().threads()) {
        return tile;
      }
    }
    return fitting.getLast();
  }

  private long program(Tile tile, boolean aAlongK, boolean bAlongN) {
    String shape =
        String.join(
            "\n",
            "#define CR_GEMM_ACROSS " + tile.across,
            "#define CR_GEMM_DOWN " + tile.down,
            "#define CR_GEMM_ROWS " + tile.rows,
            "#define CR_GEMM_COLUMNS " + tile.columns,
            "#define CR_GEMM_TOGETHER " + tile.together,
            "#define CR_GEMM_DEPTH " + tile.depth,
            "#define CR_GEMM_A_ALONG_K " + (aAlongK ? 1 : 0),
            "#define CR_GEMM_B_ALONG_N " + (bAlongN ? 1 : 0),
            "");
    String source =
        KernelHeaders.read("prelude_opencl.h").text()
            + Programs.group(tile.items())
            + shape
            + KernelHeaders.read("gemm.h").text();
    return programs.build("of the matrix product", source);
  }
}
