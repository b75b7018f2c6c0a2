package dev.credence.device.reference;

import dev.credence.kernel.Routine;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The Java twins of kernels/routines.h, in float32 with the same order of operations, and in
 * float64.
 */
final class Routines {
  private Routines() {}

  /**
   * Checks that a routine is known here.
   *
   * @throws UnsupportedOperationException if it is not
   */
  static void check(Routine routine) {
    int wanted =
        switch (routine.name()) {
          case "cholesky" -> 1;
          case "triangular_solve" -> 4;
          default ->
              throw new UnsupportedOperationException(
                  "The reference device knows no routine " + routine.name() + ".");
        };
    if (routine.numbers().size() != wanted) {
      throw new IllegalArgumentException(
          routine.name() + " takes " + wanted + " numbers, not " + routine.numbers());
    }
    DType type = routine.arguments().get(0).type();
    if (!type.isFloat()) {
      throw new UnsupportedOperationException(
          "There is no " + routine.name() + " of " + type + ".");
    }
  }

  /** A routine with its memory, ready to run. */
  static Runnable bind(Routine routine, List<MemorySegment> arguments) {
    List<Matrices> arrays = arguments.stream().map(a -> matrices(routine, a)).toList();
    List<Integer> numbers = routine.numbers();
    int n = numbers.get(0);
    if (routine.name().equals("cholesky")) {
      return () -> {
        for (long item = 0; item < routine.items(); item++) {
          cholesky(n, item * n * n, arrays.get(0), arrays.get(1));
        }
      };
    }
    int m = numbers.get(1);
    boolean lower = numbers.get(2) != 0;
    boolean transpose = numbers.get(3) != 0;
    return () -> {
      for (long item = 0; item < routine.items(); item++) {
        long a = item * n * n;
        long b = item * n * m;
        solve(n, m, lower, transpose, a, arrays.get(0), b, arrays.get(1), arrays.get(2));
      }
    };
  }

  /** Row by row; each element takes its products away in ascending order. */
  private static void cholesky(int n, long first, Matrices a, Matrices l) {
    for (int i = 0; i < n; i++) {
      long row = first + (long) i * n;
      for (int j = 0; j <= i; j++) {
        long other = first + (long) j * n;
        double rest = a.get(row + j);
        for (int k = 0; k < j; k++) {
          rest = a.fma(-l.get(row + k), l.get(other + k), rest);
        }
        if (j < i) {
          l.set(row + j, rest / l.get(other + j));
        } else {
          l.set(row + j, rest > 0 ? Math.sqrt(rest) : Double.NaN);
        }
      }
      for (int j = i + 1; j < n; j++) {
        l.set(row + j, 0);
      }
    }
  }

  /** Forward or backward substitution; each element takes its products away in ascending order. */
  private static void solve(
      int n,
      int m,
      boolean lower,
      boolean transpose,
      long firstA,
      Matrices a,
      long firstB,
      Matrices b,
      Matrices x) {
    long down = transpose ? 1 : n;
    long right = transpose ? n : 1;
    boolean forward = lower != transpose;
    for (int step = 0; step < n; step++) {
      int i = forward ? step : n - 1 - step;
      int from = forward ? 0 : i + 1;
      int to = forward ? i : n;
      long row = firstA + i * down;
      for (int c = 0; c < m; c++) {
        long at = firstB + (long) i * m + c;
        double rest = b.get(at);
        for (int k = from; k < to; k++) {
          rest = a.fma(-a.get(row + k * right), x.get(firstB + (long) k * m + c), rest);
        }
        x.set(at, rest / a.get(row + i * right));
      }
    }
  }

  private static Matrices matrices(Routine routine, MemorySegment memory) {
    return routine.arguments().get(0).type() == DType.FLOAT32
        ? new Floats(memory)
        : new Doubles(memory);
  }

  /**
   * Numbers in float32 or float64. A quotient or square root of floats rounded to double and then
   * to float is the correctly rounded one, so that only fma needs an arithmetic of its own.
   */
  private sealed interface Matrices {
    double get(long index);

    void set(long index, double value);

    double fma(double a, double b, double c);
  }

  private record Floats(MemorySegment memory) implements Matrices {
    @Override
    public double get(long index) {
      return memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
    }

    @Override
    public void set(long index, double value) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
    }

    @Override
    public double fma(double a, double b, double c) {
      return Math.fma((float) a, (float) b, (float) c);
    }
  }

  private record Doubles(MemorySegment memory) implements Matrices {
    @Override
    public double get(long index) {
      return memory.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
    }

    @Override
    public void set(long index, double value) {
      memory.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
    }

    @Override
    public double fma(double a, double b, double c) {
      return Math.fma(a, b, c);
    }
  }
}
