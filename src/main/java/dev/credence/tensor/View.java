package dev.credence.tensor;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The same elements elsewhere: each element is one element of an operand, or a constant. */
public sealed interface View extends Op.Elementwise {
  /** The same elements in row-major order in another shape. */
  record Reshape(Shape to) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      TensorType from = operands.get(0);
      if (from.shape().size() != to.size()) {
        throw new IllegalArgumentException(
            from.shape()
                + " has "
                + from.shape().size()
                + " elements and "
                + to
                + " has "
                + to.size());
      }
      return new TensorType(from.dtype(), to);
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      return in.read(0, reshaped(at, to, out.operand(0).shape()));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g.reshape(out.operand(0).shape()));
    }
  }

  /**
   * An index an axis of a shape, from those of another with as many elements. Axes that the two
   * have in common keep their indices as they are; the others are joined and taken apart again in
   * groups as small as can be.
   */
  private static List<Index> reshaped(List<Index> at, Shape to, Shape from) {
    if (to.size() == 0) {
      return unflatten(flatten(at, to), from);
    }
    List<Index> result = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < to.rank() && j < from.rank()) {
      int firstTo = i;
      int firstFrom = j;
      long sizeTo = to.dim(i++);
      long sizeFrom = from.dim(j++);
      while (sizeTo != sizeFrom) {
        if (sizeTo < sizeFrom) {
          sizeTo *= to.dim(i++);
        } else {
          sizeFrom *= from.dim(j++);
        }
      }
      Shape groupTo = part(to, firstTo, i);
      Shape groupFrom = part(from, firstFrom, j);
      result.addAll(unflatten(flatten(at.subList(firstTo, i), groupTo), groupFrom));
    }
    while (result.size() < from.rank()) {
      result.add(Index.ZERO);
    }
    return result;
  }

  private static Shape part(Shape shape, int first, int end) {
    return Shape.of(Arrays.copyOfRange(shape.dims(), first, end));
  }

  /** Row-major position. */
  static Index flatten(List<Index> at, Shape shape) {
    int[] strides = shape.strides();
    Index flat = Index.ZERO;
    for (int i = 0; i < strides.length; i++) {
      flat = flat.plus(at.get(i).times(strides[i]));
    }
    return flat;
  }

  /** An index an axis, from a row-major position. */
  static List<Index> unflatten(Index flat, Shape shape) {
    int[] strides = shape.strides();
    List<Index> at = new ArrayList<>();
    for (int i = 0; i < strides.length; i++) {
      int extent = shape.dim(i);
      Index part = extent <= 1 ? Index.ZERO : flat.div(Math.max(1, strides[i]));
      at.add(i == 0 || extent <= 1 ? part : part.mod(extent));
    }
    return at;
  }

  /** Axes in another order: axis i of the result is axis order[i] of the operand. */
  record Permute(List<Integer> order) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape shape = operands.get(0).shape();
      int[] sorted = order.stream().mapToInt(Integer::intValue).sorted().toArray();
      if (!Arrays.equals(sorted, IntStream.range(0, shape.rank()).toArray())) {
        throw new IllegalArgumentException(order + " is not an order of the axes of " + shape);
      }
      return new TensorType(
          operands.get(0).dtype(), Shape.of(order.stream().mapToInt(shape::dim).toArray()));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      Index[] from = new Index[order.size()];
      for (int i = 0; i < from.length; i++) {
        from[order.get(i)] = at.get(i);
      }
      return in.read(0, List.of(from));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      int[] back = new int[order.size()];
      for (int i = 0; i < back.length; i++) {
        back[order.get(i)] = i;
      }
      return Arrays.asList(g.permute(back));
    }
  }

  /** Axes of extent 1, and axes missing in front, repeated. */
  record Broadcast(Shape to) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape from = operands.get(0).shape();
      int missing = to.rank() - from.rank();
      boolean fits = missing >= 0;
      for (int i = 0; fits && i < from.rank(); i++) {
        fits = from.dim(i) == to.dim(i + missing) || from.dim(i) == 1;
      }
      if (!fits) {
        throw new IllegalArgumentException("shape " + from + " does not broadcast to " + to);
      }
      return new TensorType(operands.get(0).dtype(), to);
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      Shape from = out.operand(0).shape();
      int missing = to.rank() - from.rank();
      List<Index> kept = new ArrayList<>();
      for (int i = 0; i < from.rank(); i++) {
        kept.add(from.dim(i) == 1 ? Index.ZERO : at.get(i + missing));
      }
      return in.read(0, kept);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Shape from = out.operand(0).shape();
      int missing = to.rank() - from.rank();
      int[] axes =
          IntStream.range(0, to.rank())
              .filter(i -> i < missing || (from.dim(i - missing) == 1 && to.dim(i) != 1))
              .toArray();
      return Arrays.asList(g.sum(axes).reshape(from));
    }
  }

  /** Every step-th element from start, count of them, along one axis. */
  record Slice(int axis, int start, int count, int step) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape from = operands.get(0).shape();
      int extent = from.dim(axis);
      if (start < 0
          || count < 0
          || step < 1
          || (count > 0 && start + (count - 1L) * step >= extent)) {
        throw new IllegalArgumentException(
            count
                + " elements from "
                + start
                + " in steps of "
                + step
                + " do not lie in axis "
                + axis
                + " of "
                + from);
      }
      return new TensorType(operands.get(0).dtype(), from.with(axis, count));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      return in.read(0, replace(at, axis, at.get(axis).times(step).plus(start)));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      int extent = out.operand(0).shape().dim(axis);
      if (count == 0) {
        return Arrays.asList(Tensor.zeros(out.operand(0).type()));
      }
      int last = start + (count - 1) * step;
      return Arrays.asList(g.pad(axis, start, extent - 1 - last, step - 1, 0));
    }
  }

  private static List<Index> replace(List<Index> at, int axis, Index by) {
    List<Index> changed = new ArrayList<>(at);
    changed.set(axis, by);
    return changed;
  }

  /**
   * A value before, after and between the elements along one axis.
   *
   * @param interior how many between two neighbours
   */
  record Pad(int axis, int low, int high, int interior, double value) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape from = operands.get(0).shape();
      if (low < 0 || high < 0 || interior < 0) {
        throw new IllegalArgumentException(
            "padding is not negative, but " + low + ", " + high + ", " + interior + " was given");
      }
      int extent = from.dim(axis);
      return new TensorType(
          operands.get(0).dtype(),
          from.with(axis, low + high + Math.max(0, extent + (extent - 1) * interior)));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      int extent = out.operand(0).shape().dim(axis);
      Index position = at.get(axis).plus(-low);
      List<Bound> guard = new ArrayList<>();
      guard.add(new Bound(position, 0, Math.max(0, extent + (extent - 1L) * interior)));
      if (interior > 0) {
        guard.add(new Bound(position.mod(interior + 1), 0, 1));
      }
      guard.removeIf(Bound::always);
      Scalar read = in.read(0, replace(at, axis, position.div(interior + 1)), guard);
      if (read instanceof Scalar.Load && value == 0) {
        return read;
      }
      return Scalar.within(guard, read, new Scalar.Const(out.dtype(), value));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g.slice(axis, low, out.operand(0).shape().dim(axis), interior + 1));
    }
  }

  /** Operands one after the other along an axis. */
  record Concat(int axis) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      TensorType first = operands.get(0);
      int extent = 0;
      for (TensorType type : operands) {
        if (type.dtype() != first.dtype()
            || type.shape().rank() != first.shape().rank()
            || !type.shape().with(axis, 1).equals(first.shape().with(axis, 1))) {
          throw new IllegalArgumentException(
              "operands differ beside axis " + axis + ": " + first + " and " + type);
        }
        extent += type.shape().dim(axis);
      }
      return new TensorType(first.dtype(), first.shape().with(axis, extent));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      Scalar value = Scalar.zero(out.dtype());
      int start = 0;
      for (int i = 0; i < out.operands().size(); i++) {
        int extent = out.operand(i).shape().dim(axis);
        Index position = at.get(axis).plus(-start);
        List<Bound> guard = new ArrayList<>(List.of(new Bound(position, 0, extent)));
        guard.removeIf(Bound::always);
        value = Scalar.within(guard, in.read(i, replace(at, axis, position), guard), value);
        start += extent;
      }
      return value;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      List<@Nullable Tensor> parts = new ArrayList<>();
      int start = 0;
      for (Tensor operand : out.operands()) {
        int extent = operand.shape().dim(axis);
        parts.add(operand.dtype().isFloat() ? g.slice(axis, start, extent, 1) : null);
        start += extent;
      }
      return parts;
    }
  }

  /** The elements of one axis in reverse order. */
  record Flip(int axis) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      operands.get(0).shape().dim(axis);
      return operands.get(0);
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      Index back = at.get(axis).times(-1).plus(out.shape().dim(axis) - 1L);
      return in.read(0, replace(at, axis, back));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g.flip(axis));
    }
  }

  /**
   * Sliding along an axis, by an offset that another axis gives: out[.. o .. k ..] = in[.. o *
   * stride + k * dilation .. k ..]. With an operand repeated along the window axis this is the view
   * of all windows.
   *
   * @param axis the axis slid along
   * @param window the axis that gives the offset
   * @param count the result's extent of the axis
   */
  record Slide(int axis, int window, int stride, int dilation, int count) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape from = operands.get(0).shape();
      long last = (count - 1L) * stride + (from.dim(window) - 1L) * dilation;
      if (stride < 1 || dilation < 1 || count < 0 || (count > 0 && last >= from.dim(axis))) {
        throw new IllegalArgumentException(
            count
                + " windows of "
                + from.dim(window)
                + " (stride "
                + stride
                + ", dilation "
                + dilation
                + ") do not lie in "
                + from.dim(axis)
                + " elements");
      }
      return new TensorType(operands.get(0).dtype(), from.with(axis, count));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      Index position = at.get(axis).times(stride).plus(at.get(window).times(dilation));
      return in.read(0, replace(at, axis, position));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      int extent = out.operand(0).shape().dim(axis);
      return Arrays.asList(Tensor.of(new Unslide(axis, window, stride, dilation, extent), g));
    }
  }

  /**
   * Back from {@link Slide}: out[.. i .. k ..] = in[.. (i - k * dilation) / stride .. k ..] where
   * that is whole and inside, else 0.
   *
   * @param extent the result's extent of the axis
   */
  record Unslide(int axis, int window, int stride, int dilation, int extent) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      return new TensorType(operands.get(0).dtype(), operands.get(0).shape().with(axis, extent));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      int count = out.operand(0).shape().dim(axis);
      Index position = at.get(axis).plus(at.get(window).times(-dilation));
      List<Bound> guard = new ArrayList<>();
      guard.add(new Bound(position, 0, Math.max(0, (count - 1L) * stride + 1)));
      guard.add(new Bound(position.mod(stride), 0, 1));
      guard.removeIf(Bound::always);
      Scalar read = in.read(0, replace(at, axis, position.div(stride)), guard);
      return read instanceof Scalar.Load
          ? read
          : Scalar.within(guard, read, Scalar.zero(out.dtype()));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      int count = out.operand(0).shape().dim(axis);
      return Arrays.asList(Tensor.of(new Slide(axis, window, stride, dilation, count), g));
    }
  }

  /**
   * Whole slices by their int32 position along an axis: operands (x, index), result of shape
   * x[:axis] + index + x[axis + 1:].
   */
  record Take(int axis) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape from = operands.get(0).shape();
      requireIndex(operands.get(1));
      from.dim(axis);
      int[] dims = from.dims();
      Shape front = Shape.of(Arrays.copyOf(dims, axis));
      Shape back = Shape.of(Arrays.copyOfRange(dims, axis + 1, dims.length));
      return new TensorType(
          operands.get(0).dtype(), front.concat(operands.get(1).shape()).concat(back));
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      int indexRank = out.operand(1).shape().rank();
      List<Index> from = new ArrayList<>(at.subList(0, axis));
      from.add(in.index(1, at.subList(axis, axis + indexRank), out.operand(0).shape().dim(axis)));
      from.addAll(at.subList(axis + indexRank, at.size()));
      return in.read(0, from);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      int extent = out.operand(0).shape().dim(axis);
      return Arrays.asList(Tensor.of(new Reduce.ScatterAdd(axis, extent), g, out.operand(1)), null);
    }
  }

  /**
   * Single elements by their int32 position along an axis: operands (x, index) of equal rank whose
   * other extents agree; out[.. i ..] = x[.. index[.. i ..] ..].
   */
  record TakeAlong(int axis) implements View {
    @Override
    public TensorType type(List<TensorType> operands) {
      Shape from = operands.get(0).shape();
      Shape index = operands.get(1).shape();
      requireIndex(operands.get(1));
      if (from.rank() != index.rank() || !from.with(axis, 1).equals(index.with(axis, 1))) {
        throw new IllegalArgumentException(
            "index " + index + " differs from " + from + " beside axis " + axis);
      }
      return new TensorType(operands.get(0).dtype(), index);
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      return in.read(0, replace(at, axis, in.index(1, at, out.operand(0).shape().dim(axis))));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Shape from = out.operand(0).shape();
      Tensor index = out.operand(1);
      if (index.shape().dim(axis) == 1) {
        // One element a row: no two compete, and the gradient fuses with what reads it.
        Tensor chosen = Tensor.iota(from, axis).equal(index);
        return Arrays.asList(chosen.select(g, g.zerosLike()), null);
      }
      return Arrays.asList(
          Tensor.of(new Reduce.ScatterAddAlong(axis, from.dim(axis)), g, index), null);
    }
  }

  /** Refuses anything but int32. */
  static void requireIndex(TensorType type) {
    if (type.dtype() != DType.INT32) {
      throw new IllegalArgumentException("the index is int32, not " + type);
    }
  }
}
