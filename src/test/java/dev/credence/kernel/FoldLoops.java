package dev.credence.kernel;

import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;

/** Loops that fold, of any length. */
public final class FoldLoops {
  private FoldLoops() {}

  /** Sums, positions and stores of rows, and what is made of them in a second walk. */
  public static Loop rows(int rows, int size) {
    Index row = Index.axis(0, rows);
    Index at = row.times(size).plus(Index.axis(1, size));
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, at, List.of());
    Scalar whole = new Scalar.Cast(DType.INT32, x);
    List<Fold> folds =
        List.of(
            new Fold(FoldKind.SUM, x),
            new Fold(FoldKind.MAX, x),
            new Fold(FoldKind.ARGMIN, whole),
            new Fold(FoldKind.ARGMAX, x),
            new Fold(FoldKind.SUM, whole));
    Scalar twice = new Scalar.Binary(Scalar.Word2.ADD, x, x);
    Scalar less = new Scalar.Binary(Scalar.Word2.SUB, x, new Scalar.Folded(DType.FLOAT32, 0, 1));
    List<Phase> phases = new ArrayList<>();
    phases.add(new Phase(List.of(size), folds, List.of(new Store(1, at, twice))));
    phases.add(
        new Phase(
            List.of(size), List.of(new Fold(FoldKind.SUM, less)), List.of(new Store(2, at, less))));
    List<Store> ends = new ArrayList<>();
    for (int f = 0; f < folds.size(); f++) {
      DType type = folds.get(f).type();
      ends.add(new Store(3 + f, row, new Scalar.Folded(type, 0, f)));
    }
    ends.add(new Store(8, row, new Scalar.Folded(DType.FLOAT32, 1, 0)));
    phases.add(new Phase(List.of(), List.of(), ends));
    List<Argument> arguments = new ArrayList<>();
    for (int a = 0; a < 9; a++) {
      DType type = a == 5 || a == 6 || a == 7 ? DType.INT32 : DType.FLOAT32;
      arguments.add(new Argument(type, a < 3 ? (long) rows * size : rows, a > 0));
    }
    return new Loop("rows", List.of(rows), phases, arguments);
  }

  /** Noise, something stored, and a long sum, all in one walk. */
  public static Loop drawnAndSummed(int size) {
    Index at = Index.axis(0, size);
    Scalar noise = new Scalar.Noise(Scalar.NoiseKind.NORMAL, 4, at, 0, Index.ZERO);
    Scalar mu = new Scalar.Load(DType.FLOAT32, 0, at, List.of());
    Scalar sigma = new Scalar.Load(DType.FLOAT32, 1, at, List.of());
    Scalar w =
        new Scalar.Binary(Scalar.Word2.ADD, mu, new Scalar.Binary(Scalar.Word2.MUL, sigma, noise));
    Scalar square = new Scalar.Binary(Scalar.Word2.MUL, w, mu);
    return new Loop(
        "drawn and summed",
        List.of(),
        List.of(
            new Phase(
                List.of(size),
                List.of(new Fold(FoldKind.SUM, square)),
                List.of(new Store(2, at, w))),
            new Phase(
                List.of(),
                List.of(),
                List.of(new Store(3, Index.ZERO, new Scalar.Folded(DType.FLOAT32, 0, 0))))),
        List.of(
            new Argument(DType.FLOAT32, size, false),
            new Argument(DType.FLOAT32, size, false),
            new Argument(DType.FLOAT32, size, true),
            new Argument(DType.FLOAT32, 1, true)));
  }
}
