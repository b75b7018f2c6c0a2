package dev.credence.device.reference;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Turns indices and guards into functions that fill an array at the points of a block. */
final class Indices {
  /** Where nothing is ruled out. */
  static final boolean[] EVERYWHERE = new boolean[Points.MOST];

  static {
    Arrays.fill(EVERYWHERE, true);
  }

  /** An index or atom at each point; where "where" is false nothing is read from memory. */
  interface At {
    void fill(int points, boolean[] where, int[] out);
  }

  /** A guard at each point: false where "where" is, or where a bound is not kept. */
  interface Guard {
    boolean[] fill(int points, boolean[] where);
  }

  private final Memory memory;
  private final Points points;

  Indices(Memory memory, Points points) {
    this.memory = memory;
    this.points = points;
  }

  At index(Index index) {
    int constant = exact(index.constant(), index);
    exact(index.min(), index);
    exact(index.max(), index);
    int count = index.terms().size();
    // Products and sums may wrap around on the way: the result, known to fit, is the same.
    int[] factors = index.terms().stream().mapToInt(t -> (int) t.factor()).toArray();
    List<At> atoms = index.terms().stream().map(t -> atom(t.atom())).toList();
    int[] values = new int[Points.MOST];
    return (n, where, out) -> {
      Arrays.fill(out, 0, n, constant);
      for (int t = 0; t < count; t++) {
        int factor = factors[t];
        atoms.get(t).fill(n, where, values);
        for (int p = 0; p < n; p++) {
          out[p] += factor * values[p];
        }
      }
    };
  }

  private At atom(Index.Atom atom) {
    return switch (atom) {
      case Index.Axis axis -> {
        int[] coordinates = points.coordinates[axis.axis()];
        yield (n, where, out) -> System.arraycopy(coordinates, 0, out, 0, n);
      }
      case Index.Div div -> {
        At of = index(div.of());
        int by = exact(div.by(), div.of());
        yield (n, where, out) -> {
          of.fill(n, where, out);
          for (int p = 0; p < n; p++) {
            out[p] = Math.floorDiv(out[p], by);
          }
        };
      }
      case Index.Mod mod -> {
        At of = index(mod.of());
        int by = exact(mod.by(), mod.of());
        yield (n, where, out) -> {
          of.fill(n, where, out);
          for (int p = 0; p < n; p++) {
            out[p] = Math.floorMod(out[p], by);
          }
        };
      }
      case Index.Loaded loaded -> loaded(loaded);
    };
  }

  private At loaded(Index.Loaded loaded) {
    At at = index(loaded.at());
    Guard guard = guard(loaded.guard());
    MemorySegment array = memory.arrays().get(loaded.argument());
    int bound = loaded.bound();
    return (n, where, out) -> {
      boolean[] allowed = guard.fill(n, where);
      at.fill(n, allowed, out);
      for (int p = 0; p < n; p++) {
        int value = allowed[p] ? array.getAtIndex(ValueLayout.JAVA_INT, out[p]) : 0;
        if (value < 0 || value >= bound) {
          memory.raiseFault();
          value = 0;
        }
        out[p] = value;
      }
    };
  }

  /** Bounds are tried in order; after the first that fails nothing more is read. */
  Guard guard(List<Bound> bounds) {
    if (bounds.isEmpty()) {
      return (n, where) -> where;
    }
    List<At> indices = bounds.stream().map(b -> index(b.index())).toList();
    int[] values = new int[Points.MOST];
    boolean[] allowed = new boolean[Points.MOST];
    return (n, where) -> {
      System.arraycopy(where, 0, allowed, 0, n);
      for (int b = 0; b < bounds.size(); b++) {
        long low = bounds.get(b).low();
        long high = bounds.get(b).high();
        indices.get(b).fill(n, allowed, values);
        for (int p = 0; p < n; p++) {
          allowed[p] &= low <= values[p] && values[p] < high;
        }
      }
      return allowed;
    };
  }

  private static int exact(long value, Index index) {
    if (value != (int) value) {
      throw new IllegalArgumentException("index " + index + " leaves the range of 32 bits");
    }
    return (int) value;
  }
}
