package dev.credence.device.reference;

import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Params;
import dev.credence.kernel.Philox;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Turns the lines of a phase into steps, each a plain loop over the points of a block. */
final class Steps {
  private final Memory memory;
  private final Points points;
  private final List<List<Column>> folded;
  private final Indices indices;

  /**
   * Steps over some memory.
   *
   * @param folded results of the folds of all earlier phases
   */
  Steps(Memory memory, Points points, List<List<Column>> folded) {
    this.memory = memory;
    this.points = points;
    this.folded = folded;
    indices = new Indices(memory, points);
  }

  /** The step that computes one line from its operands. */
  Step step(Scalar scalar, List<Column> of, Column out) {
    return switch (scalar) {
      case Scalar.Const constant -> constant(constant.value(), out);
      case Scalar.Position position -> {
        Indices.At at = indices.index(position.index());
        yield n -> at.fill(n, Indices.EVERYWHERE, out.ints);
      }
      case Scalar.Within within -> {
        Indices.Guard guard = indices.guard(within.bounds());
        yield n -> {
          boolean[] holds = guard.fill(n, Indices.EVERYWHERE);
          for (int p = 0; p < n; p++) {
            out.ints[p] = holds[p] ? 1 : 0;
          }
        };
      }
      case Scalar.Load load -> load(load, out);
      case Scalar.Param param ->
          param.type() == DType.FLOAT32
              ? n -> Arrays.fill(out.floats, 0, n, memory.paramFloat(param.word()))
              : n -> Arrays.fill(out.ints, 0, n, memory.paramInt(param.word()));
      case Scalar.Unary unary -> Words.unary(unary.word(), of.get(0), out);
      case Scalar.Binary binary -> Words.binary(binary.word(), of.get(0), of.get(1), out);
      case Scalar.Select select -> select(of.get(0), of.get(1), of.get(2), out);
      case Scalar.Cast cast -> Words.cast(of.get(0), out);
      case Scalar.Noise noise -> noise(noise, out);
      case Scalar.Folded f -> folded(folded.get(f.phase()).get(f.fold()), out);
    };
  }

  private static Step constant(double value, Column out) {
    Arrays.fill(out.floats, (float) value);
    Arrays.fill(out.doubles, value);
    Arrays.fill(out.ints, (int) value);
    return n -> {};
  }

  private Step load(Scalar.Load load, Column out) {
    DType stored = memory.types().get(load.argument()).type();
    if (stored != load.type()) {
      throw new IllegalArgumentException(
          "a load of " + load.type() + " from an array of " + stored);
    }
    MemorySegment array = memory.arrays().get(load.argument());
    Indices.Guard guard = indices.guard(load.guard());
    Indices.At at = indices.index(load.at());
    int[] where = new int[Points.MOST];
    return n -> {
      boolean[] allowed = guard.fill(n, Indices.EVERYWHERE);
      at.fill(n, allowed, where);
      load(array, n, allowed, where, out);
    };
  }

  private static void load(MemorySegment array, int n, boolean[] allowed, int[] at, Column out) {
    switch (out.type) {
      case FLOAT32 -> {
        for (int p = 0; p < n; p++) {
          out.floats[p] = allowed[p] ? array.getAtIndex(ValueLayout.JAVA_FLOAT, at[p]) : 0;
        }
      }
      case FLOAT64 -> {
        for (int p = 0; p < n; p++) {
          out.doubles[p] = allowed[p] ? array.getAtIndex(ValueLayout.JAVA_DOUBLE, at[p]) : 0;
        }
      }
      case INT32 -> {
        for (int p = 0; p < n; p++) {
          out.ints[p] = allowed[p] ? array.getAtIndex(ValueLayout.JAVA_INT, at[p]) : 0;
        }
      }
      case BOOL -> {
        for (int p = 0; p < n; p++) {
          out.ints[p] = allowed[p] ? array.get(ValueLayout.JAVA_BYTE, at[p]) : 0;
        }
      }
    }
  }

