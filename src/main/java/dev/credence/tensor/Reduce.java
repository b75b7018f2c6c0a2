package dev.credence.tensor;

import dev.credence.kernel.Index;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Many elements folded into one. */
public sealed interface Reduce extends Op.Folding {
  /** A fold over some axes of one operand, which the result no longer has. */
  sealed interface OverAxes extends Reduce {
    /** The axes folded, ascending. */
    List<Integer> axes();

    /** How. */
    FoldKind kind();

    @Override
    default TensorType type(List<TensorType> operands) {
      TensorType from = operands.get(0);
      if (from.dtype() == DType.BOOL) {
        throw new IllegalArgumentException("operand is a number, not bool; cast first");
      }
      boolean position = kind() == FoldKind.ARGMAX || kind() == FoldKind.ARGMIN;
      Shape shape = from.shape().without(array());
      if (kind() != FoldKind.SUM && inner(operands).size() == 0 && shape.size() > 0) {
        throw new IllegalArgumentException(
            "nothing to choose from: axes " + axes() + " of " + from.shape() + " are empty");
      }
      return new TensorType(position ? DType.INT32 : from.dtype(), shape);
    }

    @Override
    default Shape inner(List<TensorType> operands) {
      return Shape.of(axes().stream().mapToInt(operands.get(0).shape()::dim).toArray());
    }

    @Override
    default Fold lower(Tensor out, List<Index> at, List<Index> inner, Reader in) {
      return new Fold(kind(), in.read(0, full(at, inner)));
    }

    /** Position in the operand, from the kept and the folded axes. */
    default List<Index> full(List<Index> at, List<Index> inner) {
      List<Index> full = new ArrayList<>(at);
      for (int i = 0; i < axes().size(); i++) {
        full.add(axes().get(i), inner.get(i));
      }
      return full;
    }

    /** The axes as an array. */
    default int[] array() {
      return axes().stream().mapToInt(Integer::intValue).toArray();
    }

    /** A tensor of the result's shape, repeated along the folded axes. */
    default Tensor spread(Tensor kept, Shape to) {
      int[] dims = to.dims();
      for (int axis : axes()) {
        dims[axis] = 1;
      }
      return kept.reshape(Shape.of(dims)).broadcast(to);
    }
  }

  /** The sum, in the fixed shape of {@link FoldKind#SUM}. */
  record Sum(List<Integer> axes) implements OverAxes {
    @Override
    public FoldKind kind() {
      return FoldKind.SUM;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(spread(g, out.operand(0).shape()));
    }
  }

  /** The largest; the gradient goes to the lowest position among equals. */
  record Max(List<Integer> axes) implements OverAxes {
    @Override
    public FoldKind kind() {
      return FoldKind.MAX;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return toChosen(this, new ArgMax(axes), out.operand(0), g);
    }
  }

  /** The smallest; the gradient goes to the lowest position among equals. */
  record Min(List<Integer> axes) implements OverAxes {
    @Override
    public FoldKind kind() {
      return FoldKind.MIN;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return toChosen(this, new ArgMin(axes), out.operand(0), g);
    }
  }

  private static List<@Nullable Tensor> toChosen(
      OverAxes fold, OverAxes position, Tensor x, Tensor g) {
    Tensor chosen = fold.spread(Tensor.of(position, x), x.shape());
    Tensor here = Tensor.iota(Shape.of(x.shape().dims()), fold.axes());
    return Arrays.asList(chosen.equal(here).select(fold.spread(g, x.shape()), x.zerosLike()));
  }

  /** The position of the largest, row-major over the folded axes; the lowest among equals. */
  record ArgMax(List<Integer> axes) implements OverAxes {
    @Override
    public FoldKind kind() {
      return FoldKind.ARGMAX;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Collections.singletonList(null);
    }
  }

  /** The position of the smallest, row-major over the folded axes; the lowest among equals. */
  record ArgMin(List<Integer> axes) implements OverAxes {
    @Override
    public FoldKind kind() {
      return FoldKind.ARGMIN;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Collections.singletonList(null);
    }
  }

  /**
   * The transpose of {@link View.Take}: operands (g, index); element j along the axis is the sum of
   * those g whose index is j, in ascending order.
   *
   * @param extent the result's extent of the axis
   */
  record ScatterAdd(int axis, int extent) implements Reduce {
    @Override
    public TensorType type(List<TensorType> operands) {
      View.requireIndex(operands.get(1));
      Shape g = operands.get(0).shape();
      Shape index = operands.get(1).shape();
      int[] dims = g.dims();
      int end = axis + index.rank();
      if (end > dims.length || !Shape.of(Arrays.copyOfRange(dims, axis, end)).equals(index)) {
        throw new IllegalArgumentException(
            "index " + index + " is not at axis " + axis + " of " + g);
      }
      return new TensorType(
          operands.get(0).dtype(),
          Shape.of(Arrays.copyOf(dims, axis))
              .concat(Shape.of(extent))
              .concat(Shape.of(Arrays.copyOfRange(dims, end, dims.length))));
    }

    @Override
    public Shape inner(List<TensorType> operands) {
      return operands.get(1).shape();
    }

    @Override
    public Fold lower(Tensor out, List<Index> at, List<Index> inner, Reader in) {
      List<Index> from = new ArrayList<>(at.subList(0, axis));
      from.addAll(inner);
      from.addAll(at.subList(axis + 1, at.size()));
      return chosen(out, at.get(axis), in.read(1, inner), in.read(0, from));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g.take(out.operand(1), axis), null);
    }
  }

  /**
   * The transpose of {@link View.TakeAlong}: operands (g, index) of one shape; element j along the
   * axis is the sum of those g whose index is j, in ascending order.
   *
   * @param extent the result's extent of the axis
   */
  record ScatterAddAlong(int axis, int extent) implements Reduce {
    @Override
    public TensorType type(List<TensorType> operands) {
      View.requireIndex(operands.get(1));
      if (!operands.get(0).shape().equals(operands.get(1).shape())) {
        throw new IllegalArgumentException(
            "values "
                + operands.get(0).shape()
                + " and index "
                + operands.get(1).shape()
                + " differ");
      }
      return new TensorType(operands.get(0).dtype(), operands.get(0).shape().with(axis, extent));
    }

    @Override
    public Shape inner(List<TensorType> operands) {
      return Shape.of(operands.get(1).shape().dim(axis));
    }

    @Override
    public Fold lower(Tensor out, List<Index> at, List<Index> inner, Reader in) {
      List<Index> from = new ArrayList<>(at);
      from.set(axis, inner.get(0));
      return chosen(out, at.get(axis), in.read(1, from), in.read(0, from));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g.takeAlong(out.operand(1), axis), null);
    }
  }

  private static Fold chosen(Tensor out, Index at, Scalar index, Scalar value) {
    Scalar here = new Scalar.Binary(Scalar.Word2.EQ, index, new Scalar.Position(at));
    return new Fold(FoldKind.RUNNING_SUM, new Scalar.Select(here, value, Scalar.zero(out.dtype())));
  }
}
