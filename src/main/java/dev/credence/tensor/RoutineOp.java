package dev.credence.tensor;

import dev.credence.kernel.Routine;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ops that are sequential by nature: a named kernel, a matrix a work item. */
public sealed interface RoutineOp extends Op {
  /** Name of the kernel. */
  String kernel();

  /** The integers that the kernel takes. */
  List<Integer> numbers(List<TensorType> operands);

  /** The kernel; its arguments are the operands, then the result. */
  default Routine lower(Tensor out) {
    List<TensorType> types = out.operands().stream().map(Tensor::type).toList();
    List<dev.credence.kernel.Loop.Argument> arguments = new java.util.ArrayList<>();
    for (TensorType type : types) {
      arguments.add(
          new dev.credence.kernel.Loop.Argument(type.dtype(), type.shape().size(), false));
    }
    arguments.add(new dev.credence.kernel.Loop.Argument(out.dtype(), out.shape().size(), true));
    Shape shape = types.get(0).shape();
    long items = shape.without(-1, -2).size();
    return new Routine(kernel(), items, numbers(types), arguments);
  }

  private static void requireSquare(TensorType type) {
    Shape shape = type.shape();
    if (!type.dtype().isFloat() || shape.rank() < 2 || shape.dim(-1) != shape.dim(-2)) {
      throw new IllegalArgumentException("operand is a batch of square matrices, not " + type);
    }
  }

  /**
   * The lower factor L of symmetric positive definite matrices A = L L', of which the lower
   * triangle is read; NaN from the first pivot on that is not positive.
   */
  record Cholesky() implements RoutineOp {
    @Override
    public String kernel() {
      return "cholesky";
    }

    @Override
    public TensorType type(List<TensorType> operands) {
      requireSquare(operands.get(0));
      return operands.get(0);
    }

    @Override
    public List<Integer> numbers(List<TensorType> operands) {
      return List.of(operands.get(0).shape().dim(-1));
    }

    /** Murray, Differentiation of the Cholesky decomposition (2016), equations 9 and 10. */
    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Tensor p = out.transpose().matmul(g).lowerTriangle();
      Tensor half = p.sub(p.diagonalOnly().mul(0.5));
      Tensor left = half.triangularSolve(out, true, true);
      Tensor s = left.transpose().triangularSolve(out, true, true);
      // The lower triangle is read for both halves, so it receives what both would.
      Tensor both = s.add(s.transpose()).lowerTriangle();
      return Arrays.asList(both.sub(both.diagonalOnly().mul(0.5)));
    }
  }

  /** X of op(A) X = B for triangular A: operands (A, B); op transposes if asked. */
  record TriangularSolve(boolean lower, boolean transposed) implements RoutineOp {
    @Override
    public String kernel() {
      return "triangular_solve";
    }

    @Override
    public TensorType type(List<TensorType> operands) {
      requireSquare(operands.get(0));
      Shape a = operands.get(0).shape();
      Shape b = operands.get(1).shape();
      if (operands.get(0).dtype() != operands.get(1).dtype()
          || a.rank() != b.rank()
          || !a.without(-1).equals(b.without(-1))) {
        throw new IllegalArgumentException(
            "matrices " + a + " and right-hand sides " + b + " do not fit");
      }
      return operands.get(1);
    }

    @Override
    public List<Integer> numbers(List<TensorType> operands) {
      Shape b = operands.get(1).shape();
      return List.of(b.dim(-2), b.dim(-1), lower ? 1 : 0, transposed ? 1 : 0);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Tensor db = g.triangularSolve(out.operand(0), lower, !transposed);
      Tensor da = transposed ? out.matmul(db.transpose()).neg() : db.matmul(out.transpose()).neg();
      return Arrays.asList(lower ? da.lowerTriangle() : da.upperTriangle(), db);
    }
  }
}
