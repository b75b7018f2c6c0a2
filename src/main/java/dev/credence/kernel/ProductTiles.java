package dev.credence.kernel;

import dev.credence.kernel.MatrixProduct.Array;
import dev.credence.kernel.MatrixProduct.Axis;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * A sum of products as a GPU computes it by kernels/gemm.h: matrix products with their strides as
 * arguments, and convolutions as implicit products, whose places are printed into the source.
 *
 * @param definitions what goes before the header
 * @param how for listings
 * @param groups one a tile
 * @param items in a group
 * @param arrays what the kernel takes after the parameter block: two factors and the result
 * @param numbers what it takes after those, 64 bits each
 */
public record ProductTiles(
    String definitions,
    String how,
    long groups,
    int items,
    List<Array> arrays,
    List<Long> numbers) {
  /** Products with a shorter side are left to the generated loop. */
  private static final int NARROW = 4;

  /** Multiplications that a unit makes at a time, in the GPUs of these years. */
  private static final long AT_ONCE = 128;

  /** Neighbouring columns of a work item, which travel together. */
  private static final int TOGETHER = 4;

  /** Floats that keep those apart who write into local memory; see kernels/gemm.h. */
  private static final int SPACE = 4;

  /**
   * What a GPU can do.
   *
   * @param units that each compute some tiles at a time
   * @param mostItems most work items in a group
   * @param localBytes memory that a group shares
   */
  public record Limits(int units, long mostItems, long localBytes) {}

  /**
   * A shape of tile.
   *
   * @param across work items side by side
   * @param down work items one below the other
   * @param rows of the product that a work item computes
   * @param columns of the product that a work item computes
   * @param depth steps between two loads of local memory
   */
  private record Tile(int across, int down, int rows, int columns, int depth) {
    int height() {
      return down * rows;
    }

    int width() {
      return across * columns;
    }

    int items() {
      return across * down;
    }

    /** The factors and, if there are several axes, the places of rows, columns and steps. */
    boolean fits(Limits limits, boolean axes) {
      long factors = (long) depth * (height() + width() + 2 * SPACE);
      long places = axes ? height() + width() + 4L * depth : 0;
      return items() <= limits.mostItems && 4 * (factors + places) <= limits.localBytes;
    }

    long count(long outer, long m, long n) {
      return outer * Math.ceilDiv(m, height()) * Math.ceilDiv(n, width());
    }

    /**
     * How long the tiles take, in no unit: each unit multiplies what its tiles have, but no work
     * item is done before its own elements are; and a step loads a row and a column of its factors.
     */
    double time(long count, int units) {
      long products = Math.ceilDiv(count, (long) units) * height() * width() / AT_ONCE;
      return Math.max(products, rows * columns) * (1 + 1.0 / rows + 1.0 / columns);
    }
  }

  /** The largest first; each keeps its work items' sums in registers. */
  private static final List<Tile> TILES =
      List.of(
          new Tile(16, 16, 8, 8, 8),
          new Tile(16, 16, 4, 4, 16),
          new Tile(16, 8, 4, 4, 16),
          new Tile(16, 4, 4, 4, 16),
          new Tile(8, 8, 4, 4, 16),
          new Tile(32, 2, 4, 4, 16));

  /** The tiles of a loop, if it is a sum of products that is worth them. */
  public static Optional<ProductTiles> of(Loop loop, Limits limits) {
    return ChainProduct.of(loop).flatMap(chain -> of(loop, turned(chain), limits));
  }

  /** With neighbouring columns neighbours in the result, if that can be. */
  private static ChainProduct turned(ChainProduct chain) {
    return step(chain.columns()) != 1 && step(chain.rows()) == 1 ? chain.transposed() : chain;
  }

  private static long step(List<Axis> axes) {
    return axes.isEmpty() ? 0 : axes.getLast().c();
  }

  private static Optional<ProductTiles> of(Loop loop, ChainProduct chain, Limits limits) {
    Optional<MatrixProduct> matrices = MatrixProduct.of(chain);
    boolean axes = matrices.isEmpty();
    long outer = matrices.map(MatrixProduct::outer).orElse(ChainProduct.size(chain.outer()));
    long m = matrices.map(p -> p.m().extent()).orElse(ChainProduct.size(chain.rows()));
    long n = matrices.map(p -> p.n().extent()).orElse(ChainProduct.size(chain.columns()));
    long k = ChainProduct.size(chain.sums());
    if (Math.min(m, n) < NARROW || outer < 1 || (axes && !isCounted(loop))) {
      return Optional.empty();
    }
    return TILES.stream()
        .filter(tile -> tile.fits(limits, axes))
        .min(Comparator.comparingDouble(tile -> tile.time(tile.count(outer, m, n), limits.units)))
        .map(
            tile ->
                new ProductTiles(
                    definitions(tile, chain, axes),
                    (axes ? "sum of products" : "matrix product")
                        + " in tiles of %dx%d".formatted(tile.height(), tile.width()),
                    tile.count(outer, m, n),
                    tile.items(),
                    List.of(chain.a(), chain.b(), chain.c()),
                    matrices.map(MatrixProduct::numbers).orElse(List.of(m, n, k))));
  }

  /** Whether places, and the numbers of elements, can be counted in 32 bits. */
  private static boolean isCounted(Loop loop) {
    return loop.extent() <= Integer.MAX_VALUE
        && loop.phases().get(0).extent() <= Integer.MAX_VALUE
        && loop.arguments().stream().allMatch(a -> a.size() <= Integer.MAX_VALUE);
  }

  private static String definitions(Tile tile, ChainProduct chain, boolean axes) {
    int aAlongK = nearer(chain.sums(), chain.rows(), Axis::a);
    int bAlongN = nearer(chain.columns(), chain.sums(), Axis::b);
    return String.join(
            "\n",
            "#define CR_GEMM_ACROSS " + tile.across,
            "#define CR_GEMM_DOWN " + tile.down,
            "#define CR_GEMM_ROWS " + tile.rows,
            "#define CR_GEMM_COLUMNS " + tile.columns,
            "#define CR_GEMM_TOGETHER " + TOGETHER,
            "#define CR_GEMM_DEPTH " + tile.depth,
            "#define CR_GEMM_A_ALONG_K " + aAlongK,
            "#define CR_GEMM_B_ALONG_N " + bAlongN,
            "#define CR_GEMM_AXES " + (axes ? 1 : 0),
            "")
        + (axes ? chain.places() : "");
  }

  /** 1 if neighbours along some axes are nearer in memory than those along others, else 0. */
  private static int nearer(List<Axis> along, List<Axis> across, ToLongFunction<Axis> stride) {
    if (along.isEmpty() || across.isEmpty()) {
      return along.isEmpty() ? 0 : 1;
    }
    long step = Math.abs(stride.applyAsLong(along.getLast()));
    long other = Math.abs(stride.applyAsLong(across.getLast()));
    boolean longer = along.getLast().extent() > across.getLast().extent();
    return step < other || (step == other && longer) ? 1 : 0;
  }
}
