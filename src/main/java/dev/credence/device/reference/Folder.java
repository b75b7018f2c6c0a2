package dev.credence.device.reference;

import dev.credence.kernel.FloatMath;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.type.DType;
import java.util.Arrays;

/**
 * Folds the inner elements of one kept element after the other. {@link #begin}, then {@link #add}
 * for stretches of points in ascending order, then {@link #end}.
 */
abstract class Folder {
  private static final int TILE = 4096;
  private static final int LANES = 256;

  /** Starts a kept element. */
  abstract void begin();

  /** Takes the points in [from, to), the first of them the inner element of that position. */
  abstract void add(int from, int to, long position);

  /** Writes the result for a kept element. */
  abstract void end(int kept);

  /** A folder of some kind over so many inner elements. */
  static Folder of(FoldKind kind, long inner, Column value, Column factor, Column result) {
    boolean bool = value.type == DType.BOOL;
    if (bool && (kind == FoldKind.SUM || kind == FoldKind.RUNNING_SUM || kind == FoldKind.CHAIN)) {
      throw new IllegalArgumentException("there is no " + kind + " of bool; cast to int32 first");
    }
    return switch (value.type) {
      case FLOAT32 ->
          switch (kind) {
            case SUM -> new FloatTree(inner, value.floats, result.floats);
            case ARGMAX, ARGMIN -> new FloatArg(kind, value.floats, result.ints);
            case RUNNING_SUM, CHAIN, MAX, MIN ->
                new FloatFold(kind, value.floats, factor.floats, result.floats);
          };
      case FLOAT64 ->
          switch (kind) {
            case SUM -> new DoubleTree(inner, value.doubles, result.doubles);
            case ARGMAX, ARGMIN -> new DoubleArg(kind, value.doubles, result.ints);
            case RUNNING_SUM, CHAIN, MAX, MIN ->
                new DoubleFold(kind, value.doubles, factor.doubles, result.doubles);
          };
      case INT32, BOOL ->
          switch (kind) {
            case ARGMAX, ARGMIN -> new IntArg(kind, value.ints, result.ints);
            case SUM, RUNNING_SUM, CHAIN, MAX, MIN ->
                new IntFold(kind, bool, value.ints, factor.ints, result.ints);
          };
    };
  }

  private static final class FloatFold extends Folder {
    private final FoldKind kind;
    private final float[] values;
    private final float[] factors;
    private final float[] results;
    private float so;

    FloatFold(FoldKind kind, float[] values, float[] factors, float[] results) {
      this.kind = kind;
      this.values = values;
      this.factors = factors;
      this.results = results;
    }

    @Override
    void begin() {
      so =
          switch (kind) {
            case MAX -> Float.NEGATIVE_INFINITY;
            case MIN -> Float.POSITIVE_INFINITY;
            default -> 0;
          };
    }

    @Override
    void add(int from, int to, long position) {
      float so = this.so;
      for (int p = from; p < to; p++) {
        so =
            switch (kind) {
              case CHAIN -> Math.fma(values[p], factors[p], so);
              case MAX -> FloatMath.max(so, values[p]);
              case MIN -> FloatMath.min(so, values[p]);
              default -> so + values[p];
            };
      }
      this.so = so;
    }

    @Override
    void end(int kept) {
      results[kept] = so;
    }
  }

  private static final class DoubleFold extends Folder {
    private final FoldKind kind;
    private final double[] values;
    private final double[] factors;
    private final double[] results;
    private double so;

    DoubleFold(FoldKind kind, double[] values, double[] factors, double[] results) {
      this.kind = kind;
      this.values = values;
      this.factors = factors;
      this.results = results;
    }

    @Override
    void begin() {
      so =
          switch (kind) {
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
            default -> 0;
          };
    }

    @Override
    void add(int from, int to, long position) {
      double so = this.so;
      for (int p = from; p < to; p++) {
        so =
            switch (kind) {
              case CHAIN -> Math.fma(values[p], factors[p], so);
              case MAX -> Math.max(so, values[p]);
              case MIN -> Math.min(so, values[p]);
              default -> so + values[p];
            };
      }
      this.so = so;
    }

    @Override
    void end(int kept) {
      results[kept] = so;
    }
  }

  /** Integer sums wrap around, so that their order does not matter. */
  private static final class IntFold extends Folder {
    private final FoldKind kind;
    private final boolean bool;
    private final int[] values;
    private final int[] factors;
    private final int[] results;
    private int so;

    IntFold(FoldKind kind, boolean bool, int[] values, int[] factors, int[] results) {
      this.kind = kind;
      this.bool = bool;
      this.values = values;
      this.factors = factors;
      this.results = results;
    }

    @Override
    void begin() {
      so =
          switch (kind) {
            case MAX -> bool ? 0 : Integer.MIN_VALUE;
            case MIN -> bool ? 1 : Integer.MAX_VALUE;
            default -> 0;
          };
    }

    @Override
    void add(int from, int to, long position) {
      int so = this.so;
      for (int p = from; p < to; p++) {
        so =
            switch (kind) {
              case CHAIN -> so + values[p] * factors[p];
              case MAX -> Math.max(so, values[p]);
              case MIN -> Math.min(so, values[p]);
              default -> so + values[p];
            };
      }
      this.so = so;
    }

    @Override
    void end(int kept) {
      results[kept] = so;
    }
  }

  private static final class FloatArg extends Folder {
    private final boolean largest;
    private final float[] values;
    private final int[] results;
    private float best;
    private int at;

    FloatArg(FoldKind kind, float[] values, int[] results) {
      largest = kind == FoldKind.ARGMAX;
      this.values = values;
      this.results = results;
    }

