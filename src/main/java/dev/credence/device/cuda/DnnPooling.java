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
 * The largest of each window of some planes, as cuDNN has it; a maximum has the same bits in any
 * order. Found from the loop's structure: a fold of what stands in memory, over two axes, each of
 * which moves along the same line as an axis of the result.
 */
record DnnPooling(
    Planes images, Planes outputs, int rows, int columns, int strideRows, int strideColumns) {
  /** The pooling that a loop is, if it is nothing else. */
  static Optional<DnnPooling> of(Loop loop) {
    if (loop.phases().size() != 2 || loop.kept().size() < 2 || loop.extent() == 0) {
      return Optional.empty();
    }
    Phase windows = loop.phases().get(0);
    Phase last = loop.phases().get(1);
    boolean folds =
        windows.inner().size() == 2
            && windows.extent() > 1
            && windows.folds().size() == 1
            && windows.stores().isEmpty()
            && last.extent() == 1
            && last.folds().isEmpty()
            && last.stores().size() == 1
            && last.stores().get(0).value() instanceof Scalar.Folded;
    if (!folds) {
      return Optional.empty();
    }
    Fold fold = windows.folds().get(0);
    Store store = last.stores().get(0);
    return fold.kind() == FoldKind.MAX
            && fold.value() instanceof Scalar.Load load
            && load.type() == DType.FLOAT32
            && load.guard().stream().allMatch(Index.Bound::always)
            && load.at().isAffine()
            && store.at().isAffine()
        ? of(loop, load, store, windows.inner())
        : Optional.empty();
  }

  private static Optional<DnnPooling> of(
      Loop loop, Scalar.Load load, Store store, List<Integer> window) {
    int kept = loop.kept().size();
    int down = kept - 2;
    int across = kept - 1;
    int h = loop.kept().get(down);
    int w = loop.kept().get(across);
    // Planes may be anywhere, as long as one step walks them all.
    long in = 0;
    long out = 0;
    long planes = 1;
    for (int axis = down - 1; axis >= 0; axis--) {
      int extent = loop.kept().get(axis);
      if (extent == 1) {
        continue;
      }
      if (planes == 1) {
        in = load.at().stride(axis);
        out = store.at().stride(axis);
      } else if (load.at().stride(axis) != planes * in || store.at().stride(axis) != planes * out) {
        return Optional.empty();
      }
      planes *= extent;
    }
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
    Planes images =
        new Planes(
            load.argument(),
            load.at().constant(),
            n,
            1,
            height,
            width,
            (int) plane,
            (int) plane,
            (int) row,
            1);
    Planes outputs =
        new Planes(store.argument(), store.at().constant(), n, 1, h, w, h * w, h * w, w, 1);
    return Optional.of(new DnnPooling(images, outputs, rows, columns, strideRows, strideColumns));
  }
}
