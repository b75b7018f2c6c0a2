package dev.credence.device.opencl;

import dev.credence.device.KernelHeaders;
import dev.credence.kernel.ChainProduct;
import dev.credence.kernel.Expressions;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.MatrixProduct.Axis;
import dev.credence.kernel.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/**
 * Matrix products by kernels/gemm.h, on processors by kernels/panels.h, which a few shapes and the
 * directions in which the factors are read make a few programs of. Convolutions on processors are
 * the same kernel with several axes each.
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

  Products(Hardware hardware, Programs programs) {
    this.hardware = hardware;
    this.programs = programs;
  }

  /** The kernel for a loop that is a product, if it is worth one. */
  Optional<OpenClKernel.Stage> find(Loop loop) {
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

  /** Whether a product is worth a tile or panel, and can have one. */
  private boolean takes(MatrixProduct product) {
    return product.m().extent() >= NARROW
        && product.n().extent() >= NARROW
        && (hardware.processor()
            ? PANELS.stream().anyMatch(this::fits)
            : GPU_TILES.stream().anyMatch(this::fits));
  }

  private boolean fits(Tile tile) {
    return tile.items() <= hardware.mostItems() && tile.localBytes() <= hardware.localBytes();
  }

  private boolean fits(Panel panel) {
    return panel.vector <= Math.max(4, hardware.vector())
        && panel.localBytes() <= hardware.localBytes();
  }

  private OpenClKernel.Stage stage(MatrixProduct product) {
    return hardware.processor() ? inPanels(product) : inTiles(product);
  }

  private OpenClKernel.Stage inTiles(MatrixProduct product) {
    Tile tile = tile(product);
    long groups =
        batches(product)
            * Math.ceilDiv(product.m().extent(), tile.height())
            * Math.ceilDiv(product.n().extent(), tile.width());
    return new OpenClKernel.Stage(
        source(tile, product.k().a() == 1, product.n().b() == 1),
        "matrix product in tiles of " + tile.height() + "x" + tile.width(),
        groups,
        tile.items(),
        arrays(product),
        numbers(product));
  }

  private OpenClKernel.Stage inPanels(MatrixProduct given) {
    Panel panel = PANELS.stream().filter(this::fits).findFirst().orElseThrow();
    boolean narrow = given.n().extent() < panel.width() && given.m().extent() > given.n().extent();
    MatrixProduct product = narrow ? given.transposed() : given;
    long panels = batches(product) * Math.ceilDiv(product.n().extent(), panel.width());
    long rows = panel.chunk(product.m().extent(), panels, hardware.limits().threads());
    List<Long> numbers = new ArrayList<>(numbers(product));
    numbers.add(rows);
    return new OpenClKernel.Stage(
        source(panel, false, product.k().a() == 1, ""),
        "matrix product in panels of " + panel.width(),
        panels * Math.ceilDiv(product.m().extent(), rows),
        1,
        arrays(product),
        numbers);
  }

  /** Whether a sum of products over several axes is worth a kernel of its own, and can have one. */
  private boolean takes(ChainProduct product) {
    long rows = ChainProduct.size(product.rows());
    long columns = ChainProduct.size(product.columns());
    return hardware.processor()
        && Math.min(rows, columns) >= NARROW
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
        source(panel, true, false, places(product)),
        "sum of products in panels of " + panel.width(),
        panels * Math.ceilDiv(m, rows),
        1,
        List.of(part(product.a()), part(product.b()), part(product.c())),
        List.of(m, n, ChainProduct.size(product.sums()), rows));
  }

  /** Macros that say where the elements of a sum of products lie. */
  private static String places(ChainProduct product) {
    return place("ROW_a", product.rows(), Axis::a)
        + place("ROW_c", product.rows(), Axis::c)
        + place("COLUMN_b", product.columns(), Axis::b)
        + place("COLUMN_c", product.columns(), Axis::c)
        + place("STEP_a", product.sums(), Axis::a)
        + place("STEP_b", product.sums(), Axis::b)
        + place("OUTER_a", product.outer(), Axis::a)
        + place("OUTER_b", product.outer(), Axis::b)
        + place("OUTER_c", product.outer(), Axis::c);
  }

  private static String place(String name, List<Axis> axes, ToLongFunction<Axis> stride) {
    Index element = Index.axis(0, (int) ChainProduct.size(axes));
    Index place = Index.ZERO;
    long below = 1;
    for (Axis axis : axes.reversed()) {
      Index coordinate = element.div(below).mod(axis.extent());
      place = place.plus(coordinate.times(stride.applyAsLong(axis)));
      below *= axis.extent();
    }
    String at = Expressions.index(place);
    return "#define CR_GEMM_%s(i0) (%s)\n".formatted(name, at);
  }

  private static long batches(MatrixProduct product) {
    return product.batch0().extent() * product.batch1().extent();
  }

  private static List<OpenClKernel.Part> arrays(MatrixProduct product) {
    return List.of(part(product.a()), part(product.b()), part(product.c()));
  }

  /** Extents and strides, as both kernels take them. */
  private static List<Long> numbers(MatrixProduct product) {
    Axis m = product.m();
    Axis n = product.n();
    Axis k = product.k();
    Axis slow = product.batch0();
    Axis fast = product.batch1();
    return List.of(
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

  private static OpenClKernel.Part part(MatrixProduct.Array array) {
    return new OpenClKernel.Part(array.argument(), array.first());
  }

  /** The largest tile of which there are enough for all compute units, or else the smallest. */
  private Tile tile(MatrixProduct product) {
    List<Tile> fitting = GPU_TILES.stream().filter(this::fits).toList();
    for (Tile tile : fitting) {
      long whole =
          batches(product)
              * (product.m().extent() / tile.height())
              * (product.n().extent() / tile.width());
      if (whole >= hardware.limits().threads()) {
        return tile;
      }
    }
    return fitting.getLast();
  }

  private Programs.Source source(Tile tile, boolean aAlongK, boolean bAlongN) {
    String shape =
        String.join(
            "\n",
            "#define CR_GEMM_ACROSS " + tile.across,
            "#define CR_GEMM_DOWN " + tile.down,
            "#define CR_GEMM_ROWS " + tile.rows,
            "#define CR_GEMM_COLUMNS " + tile.columns,
            "#define CR_GEMM_TOGETHER " + tile.together,
            "#define CR_GEMM_DEPTH " + tile.depth);
    String directions =
        "\n#define CR_GEMM_A_ALONG_K %d\n#define CR_GEMM_B_ALONG_N %d\n"
            .formatted(aAlongK ? 1 : 0, bAlongN ? 1 : 0);
    return source("of the matrix product", shape + directions, tile.items(), "gemm.h", "cr_gemm");
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
