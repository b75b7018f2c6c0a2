package dev.credence.device.opencl;

import dev.credence.device.KernelHeaders;
import dev.credence.kernel.ChainProduct;
import dev.credence.kernel.Loop;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.Padding;
import dev.credence.kernel.ProductTiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Matrix products and convolutions, on GPUs in tiles by kernels/gemm.h, on processors in panels by
 * kernels/panels.h. A few shapes and the directions in which the factors are read make a few
 * programs of all matrix products; convolutions are the same kernels with several axes each.
 */
final class Products {
  /**
   * What a processor keeps in registers and near memory; see kernels/panels.h.
   *
   * @param vector floats in a vector, of which a row has two
   * @param rows of the product
   * @param depth steps whose factors are packed at a time
   */
  private record Panel(int vector, int rows, int depth) {
    int width() {
      return 2 * vector;
    }

    /** What the factors of a block of steps take, or their places. */
    long localBytes() {
      return 4L * depth * (width() + Math.max(rows, 2));
    }

    /** Rows of a work item, so that there are enough of them for all units. */
    long chunk(long m, long panels, int units) {
      long parts = Math.ceilDiv((long) ITEMS * units, panels);
      return Math.ceilDiv(Math.ceilDiv(m, parts), rows) * rows;
    }
  }

  /** Work items of a product that each unit of a processor had better have. */
  private static final int ITEMS = 4;

  /** Panels by what their rows take of the registers: 16 of 32, or 12 of 16. */
  private static final List<Panel> PANELS =
      List.of(
          new Panel(16, 8, 256),
          new Panel(16, 8, 64),
          new Panel(8, 6, 256),
          new Panel(8, 6, 64),
          new Panel(4, 6, 64));

  /** Elements of an axis that are counted in 32 bits. */
  private static final long MOST = Integer.MAX_VALUE / 2;

  /** What the text of a kernel defines, which the next kernel may define otherwise. */
  private static final Pattern DEFINED = Pattern.compile("(?m)^#define (CR_\\w+)");

  /** Products with a shorter side are left to the generated loop. */
  private static final int NARROW = 8;

  private final Hardware hardware;
  private final Programs programs;
  private final ProductTiles.Limits limits;

  Products(Hardware hardware, Programs programs) {
    this.hardware = hardware;
    this.programs = programs;
    limits =
        new ProductTiles.Limits(
            hardware.limits().threads(), hardware.mostItems(), hardware.localBytes());
  }

  /** The kernel for a loop that is a product, if it is worth one. */
  Optional<OpenClKernel.Stage> find(Loop loop) {
    if (!hardware.processor()) {
      return ProductTiles.of(loop, limits).map(this::stage);
    }
    Optional<ChainProduct> chain = ChainProduct.of(loop);
    Optional<MatrixProduct> product = chain.flatMap(MatrixProduct::of);
    return product.isPresent()
        ? product.filter(this::takes).map(this::stage)
        : chain.filter(this::takes).map(this::stage);
  }

  /** The loops that make the zeros around a product's factors and then the product, if any. */
  Optional<List<Loop>> padded(Loop loop) {
    return Padding.of(loop).filter(loops -> find(loops.getLast()).isPresent());
  }

  /** Whether a product is worth a panel, and can have one. */
  private boolean takes(MatrixProduct product) {
    return product.m().extent() >= NARROW
        && product.n().extent() >= NARROW
        && PANELS.stream().anyMatch(this::fits);
  }

  private boolean fits(Panel panel) {
    return panel.vector <= Math.max(4, hardware.vector())
        && panel.localBytes() <= hardware.localBytes();
  }

  private OpenClKernel.Stage stage(ProductTiles tiles) {
    String what = "of the " + tiles.how();
    return new OpenClKernel.Stage(
        source(what, tiles.definitions(), tiles.items(), "gemm.h", "cr_gemm"),
        tiles.how(),
        tiles.groups(),
        tiles.items(),
        tiles.arrays().stream().map(Products::part).toList(),
        tiles.numbers());
  }

  private OpenClKernel.Stage stage(MatrixProduct given) {
    Panel panel = PANELS.stream().filter(this::fits).findFirst().orElseThrow();
    boolean narrow = given.n().extent() < panel.width() && given.m().extent() > given.n().extent();
    MatrixProduct product = narrow ? given.transposed() : given;
    long panels = product.outer() * Math.ceilDiv(product.n().extent(), panel.width());
    long rows = panel.chunk(product.m().extent(), panels, hardware.limits().threads());
    List<Long> numbers = new ArrayList<>(product.numbers());
    numbers.add(rows);
    return new OpenClKernel.Stage(
        source(panel, false, product.k().a() == 1, ""),
        "matrix product in panels of " + panel.width(),
        panels * Math.ceilDiv(product.m().extent(), rows),
        1,
        List.of(part(product.a()), part(product.b()), part(product.c())),
        numbers);
  }

  /** Whether a sum of products over several axes is worth a kernel of its own, and can have one. */
  private boolean takes(ChainProduct product) {
    long rows = ChainProduct.size(product.rows());
    long columns = ChainProduct.size(product.columns());
    return Math.min(rows, columns) >= NARROW
        && Math.max(Math.max(rows, columns), ChainProduct.size(product.sums())) <= MOST
        && PANELS.stream().anyMatch(this::fits);
  }

  private OpenClKernel.Stage stage(ChainProduct given) {
    Panel panel = PANELS.stream().filter(this::fits).findFirst().orElseThrow();
    // Columns are packed, rows are read where they lie, so the longer side had better be rows.
    boolean wide = ChainProduct.size(given.columns()) > ChainProduct.size(given.rows());
    ChainProduct product = wide ? given.transposed() : given;
    long m = ChainProduct.size(product.rows());
    long n = ChainProduct.size(product.columns());
    long panels = ChainProduct.size(product.outer()) * Math.ceilDiv(n, panel.width());
    long rows = panel.chunk(m, panels, hardware.limits().threads());
    return new OpenClKernel.Stage(
        source(panel, true, false, product.places()),
        "sum of products in panels of " + panel.width(),
        panels * Math.ceilDiv(m, rows),
        1,
        List.of(part(product.a()), part(product.b()), part(product.c())),
        List.of(m, n, ChainProduct.size(product.sums()), rows));
  }

  private static OpenClKernel.Part part(MatrixProduct.Array array) {
    return new OpenClKernel.Part(array.argument(), array.first());
  }

  private Programs.Source source(Panel panel, boolean axes, boolean aAlongK, String places) {
    String shape =
        String.join(
            "\n",
            "#define CR_GEMM_VECTOR " + panel.vector,
            "#define CR_GEMM_ROWS " + panel.rows,
            "#define CR_GEMM_DEPTH " + panel.depth,
            "#define CR_GEMM_AXES " + (axes ? 1 : 0),
            "#define CR_GEMM_A_ALONG_K " + (aAlongK ? 1 : 0),
            "");
    String what = axes ? "of the convolution" : "of the matrix product";
    return source(what, shape + places, 1, "panels.h", "cr_panels");
  }

  private Programs.Source source(
      String what, String shape, int groupSize, String header, String function) {
    String text = shape + KernelHeaders.read(header).text();
    StringBuilder ends = new StringBuilder();
    DEFINED.matcher(text).results().forEach(m -> ends.append("#undef " + m.group(1) + "\n"));
    return programs.source(
        what,
        groupSize,
        symbol -> "#define " + function + " " + symbol + "\n" + text + ends + "#undef " + function);
  }
}
