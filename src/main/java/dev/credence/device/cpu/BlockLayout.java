package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * How a loop's elements are laid out in blocks (native/blocks.h says what narrow and wide are). No
 * choice made here changes a bit of what is computed.
 *
 * @param narrow whole rows of inner elements side by side
 * @param kept kept elements of the loop
 * @param chunk kept elements taken at a time
 * @param sharesKept whether a block holds one inner element, so that a value of the kept elements
 *     is a value of the block as it is
 * @param split inner elements that one unit takes, or 0 if it takes all
 * @param streamBytes size from which an array written goes past the caches
 */
record BlockLayout(
    boolean narrow, long kept, long chunk, boolean sharesKept, long split, long streamBytes) {
  /** Values of a block: few enough to stay in the first-level cache. */
  static final int BLOCK = 1024;

  /** Values of a tile of a sum. */
  static final int SUM_TILE = 4096;

  /** Lanes of a sum. */
  static final int SUM_LANES = 256;

  /** The longest row that is laid out narrow. */
  private static final int NARROW = 512;

  /** The most kept elements of which a block holds several inner elements. */
  private static final int GRID = 256;

  /** The fewest kept elements of a strip: shorter runs cost more than they save. */
  private static final int NARROWEST = 48;

  /** Values that all lanes of a loop's sums may take together. */
  private static final int LANE_VALUES = 131072;

  /** The layout of a loop for so many threads; split is that of {@link LoopPasses}. */
  static BlockLayout of(Loop loop, int threads, long split, long streamBytes) {
    long kept = loop.extent();
    long longest = 0;
    for (Phase phase : loop.phases()) {
      longest = Math.max(longest, phase.extent());
    }
    if (longest <= 1) {
      return new BlockLayout(false, kept, Math.clamp(kept, 1, BLOCK), true, 0, streamBytes);
    }
    boolean columns = kept > 1 && prefersColumns(loop);
    if (!columns && longest <= NARROW) {
      long chunk = Math.clamp(aligned(BLOCK / longest, longest), 1, Math.max(1, kept));
      return new BlockLayout(true, kept, chunk, false, 0, streamBytes);
    }
    if (!columns) {
      return new BlockLayout(false, kept, 1, false, split, streamBytes);
    }
    if (kept <= GRID) {
      return new BlockLayout(false, kept, kept, false, split, streamBytes);
    }
    // Where there are kept elements for long runs of their own, strips are not needed.
    long strip = kept < 4L * threads * BLOCK ? strip(loop, threads) : 0;
    if (strip > 0) {
      return new BlockLayout(false, kept, strip, false, 0, streamBytes);
    }
    long lanes = 1;
    for (Phase phase : loop.phases()) {
      long sums = phase.folds().stream().filter(f -> f.kind() == FoldKind.SUM).count();
      lanes = Math.max(lanes, sums * Math.min(phase.extent(), SUM_LANES));
    }
    long widest = Math.clamp(LANE_VALUES / lanes, 64, BLOCK);
    long share = Math.ceilDiv(kept, 4L * threads);
    long chunk = Math.clamp(Math.ceilDiv(share, 16) * 16, 64, widest);
    return new BlockLayout(false, kept, Math.min(chunk, kept), true, 0, streamBytes);
  }

  /**
   * How many neighbours along the last kept axis make a strip, of which a block holds several inner
   * elements: as many as {@link #GRID} allows, as long as there is a strip for each thread. 0 if
   * the axis cannot be cut evenly, or something is not read by plain strides.
   */
  private static long strip(Loop loop, int threads) {
    int last = loop.kept().size() - 1;
    while (loop.kept().get(last) == 1) {
      last--;
    }
    int extent = loop.kept().get(last);
    long most = Math.min(GRID, loop.extent() / threads);
    for (long strip = most; strip >= NARROWEST; strip--) {
      if (extent % strip == 0) {
        return isPlain(loop) ? strip : 0;
      }
    }
    return 0;
  }

  private static boolean isPlain(Loop loop) {
    for (Phase phase : loop.phases()) {
      for (Lines.Line line : Lines.of(phase).lines()) {
        boolean plain =
            switch (line.scalar()) {
              case Scalar.Load load ->
                  load.at().isAffine() && load.guard().stream().allMatch(b -> b.index().isAffine());
              case Scalar.Position position -> position.index().isAffine();
              case Scalar.Within within ->
                  within.bounds().stream().allMatch(b -> b.index().isAffine());
              case Scalar.Noise noise -> noise.element().isAffine() && noise.sample().isAffine();
              default -> true;
            };
        if (!plain) {
          return false;
        }
      }
      if (!phase.stores().stream().allMatch(store -> store.at().isAffine())) {
        return false;
      }
    }
    return true;
  }

  /** Whether a block of this loop holds all kept elements of several inner ones. */
  static boolean isGrid(Loop loop) {
    return loop.extent() > 1 && loop.extent() <= GRID && prefersColumns(loop);
  }

  /** A number of rows whose values fill whole groups of 64, the unit of a draw, if it is enough. */
  private static long aligned(long rows, long row) {
    long group = 64 / BigInteger.valueOf(row).gcd(BigInteger.valueOf(64)).longValue();
    return rows >= group ? rows - rows % group : rows;
  }

  /** Inner elements of a block. */
  long block(long extent) {
    if (narrow) {
      return extent;
    }
    return sharesKept ? 1 : Math.min(extent, Math.max(1, BLOCK / chunk));
  }

  long keptStride(long extent) {
    return narrow ? extent : 0;
  }

  long innerStride() {
    return narrow ? 1 : chunk;
  }

  /** Whether a block holds several inner elements of some of the kept ones. */
  boolean isStrip() {
    return !narrow && !sharesKept && chunk > 1 && chunk < kept;
  }

  long lanes(long extent) {
    return Math.min(extent, SUM_LANES);
  }

  /** Bytes of a register for so many values: passes run on to the next 16, and runs once more. */
  static long roomFor(long values) {
    return Math.ceilDiv(values, 16) * 64 + 64;
  }

  /** Whether the kept axes are the better ones to run along a block. */
  private static boolean prefersColumns(Loop loop) {
    List<Integer> kept = axes(0, loop.kept());
    boolean grid = loop.extent() <= GRID;
    double columns = 0;
    double rows = 0;
    for (Phase phase : loop.phases()) {
      if (phase.extent() <= 1) {
        continue;
      }
      List<Integer> inner = axes(loop.kept().size(), phase.inner());
      List<Integer> rowMajor = concat(kept, inner);
      List<Integer> columnMajor = grid ? concat(inner, kept) : kept;
      for (Lines.Line line : Lines.of(phase).lines()) {
        if (line.scalar() instanceof Scalar.Load load) {
          rows += walk(loop, phase, load.at(), rowMajor);
          columns += walk(loop, phase, load.at(), columnMajor);
        } else if (line.scalar() instanceof Scalar.Noise noise) {
          rows += DRAWN * walk(loop, phase, noise.element(), rowMajor);
          columns += DRAWN * walk(loop, phase, noise.element(), columnMajor);
        }
      }
      for (Store store : phase.stores()) {
        rows += walk(loop, phase, store.at(), rowMajor);
        columns += walk(loop, phase, store.at(), columnMajor);
      }
      rows += phase.folds().size() * ROW_NANOS / phase.extent();
      columns += phase.folds().size() * COLUMN_NANOS;
    }
    return columns < rows;
  }

  // Rough times in nanoseconds; only their order of size matters.
  private static final double RUN_NANOS = 4;
  private static final double STRIDED_NANOS = 0.5;
  private static final double ROW_NANOS = 3;
  private static final double COLUMN_NANOS = 0.1;
  private static final double DRAWN = 10;

  /** About how long one element takes when an index is walked with the last axis fastest. */
  private static double walk(Loop loop, Phase phase, Index index, List<Integer> axes) {
    long stride = 0;
    long run = 0;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int axis = axes.get(i);
      if (run == 0) {
        stride = index.stride(axis);
        run = extent(loop, phase, axis);
      } else if (index.stride(axis) == stride * run) {
        run *= extent(loop, phase, axis);
      } else {
        break;
      }
    }
    double strided = stride == 0 || stride == 1 ? 0 : STRIDED_NANOS;
    return strided + RUN_NANOS / Math.max(1, run);
  }

  private static int extent(Loop loop, Phase phase, int axis) {
    int kept = loop.kept().size();
    return axis < kept ? loop.kept().get(axis) : phase.inner().get(axis - kept);
  }

  /** The axes with more than one element, counted from the first one's number. */
  private static List<Integer> axes(int first, List<Integer> extents) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < extents.size(); i++) {
      if (extents.get(i) > 1) {
        axes.add(first + i);
      }
    }
    return axes;
  }

  private static List<Integer> concat(List<Integer> slow, List<Integer> fast) {
    List<Integer> all = new ArrayList<>(slow);
    all.addAll(fast);
    return all;
  }
}
