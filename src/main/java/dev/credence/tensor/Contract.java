package dev.credence.tensor;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Scalar;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sums of products of two operands, each one chain of fused multiply-adds. */
public sealed interface Contract extends Op.Folding {
  private static void requireFloats(List<TensorType> operands) {
    if (!operands.get(0).dtype().isFloat() || operands.get(0).dtype() != operands.get(1).dtype()) {
      throw new IllegalArgumentException(
          "operands are of one floating-point type, not "
              + operands.get(0)
              + " and "
              + operands.get(1));
    }
  }

  /**
   * The product over named axes: a letter an axis; letters that the result lacks are summed over,
   * in the order in which they occur in a. Matrix products of every layout and batch are rows of
   * this one, and so are their derivatives.
   */
  record Einsum(String a, String b, String out) implements Contract {
    public Einsum {
      for (String labels : List.of(a, b, out)) {
        if (labels.chars().distinct().count() != labels.length()) {
          throw new IllegalArgumentException("a letter occurs twice in " + labels);
        }
      }
      String known = a + b;
      if (!out.chars().allMatch(c -> known.indexOf(c) >= 0)
          || !a.chars().allMatch(c -> (b + out).indexOf(c) >= 0)
          || !b.chars().allMatch(c -> (a + out).indexOf(c) >= 0)) {
        throw new IllegalArgumentException(
            "each letter stands in two places at least: " + a + "," + b + "->" + out);
      }
    }

    private Map<Character, Integer> extents(List<TensorType> operands) {
      Map<Character, Integer> extents = new HashMap<>();
      String[] labels = {a, b};
      for (int i = 0; i < 2; i++) {
        Shape shape = operands.get(i).shape();
        if (shape.rank() != labels[i].length()) {
          throw new IllegalArgumentException("shape " + shape + " has not the axes " + labels[i]);
        }
        for (int axis = 0; axis < shape.rank(); axis++) {
          Integer before = extents.putIfAbsent(labels[i].charAt(axis), shape.dim(axis));
          if (before != null && before != shape.dim(axis)) {
            throw new IllegalArgumentException(
                "shapes "
                    + operands.get(0).shape()
                    + " and "
                    + operands.get(1).shape()
                    + " do not fit: axis "
                    + labels[i].charAt(axis)
                    + " of "
                    + this
                    + " is "
                    + before
                    + " and "
                    + shape.dim(axis));
          }
        }
      }
      return extents;
    }

    /** The letters summed over, in the order in which their products are added. */
    public String summed() {
      StringBuilder summed = new StringBuilder();
      (a + b)
          .chars()
          .distinct()
          .filter(c -> out.indexOf(c) < 0)
          .forEach(c -> summed.append((char) c));
      return summed.toString();
    }

    private static Shape shape(String labels, Map<Character, Integer> extents) {
      return Shape.of(labels.chars().map(c -> extents.get((char) c)).toArray());
    }

    @Override
    public TensorType type(List<TensorType> operands) {
      Map<Character, Integer> extents = extents(operands);
      requireFloats(operands);
      return new TensorType(operands.get(0).dtype(), shape(out, extents));
    }

    @Override
    public Shape inner(List<TensorType> operands) {
      return shape(summed(), extents(operands));
    }

    @Override
    public Fold lower(Tensor tensor, List<Index> at, List<Index> inner, Reader in) {
      Map<Character, Index> where = new HashMap<>();
      String summed = summed();
      for (int i = 0; i < out.length(); i++) {
        where.put(out.charAt(i), at.get(i));
      }
      for (int i = 0; i < summed.length(); i++) {
        where.put(summed.charAt(i), inner.get(i));
      }
      return new Fold(
          FoldKind.CHAIN, in.read(0, position(a, where)), in.read(1, position(b, where)));
    }

    private static List<Index> position(String labels, Map<Character, Index> where) {
      List<Index> at = new ArrayList<>();
      for (int i = 0; i < labels.length(); i++) {
        at.add(where.get(labels.charAt(i)));
      }
      return at;
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor tensor, Tensor g) {
      return Arrays.asList(
          Tensor.of(new Einsum(out, b, a), g, tensor.operand(1)),
          Tensor.of(new Einsum(out, a, b), g, tensor.operand(0)));
    }

    @Override
    public String toString() {
      return a + "," + b + "->" + out;
    }
  }

