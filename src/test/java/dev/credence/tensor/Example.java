package dev.credence.tensor;

import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * An op at work: an expression of some operands, which every law about ops is tried on.
 *
 * @param op what it is an example of
 * @param name what it shows
 * @param type the golden type of its value; float stands for the floating-point type it is traced
 *     in
 * @param operands what it is computed from
 * @param body the expression
 */
public record Example(
    Class<? extends Op> op,
    String name,
    String type,
    List<Operand> operands,
    Function<List<Tensor>, Tensor> body) {

  /**
   * An array and how it is filled. Kinks (ties of a maximum, the corner of an absolute value) are
   * left out, so that difference quotients are those of a smooth function.
   */
  public record Operand(Kind kind, boolean stored, Shape shape) {
    /** Its type, in an example traced in a floating-point type. */
    public TensorType type(DType floating) {
      return new TensorType(
          switch (kind) {
            case Kind.Index i -> DType.INT32;
            case Kind.Integer i -> DType.INT32;
            case Kind.Truth t -> DType.BOOL;
            default -> floating;
          },
          shape);
    }

    /** Its numbers. */
    public double[] values(Random random) {
      int n = shape.size();
      return switch (kind) {
        case Kind.Real k ->
            random.doubles(n, 0.2, 2).map(x -> random.nextBoolean() ? x : -x).toArray();
        case Kind.Positive k -> random.doubles(n, 0.3, 2).toArray();
        case Kind.Distinct k -> distinct(n, random);
        case Kind.Definite k -> definite(random);
        case Kind.Triangular k -> triangular(random);
        case Kind.Index k -> random.ints(n, 0, k.extent).asDoubleStream().toArray();
        case Kind.Integer k -> random.ints(n, -4, 5).asDoubleStream().toArray();
        case Kind.Truth k -> random.ints(n, 0, 2).asDoubleStream().toArray();
      };
    }

    private static double[] distinct(int n, Random random) {
      List<java.lang.Integer> order =
          new java.util.ArrayList<>(IntStream.range(0, n).boxed().toList());
      java.util.Collections.shuffle(order, random);
      return order.stream().mapToDouble(i -> (i - n / 2 + 0.25) * 0.1).toArray();
    }

    private double[] definite(Random random) {
      int n = shape.dim(-1);
      double[] a = new double[shape.size()];
      for (int start = 0; start < a.length; start += n * n) {
        double[] m = random.doubles(n * n, -1, 1).toArray();
        for (int e = 0; e < n * n; e++) {
          int row = e / n;
          int column = e % n;
          a[start + e] =
              IntStream.range(0, n).mapToDouble(k -> m[row * n + k] * m[column * n + k]).sum()
                  + (row == column ? 1 : 0);
        }
      }
      return a;
    }

    /** No element is zero: the triangle that an op must not read holds numbers as well. */
    private double[] triangular(Random random) {
      int n = shape.dim(-1);
      double[] a = random.doubles(shape.size(), -1, 1).toArray();
      for (int e = 0; e < a.length; e++) {
        if (e % n == e / n % n) {
          a[e] += a[e] < 0 ? -1 : 1;
        }
      }
      return a;
    }
  }

  /** What the numbers of an operand are like. */
  public sealed interface Kind {
    /** Of both signs, away from 0. */
    record Real() implements Kind {}

    /** Above 0. */
    record Positive() implements Kind {}

    /** No two near each other. */
    record Distinct() implements Kind {}

    /** Symmetric positive definite matrices. */
    record Definite() implements Kind {}

    /** Matrices whose triangles are well conditioned. */
    record Triangular() implements Kind {}

    /** From 0 on below an extent, some more than once. */
    record Index(int extent) implements Kind {}

    /** Small whole numbers, 0 among them. */
    record Integer() implements Kind {}

    /** True and false. */
    record Truth() implements Kind {}
  }

  static Operand real(int... dims) {
    return new Operand(new Kind.Real(), false, Shape.of(dims));
  }

  static Operand stored(int... dims) {
    return new Operand(new Kind.Real(), true, Shape.of(dims));
  }

  static Operand positive(int... dims) {
    return new Operand(new Kind.Positive(), false, Shape.of(dims));
  }

  static Operand distinct(int... dims) {
    return new Operand(new Kind.Distinct(), false, Shape.of(dims));
  }

  static Operand definite(int... dims) {
    return new Operand(new Kind.Definite(), false, Shape.of(dims));
  }

  static Operand triangular(int... dims) {
    return new Operand(new Kind.Triangular(), false, Shape.of(dims));
  }

  static Operand index(int extent, int... dims) {
    return new Operand(new Kind.Index(extent), false, Shape.of(dims));
  }

  static Operand integer(int... dims) {
    return new Operand(new Kind.Integer(), false, Shape.of(dims));
  }

  static Operand truth(int... dims) {
    return new Operand(new Kind.Truth(), false, Shape.of(dims));
  }

  @Override
  public String toString() {
    return op.getSimpleName() + " " + name;
  }
}