    @Override
    void begin() {
      at = 0;
    }

    @Override
    void add(int from, int to, long position) {
      for (int p = from; p < to; p++) {
        float value = values[p];
        boolean first = position == 0 && p == from;
        boolean better = largest ? value > best : value < best;
        if (first || better || (Float.isNaN(value) && !Float.isNaN(best))) {
          best = value;
          at = (int) position + p - from;
        }
      }
    }

    @Override
    void end(int kept) {
      results[kept] = at;
    }
  }

  private static final class DoubleArg extends Folder {
    private final boolean largest;
    private final double[] values;
    private final int[] results;
    private double best;
    private int at;

    DoubleArg(FoldKind kind, double[] values, int[] results) {
      largest = kind == FoldKind.ARGMAX;
      this.values = values;
      this.results = results;
    }

    @Override
    void begin() {
      at = 0;
    }

    @Override
    void add(int from, int to, long position) {
      for (int p = from; p < to; p++) {
        double value = values[p];
        boolean first = position == 0 && p == from;
        boolean better = largest ? value > best : value < best;
        if (first || better || (Double.isNaN(value) && !Double.isNaN(best))) {
          best = value;
          at = (int) position + p - from;
        }
      }
    }

    @Override
    void end(int kept) {
      results[kept] = at;
    }
  }

  private static final class IntArg extends Folder {
    private final boolean largest;
    private final int[] values;
    private final int[] results;
    private int best;
    private int at;

    IntArg(FoldKind kind, int[] values, int[] results) {
      largest = kind == FoldKind.ARGMAX;
      this.values = values;
      this.results = results;
    }

    @Override
    void begin() {
      at = 0;
    }

    @Override
    void add(int from, int to, long position) {
      for (int p = from; p < to; p++) {
        int value = values[p];
        boolean first = position == 0 && p == from;
        if (first || (largest ? value > best : value < best)) {
          best = value;
          at = (int) position + p - from;
        }
      }
    }

    @Override
    void end(int kept) {
      results[kept] = at;
    }
  }

  /** The fixed tree of {@link FoldKind#SUM}; a level holds the lanes of its unfinished tile. */
  private static final class FloatTree extends Folder {
    private final float[] values;
    private final float[] results;
    private final float[][] lanes;
    private final int[] filled;

    FloatTree(long inner, float[] values, float[] results) {
      this.values = values;
      this.results = results;
      lanes = new float[levels(inner)][lanes(inner)];
      filled = new int[lanes.length];
    }

    @Override
    void begin() {
      for (int level = 0; level < lanes.length; level++) {
        clear(level);
      }
    }

    private void clear(int level) {
      Arrays.fill(lanes[level], 0);
      filled[level] = 0;
    }

    @Override
    void add(int from, int to, long position) {
      for (int p = from; p < to; p++) {
        add(0, values[p]);
      }
    }

    private void add(int level, float value) {
      if (filled[level] == TILE) {
        closeTile(level);
      }
      lanes[level][filled[level] & (lanes[level].length - 1)] += value;
      filled[level]++;
    }

    private float closeTile(int level) {
      float[] lane = lanes[level];
      for (int half = lane.length / 2; half > 0; half /= 2) {
        for (int l = 0; l < half; l++) {
          lane[l] += lane[l + half];
        }
      }
      float sum = lane[0];
      clear(level);
      if (level + 1 < lanes.length) {
        add(level + 1, sum);
      }
      return sum;
    }

    @Override
    void end(int kept) {
      for (int level = 0; level < lanes.length; level++) {
        results[kept] = closeTile(level);
      }
    }
  }

  /** The same in float64. */
  private static final class DoubleTree extends Folder {
    private final double[] values;
    private final double[] results;
    private final double[][] lanes;
    private final int[] filled;

    DoubleTree(long inner, double[] values, double[] results) {
      this.values = values;
      this.results = results;
      lanes = new double[levels(inner)][lanes(inner)];
      filled = new int[lanes.length];
    }

    @Override
    void begin() {
      for (int level = 0; level < lanes.length; level++) {
        clear(level);
      }
    }

    private void clear(int level) {
      Arrays.fill(lanes[level], 0);
      filled[level] = 0;
    }

    @Override
    void add(int from, int to, long position) {
      for (int p = from; p < to; p++) {
        add(0, values[p]);
      }
    }

    private void add(int level, double value) {
      if (filled[level] == TILE) {
        closeTile(level);
      }
      lanes[level][filled[level] & (lanes[level].length - 1)] += value;
      filled[level]++;
    }

    private double closeTile(int level) {
      double[] lane = lanes[level];
      for (int half = lane.length / 2; half > 0; half /= 2) {
        for (int l = 0; l < half; l++) {
          lane[l] += lane[l + half];
        }
      }
      double sum = lane[0];
      clear(level);
      if (level + 1 < lanes.length) {
        add(level + 1, sum);
      }
      return sum;
    }

    @Override
    void end(int kept) {
      for (int level = 0; level < lanes.length; level++) {
        results[kept] = closeTile(level);
      }
    }
  }

  /** How often sums are summed until one is left. */
  private static int levels(long inner) {
    int levels = 1;
    for (long left = inner; left > TILE; left = (left + TILE - 1) / TILE) {
      levels++;
    }
    return levels;
  }

  /** Lanes that can hold anything but 0, as a power of two: the others change no sum. */
  private static int lanes(long inner) {
    int lanes = 1;
    while (lanes < Math.min(inner, LANES)) {
      lanes *= 2;
    }
    return lanes;
  }
}
