package dev.credence.device.cuda;

import dev.credence.device.cuda.DnnConvolution.Planes;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.List;
import java.util.Optional;

/**
 * The largest or the mean of each window of some planes, or the way back from the means of windows
 * side by side, as cuDNN has them. Found from the loop's structure: a fold of what stands in
 * memory, over two axes, each of which moves along the same line as an axis of the result; or a
 * result whose rows and columns stand still in the array that is read.
 *
 * <p>The way back from maxima is no business of cuDNN's. There each window's gradient goes to the
 * lowest position among equals, which cuDNN does not promise, and the generated loop reads that
 * position and the gradient, a quarter of the result each, where cuDNN would read all images again.
 * Training therefore takes maximum and position in one generated walk, too.
 *
 * @param images x of cuDNN, in the backward direction dx
 * @param outputs y or dy
 */
record DnnPooling(
    Kind kind,
    Planes images,
    Planes outputs,
    int rows,
    int columns,
    int strideRows,
    int strideColumns) {
  /** What is computed. */
  enum Kind {
    /** The largest, which has the same bits in any order. */
    MAX,
    /** The mean. */
    MEAN,
    /** The gradient of images from that of their means. */
    MEAN_BACKWARD
  }

  /** The pooling that a loop is, if it is nothing else. */
  static Optional<DnnPooling> of(Loop loop) {
    if (loop.kept().size() < 2 || loop.extent() == 0) {
      return Optional.empty();
    }
    return loop.phases().size() == 2
        ? forward(loop)
        : loop.phases().size() == 1 ? backward(loop, loop.phases().get(0)) : Optional.empty();
  }

  private static Optional<DnnPooling> forward(Loop loop) {
    Phase windows = loop.phases().get(0);
    Phase last = loop.phases().get(1);
    boolean folds =
        windows.inner().size() == 2
            && windows.extent() > 1
            && windows.folds().size() == 1
            && windows.stores().isEmpty()
            && last.extent() == 1
            && last.folds().isEmpty()
            && last.stores().size() == 1;
    if (!folds) {
      return Optional.empty();
    }
    Fold fold = windows.folds().get(0);
    Store store = last.stores().get(0);
    boolean largest = fold.kind() == FoldKind.MAX && store.value() instanceof Scalar.Folded;
    boolean mean =
        fold.kind() == FoldKind.SUM
            && share(store.value(), windows.extent()) instanceof Scalar.Folded;
    return (largest || mean) && fold.value() instanceof Scalar.Load load && plain(load, store)
        ? forward(loop, mean ? Kind.MEAN : Kind.MAX, load, store, windows.inner())
        : Optional.empty();
  }

  private static boolean plain(Scalar.Load load, Store store) {
    return load.type() == DType.FLOAT32
        && load.guard().stream().allMatch(Index.Bound::always)
        && store.at().isAffine();
  }

  /** What a value is one part in so many of; otherwise the value itself. */
  private static Scalar share(Scalar value, long parts) {
    return value instanceof Scalar.Binary product
            && product.word() == Scalar.Word2.MUL
            && product.b() instanceof Scalar.Const factor
            && (float) factor.value() == (float) (1.0 / parts)
        ? product.a()
        : value;
  }

  private static Optional<DnnPooling> forward(
      Loop loop, Kind kind, Scalar.Load load, Store store, List<Integer> window) {
    int kept = loop.kept().size();
    int down = kept - 2;
    int across = kept - 1;
    int h = loop.kept().get(down);
    int w = loop.kept().get(across);
    Optional<Stack> stack = Stack.of(loop, load.at(), store.at());
    if (stack.isEmpty() || !load.at().isAffine()) {
      return Optional.empty();
    }
    long in = stack.get().images;
    long out = stack.get().outputs;
    long planes = stack.get().count;
    int rows = window.get(0);
    int columns = window.get(1);
    long row = load.at().stride(kept);
    long column = load.at().stride(kept + 1);
    long stepRows = h == 1 ? row : load.at().stride(down);
    long stepColumns = w == 1 ? column : load.at().stride(across);
    boolean slides =
        rows > 1
            && columns > 1
            && column == 1
            && row > 0
            && stepRows > 0
            && stepRows % row == 0
            && stepColumns > 0
            && (w == 1 || store.at().stride(across) == 1)
            && (h == 1 || store.at().stride(down) == w)
            && (planes == 1 || (in > 0 && out == (long) h * w));
    if (!slides) {
      return Optional.empty();
    }
    int strideRows = (int) (stepRows / row);
    int strideColumns = (int) stepColumns;
    int height = strideRows * (h - 1) + rows;
    int width = strideColumns * (w - 1) + columns;
    long plane = planes == 1 ? height * row : in;
    if (planes * plane > Integer.MAX_VALUE || width > row) {
      return Optional.empty();
    }
    int n = (int) planes;
    Planes images = planes(load.argument(), load.at(), n, height, width, (int) plane, (int) row);
    Planes outputs = planes(store.argument(), store.at(), n, h, w, h * w, w);
    return Optional.of(
        new DnnPooling(kind, images, outputs, rows, columns, strideRows, strideColumns));
  }

  private static Optional<DnnPooling> backward(Loop loop, Phase phase) {
    if (!phase.folds().isEmpty() || phase.stores().size() != 1 || phase.extent() != 1) {
      return Optional.empty();
    }
    Store store = phase.stores().get(0);
    int down = loop.kept().size() - 2;
    int height = loop.kept().get(down);
    int width = loop.kept().get(down + 1);
    if (!(store.value() instanceof Scalar.Binary product
        && product.a() instanceof Scalar.Load load
        && plain(load, store))) {
      return Optional.empty();
    }
    Index.Term row = halted(load.at(), down, height);
    Index.Term column = halted(load.at(), down + 1, width);
    if (!(row.atom() instanceof Index.Div rows && column.atom() instanceof Index.Div columns)) {
      return Optional.empty();
    }
    int h = (int) (height / rows.by());
    int w = (int) (width / columns.by());
    Index rest =
        load.at()
            .plus(Index.atom(rows).times(-row.factor()))
            .plus(Index.atom(columns).times(-column.factor()));
    Optional<Stack> stack = Stack.of(loop, store.at(), rest);
    boolean fits =
        stack.isPresent()
            && rest.isAffine()
            && rest.stride(down) == 0
            && rest.stride(down + 1) == 0
            && share(product, rows.by() * columns.by()) == load
            && h * rows.by() == height
            && w * columns.by() == width
            && column.factor() == 1
            && row.factor() == w
            && store.at().stride(down + 1) == 1
            && store.at().stride(down) == width
            && loop.extent() <= Integer.MAX_VALUE
            && (stack.get().count == 1
                || (stack.get().images == (long) height * width
                    && stack.get().outputs == (long) h * w));
    if (!fits) {
      return Optional.empty();
    }
    int n = (int) stack.get().count;
    int r = (int) rows.by();
    int c = (int) columns.by();
    Planes images = planes(store.argument(), store.at(), n, height, width, height * width, width);
    Planes outputs = planes(load.argument(), rest, n, h, w, h * w, w);
    return Optional.of(new DnnPooling(Kind.MEAN_BACKWARD, images, outputs, r, c, r, c));
  }

  /** The term of an index that moves with an axis, but only every so many steps; else nothing. */
  private static Index.Term halted(Index at, int axis, int extent) {
    for (Index.Term term : at.terms()) {
      if (term.atom() instanceof Index.Div div && div.of().equals(Index.axis(axis, extent))) {
        return term;
      }
    }
    return new Index.Term(0, new Index.Axis(axis, extent));
  }

  /** Planes of one channel whose columns are neighbours. */
  private static Planes planes(int argument, Index at, int n, int h, int w, int plane, int row) {
    return new Planes(argument, at.constant(), n, 1, h, w, plane, plane, row, 1);
  }

  /**
   * The axes before the last two as one.
   *
   * @param images how far a step of it moves the images
   * @param outputs and the outputs
   */
  private record Stack(long count, long images, long outputs) {
    /** Planes may be anywhere, as long as one step walks them all. */
    static Optional<Stack> of(Loop loop, Index images, Index outputs) {
      Stack stack = new Stack(1, 0, 0);
      for (int axis = loop.kept().size() - 3; axis >= 0; axis--) {
        int extent = loop.kept().get(axis);
        long in = images.stride(axis);
        long out = outputs.stride(axis);
        if (extent == 1) {
          continue;
        }
        if (stack.count == 1) {
          stack = new Stack(extent, in, out);
        } else if (in != stack.count * stack.images || out != stack.count * stack.outputs) {
          return Optional.empty();
        } else {
          stack = new Stack(stack.count * extent, stack.images, stack.outputs);
        }
      }
      return Optional.of(stack);
    }
  }
}