  /**
   * How a convolution moves along one axis of its image.
   *
   * @param stride step of the result's positions
   * @param dilation distance of the filter's elements
   * @param low zeros before the image; negative cuts
   * @param high zeros after the image; negative cuts
   * @param spacing distance of the image's elements, zeros between them if above 1
   */
  record Window(int stride, int dilation, int low, int high, int spacing) {
    /** Extent of the result. */
    int count(int image, int filter) {
      long padded = (long) low + high + spread(image);
      long covered = (filter - 1L) * dilation + 1;
      if (stride < 1 || dilation < 1 || spacing < 1) {
        throw new IllegalArgumentException("stride, dilation and spacing are positive: " + this);
      }
      if (filter < 1 || padded < covered) {
        throw new IllegalArgumentException(
            "a filter of "
                + filter
                + " (dilation "
                + dilation
                + ") does not fit into "
                + padded
                + " padded elements");
      }
      return (int) ((padded - covered) / stride + 1);
    }

    private long spread(int image) {
      return image == 0 ? 0 : (image - 1L) * spacing + 1;
    }

    /** The window that carries a gradient of the result back to the image. */
    Window toImage(int image, int filter, int count) {
      int reach = (filter - 1) * dilation;
      int back = reach - low;
      int end = (image - 1) * spacing + reach - back - (count - 1) * stride;
      return new Window(spacing, dilation, back, end, stride);
    }

    /** The window in which the image meets a gradient of the result to give the filter's. */
    Window toFilter(int image, int filter, int count) {
      int end = (filter - 1) * dilation + (count - 1) * stride - low - (image - 1) * spacing;
      return new Window(dilation, stride, low, end, spacing);
    }

    /** Position in the padded image's own elements, and when it is one of them. */
    Index position(Index at, Index filter, int image, List<Bound> guard) {
      Index spread = at.times(stride).plus(filter.times(dilation)).plus(-low);
      guard.add(new Bound(spread, 0, spread(image)));
      guard.add(new Bound(spread.mod(spacing), 0, 1));
      return spread.div(spacing);
    }
  }

  /**
   * Convolution (cross-correlation, as the field has it) of images [N, G, C, H, W] with filters [G,
   * O, C, KH, KW] into [N, G, O, H', W']; G is the number of groups. Both its derivatives are
   * convolutions again.
   */
  record Convolve(Window rows, Window columns) implements Contract {
    @Override
    public TensorType type(List<TensorType> operands) {
      requireFloats(operands);
      Shape x = operands.get(0).shape();
      Shape w = operands.get(1).shape();
      if (x.rank() != 5 || w.rank() != 5 || x.dim(1) != w.dim(0) || x.dim(2) != w.dim(2)) {
        throw new IllegalArgumentException(
            "images " + x + " [N, G, C, H, W] and filters " + w + " [G, O, C, KH, KW] do not fit");
      }
      return new TensorType(
          operands.get(0).dtype(),
          Shape.of(
              x.dim(0),
              x.dim(1),
              w.dim(1),
              rows.count(x.dim(3), w.dim(3)),
              columns.count(x.dim(4), w.dim(4))));
    }

    @Override
    public Shape inner(List<TensorType> operands) {
      Shape w = operands.get(1).shape();
      return Shape.of(w.dim(2), w.dim(3), w.dim(4));
    }

    @Override
    public Fold lower(Tensor out, List<Index> at, List<Index> inner, Reader in) {
      Shape x = out.operand(0).shape();
      List<Bound> guard = new ArrayList<>();
      Index row = rows.position(at.get(3), inner.get(1), x.dim(3), guard);
      Index column = columns.position(at.get(4), inner.get(2), x.dim(4), guard);
      guard.removeIf(Bound::always);
      Scalar image = in.read(0, List.of(at.get(0), at.get(1), inner.get(0), row, column), guard);
      if (!(image instanceof Scalar.Load)) {
        image = Scalar.within(guard, image, Scalar.zero(out.dtype()));
      }
      Scalar filter =
          in.read(1, List.of(at.get(1), at.get(2), inner.get(0), inner.get(1), inner.get(2)));
      return new Fold(FoldKind.CHAIN, image, filter);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Tensor x = out.operand(0);
      Tensor w = out.operand(1);
      int h = x.shape().dim(3);
      int wide = x.shape().dim(4);
      int kh = w.shape().dim(3);
      int kw = w.shape().dim(4);
      int oh = out.shape().dim(3);
      int ow = out.shape().dim(4);
      Tensor turned = w.permute(0, 2, 1, 3, 4).flip(3).flip(4);
      Tensor dx =
          Tensor.of(
              new Convolve(rows.toImage(h, kh, oh), columns.toImage(wide, kw, ow)), g, turned);
      Tensor dw =
          Tensor.of(
                  new Convolve(rows.toFilter(h, kh, oh), columns.toFilter(wide, kw, ow)),
                  x.permute(2, 1, 0, 3, 4),
                  g.permute(1, 2, 0, 3, 4))
              .permute(1, 2, 0, 3, 4);
      return Arrays.asList(dx, dw);
    }
  }
}