  /** The step that stores a value. */
  Step store(Store store, Column value) {
    DType stored = memory.types().get(store.argument()).type();
    if (stored != value.type) {
      throw new IllegalArgumentException("a store of " + value.type + " to an array of " + stored);
    }
    MemorySegment array = memory.arrays().get(store.argument());
    Indices.At index = indices.index(store.at());
    int[] at = new int[Points.MOST];
    return n -> {
      index.fill(n, Indices.EVERYWHERE, at);
      store(array, n, at, value);
    };
  }

  private static void store(MemorySegment array, int n, int[] at, Column value) {
    switch (value.type) {
      case FLOAT32 -> {
        for (int p = 0; p < n; p++) {
          array.setAtIndex(ValueLayout.JAVA_FLOAT, at[p], value.floats[p]);
        }
      }
      case FLOAT64 -> {
        for (int p = 0; p < n; p++) {
          array.setAtIndex(ValueLayout.JAVA_DOUBLE, at[p], value.doubles[p]);
        }
      }
      case INT32 -> {
        for (int p = 0; p < n; p++) {
          array.setAtIndex(ValueLayout.JAVA_INT, at[p], value.ints[p]);
        }
      }
      case BOOL -> {
        for (int p = 0; p < n; p++) {
          array.set(ValueLayout.JAVA_BYTE, at[p], (byte) value.ints[p]);
        }
      }
    }
  }

  private static Step select(Column condition, Column yes, Column no, Column out) {
    int[] chosen = condition.ints;
    return switch (out.type) {
      case FLOAT32 ->
          n -> {
            for (int p = 0; p < n; p++) {
              out.floats[p] = chosen[p] != 0 ? yes.floats[p] : no.floats[p];
            }
          };
      case FLOAT64 ->
          n -> {
            for (int p = 0; p < n; p++) {
              out.doubles[p] = chosen[p] != 0 ? yes.doubles[p] : no.doubles[p];
            }
          };
      case INT32, BOOL ->
          n -> {
            for (int p = 0; p < n; p++) {
              out.ints[p] = chosen[p] != 0 ? yes.ints[p] : no.ints[p];
            }
          };
    };
  }

  private Step folded(Column result, Column out) {
    int[] kept = points.kept;
    return switch (out.type) {
      case FLOAT32 ->
          n -> {
            for (int p = 0; p < n; p++) {
              out.floats[p] = result.floats[kept[p]];
            }
          };
      case FLOAT64 ->
          n -> {
            for (int p = 0; p < n; p++) {
              out.doubles[p] = result.doubles[kept[p]];
            }
          };
      case INT32, BOOL ->
          n -> {
            for (int p = 0; p < n; p++) {
              out.ints[p] = result.ints[kept[p]];
            }
          };
    };
  }

  private Step noise(Scalar.Noise noise, Column out) {
    Indices.At element = indices.index(noise.element());
    Indices.At sample = indices.index(noise.sample());
    int[] elements = new int[Points.MOST];
    int[] samples = new int[Points.MOST];
    return n -> {
      element.fill(n, Indices.EVERYWHERE, elements);
      sample.fill(n, Indices.EVERYWHERE, samples);
      long key = memory.paramLong(noise.keyWord());
      int step = memory.paramInt(Params.STEP);
      int firstSample = memory.paramInt(Params.FIRST_SAMPLE);
      long firstElement = (long) memory.paramInt(Params.FIRST_ROW) * noise.rowSize();
      for (int p = 0; p < n; p++) {
        long e = firstElement + elements[p];
        int t = firstSample + samples[p];
        switch (noise.kind()) {
          case BITS -> out.ints[p] = Philox.bits(key, step, t, 0, e);
          case NORMAL -> out.floats[p] = Philox.normal(key, step, t, 0, e);
        }
      }
    };
  }
}
