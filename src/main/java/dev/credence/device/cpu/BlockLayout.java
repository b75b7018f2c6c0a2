package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar;
import java.math.BigInteger;

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

  private static final int SUM_LANES = 256;

  /** The longest row that is laid out narrow. */
  private static final int NARROW = 512;

  /** The most kept elements of which a block holds several inner elements. */
  private static final int GRID = 128;

  /** Values that all lanes of a loop's sums may take together. */
  private static final int LANE_VALUES = 32768;

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
    return narrow ? 1 : kept;
  }

  long lanes(long extent) {
    return Math.min(extent, SUM_LANES);
  }

  /** Bytes of a register for so many values: passes run on to the next 16, and runs once more. */
  static long roomFor(long values) {
    return Math.ceilDiv(values, 16) * 64 + 64;
  }

  /** Whether more memory is walked along the kept axes than along the inner ones. */
  private static boolean prefersColumns(Loop loop) {
    long alongKept = 0;
    long alongInner = 0;
    int keptAxes = loop.kept().size();
    int lastKept = last(loop, null);
    for (Phase phase : loop.phases()) {
      int lastInner = last(loop, phase);
      if (lastInner < keptAxes) {
        continue;
      }
      for (Lines.Line line : Lines.of(phase).lines()) {
        if (line.scalar() instanceof Scalar.Load load) {
          alongKept += score(load.at(), lastKept, lastInner, 1);
          alongInner += score(load.at(), lastInner, lastKept, 1);
        } else if (line.scalar() instanceof Scalar.Noise noise) {
          alongKept += score(noise.element(), lastKept, lastInner, 10);
          alongInner += score(noise.element(), lastInner, lastKept, 10);
        }
      }
      for (Store store : phase.stores()) {
        alongKept += score(store.at(), lastKept, lastInner, 1);
        alongInner += score(store.at(), lastInner, lastKept, 1);
      }
    }
    return alongKept > alongInner;
  }

  private static int score(Index index, int axis, int other, int weight) {
    long stride = index.stride(axis);
    return stride == 1 ? 2 * weight : stride == 0 && index.stride(other) != 0 ? weight : 0;
  }

  /** The last axis with more than one element: of the kept ones, or of a phase's inner ones. */
  private static int last(Loop loop, @org.jspecify.annotations.Nullable Phase phase) {
    int first = phase == null ? 0 : loop.kept().size();
    var extents = phase == null ? loop.kept() : phase.inner();
    for (int axis = extents.size() - 1; axis >= 0; axis--) {
      if (extents.get(axis) > 1) {
        return first + axis;
      }
    }
    return -1;
  }
}
