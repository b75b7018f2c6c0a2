package dev.credence.kernel;

import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A loop with few kept elements and many inner ones, cut into loops that a device with many units
 * can share out. A long phase becomes a loop that keeps the tiles of its inner elements, and the
 * next loop begins by folding what the tiles gave. The shape of a sum makes this exact: the tiles'
 * sums are summed by the rule of the tile.
 *
 * @param loops to be run one after the other; the loop itself if it is not worth cutting
 * @param scratch arrays that they share, numbered on from the loop's arguments
 */
public record SplitFolds(List<Loop> loops, List<Argument> scratch) {
  /** Inner elements in a tile, as in the shape of a sum. */
  private static final int TILE = 4096;

  /** Tiles from which on a phase is cut. */
  private static final int TILES = 4;

  /**
   * Cuts a loop for a device.
   *
   * @param units that each compute some kept elements at a time
   */
  public static SplitFolds of(Loop loop, int units) {
    boolean few = loop.extent() > 0 && loop.extent() < 4L * units;
    if (!few || loop.phases().stream().noneMatch(SplitFolds::isLong)) {
      return new SplitFolds(List.of(loop), List.of());
    }
    return new Cutter(loop).cut();
  }

  private static boolean isLong(Phase phase) {
    return phase.extent() >= TILES * TILE
        && phase.extent() <= Integer.MAX_VALUE - TILE
        && phase.folds().stream().allMatch(SplitFolds::splits);
  }

  private static boolean splits(Fold fold) {
    return switch (fold.kind()) {
      case SUM, MAX, MIN -> true;
      case RUNNING_SUM, CHAIN, ARGMAX, ARGMIN -> false;
    };
  }

  /** What a fold gives over nothing. */
  private static Scalar nothing(Fold fold) {
    boolean max = fold.kind() == FoldKind.MAX;
    DType type = fold.value().type();
    double none =
        switch (type) {
          case FLOAT32, FLOAT64 -> max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
          case INT32 -> max ? Integer.MIN_VALUE : Integer.MAX_VALUE;
          case BOOL -> max ? 0 : 1;
        };
    return new Scalar.Const(type, fold.kind() == FoldKind.SUM ? 0 : none);
  }

  /** What a fold is called in the loop given. */
  private record Name(int phase, int fold) {}

  /** A loop whose list of arguments is not yet complete. */
  private record Draft(List<Integer> kept, List<Phase> phases) {}

  private static final class Cutter {
    private final Loop loop;
    private final List<Argument> scratch = new ArrayList<>();
    private final List<Draft> drafts = new ArrayList<>();

    /** Where folds of earlier loops were stored. */
    private final Map<Name, Integer> stored = new HashMap<>();

    /** The loop now being made, and which of its phases the phases given have become. */
    private List<Phase> current = new ArrayList<>();

    private final Map<Integer, Integer> local = new HashMap<>();

    Cutter(Loop loop) {
      this.loop = loop;
    }

    SplitFolds cut() {
      for (int p = 0; p < loop.phases().size(); p++) {
        Phase phase = loop.phases().get(p);
        if (!isLong(phase)) {
          local.put(p, current.size());
          current.add(new Rewriting(List.of(), Map.of()).phase(phase));
          continue;
        }
        flush();
        if (!phase.folds().isEmpty()) {
          tiles(p, phase);
        }
        if (!phase.stores().isEmpty()) {
          // After the folds, since a store may go to the memory that they read.
          flush();
          side(phase);
        }
      }
      if (!current.isEmpty()) {
        drafts.add(new Draft(loop.kept(), current));
      }
      List<Loop> loops = new ArrayList<>();
      for (Draft draft : drafts) {
        String name = loop.name() + (loops.isEmpty() ? "" : " " + (loops.size() + 1));
        loops.add(new Loop(name, draft.kept, draft.phases, arguments(draft)));
      }
      return new SplitFolds(List.copyOf(loops), List.copyOf(scratch));
    }

    /** All arguments, those written that this loop stores to. */
    private List<Argument> arguments(Draft draft) {
      Set<Integer> written = new HashSet<>();
      draft.phases.forEach(phase -> phase.stores().forEach(s -> written.add(s.argument())));
      List<Argument> all = new ArrayList<>(loop.arguments());
      for (int s = 0; s < scratch.size(); s++) {
        boolean writes = written.contains(loop.arguments().size() + s);
        all.add(new Argument(scratch.get(s).type(), scratch.get(s).size(), writes));
      }
      return all;
    }

    private int room(DType type, long size) {
      scratch.add(new Argument(type, size, true));
      return loop.arguments().size() + scratch.size() - 1;
    }

    /** Ends the loop now being made; its folds are stored for the loops after it. */
    private void flush() {
      List<Store> stores = new ArrayList<>();
      local.forEach(
          (phase, at) -> {
            List<Fold> folds = current.get(at).folds();
            for (int f = 0; f < folds.size(); f++) {
              DType type = folds.get(f).type();
              int argument = room(type, loop.extent());
              stored.put(new Name(phase, f), argument);
              stores.add(new Store(argument, flat(), new Scalar.Folded(type, at, f)));
            }
          });
      if (!stores.isEmpty()) {
        current.add(new Phase(List.of(), List.of(), stores));
      }
      if (!current.isEmpty()) {
        drafts.add(new Draft(loop.kept(), current));
      }
      current = new ArrayList<>();
      local.clear();
    }

    /** The position of a kept element. */
    private Index flat() {
      Index flat = Index.ZERO;
      for (int axis = 0; axis < loop.kept().size(); axis++) {
        int extent = loop.kept().get(axis);
        flat = flat.times(extent).plus(Index.axis(axis, extent));
      }
      return flat;
    }

    /** The folds of a phase: a loop over its tiles, and a phase that folds what those gave. */
    private void tiles(int p, Phase phase) {
      int axes = loop.kept().size();
      int count = Math.toIntExact(Math.ceilDiv(phase.extent(), (long) TILE));
      Index inner = Index.axis(axes, count).times(TILE).plus(Index.axis(axes + 1, TILE));
      Bound inside = new Bound(inner, 0, phase.extent());
      List<Bound> guard = inside.always() ? List.of() : List.of(inside);
      Rewriting rewriting = new Rewriting(guard, coordinates(phase, inner));

      List<Fold> ofTile = new ArrayList<>();
      List<Fold> ofTiles = new ArrayList<>();
      List<Store> stores = new ArrayList<>();
      Index piece = flat().times(count).plus(Index.axis(axes, count));
      for (int f = 0; f < phase.folds().size(); f++) {
        Fold fold = phase.folds().get(f);
        Scalar value = Scalar.within(guard, rewriting.of(fold.value()), nothing(fold));
        int argument = room(fold.type(), loop.extent() * count);
        ofTile.add(new Fold(fold.kind(), value));
        stores.add(new Store(argument, piece, new Scalar.Folded(fold.type(), 0, f)));
        Scalar load = new Scalar.Load(fold.type(), argument, piece, List.of());
        ofTiles.add(new Fold(fold.kind(), load));
      }
      List<Integer> kept = new ArrayList<>(loop.kept());
      kept.add(count);
      drafts.add(
          new Draft(
              kept,
              List.of(
                  new Phase(List.of(TILE), ofTile, List.of()),
                  new Phase(List.of(), List.of(), stores))));
      local.put(p, current.size());
      current.add(new Phase(List.of(count), ofTiles, List.of()));
    }

    /**
     * The stores of a phase: a loop that keeps its inner axes, whose numbers stay what they are.
     */
    private void side(Phase phase) {
      List<Integer> kept = new ArrayList<>(loop.kept());
      kept.addAll(phase.inner());
      Phase stores = new Phase(List.of(), List.of(), phase.stores());
      drafts.add(new Draft(kept, List.of(new Rewriting(List.of(), Map.of()).phase(stores))));
    }

    /** The inner axes of a phase as functions of the inner element's position. */
    private Map<Integer, Index> coordinates(Phase phase, Index inner) {
      Map<Integer, Index> coordinates = new HashMap<>();
      long stride = 1;
      for (int axis = phase.inner().size() - 1; axis >= 0; axis--) {
        int extent = phase.inner().get(axis);
        Index slower = inner.div(stride);
        coordinates.put(loop.kept().size() + axis, axis == 0 ? slower : slower.mod(extent));
        stride *= extent;
      }
      return coordinates;
    }

    /** Puts a body into another loop: its axes, its folds, and where it may read. */
    private final class Rewriting {
      private final List<Bound> guard;
      private final Map<Integer, Index> axes;
      private final Map<Scalar, Scalar> done = new IdentityHashMap<>();

      /**
       * For a loop.
       *
       * @param guard where not fulfilled nothing is read
       * @param axes what becomes of the axes that do not stay
       */
      Rewriting(List<Bound> guard, Map<Integer, Index> axes) {
        this.guard = guard;
        this.axes = axes;
      }

      Phase phase(Phase phase) {
        return new Phase(
            phase.inner(),
            phase.folds().stream()
                .map(f -> new Fold(f.kind(), of(f.value()), of(f.factor())))
                .toList(),
            phase.stores().stream()
                .map(s -> new Store(s.argument(), of(s.at()), of(s.value())))
                .toList());
      }

      Scalar of(Scalar scalar) {
        Scalar before = done.get(scalar);
        if (before == null) {
          before = rewritten(scalar);
          done.put(scalar, before);
        }
        return before;
      }

      private Scalar rewritten(Scalar scalar) {
        return switch (scalar) {
          case Scalar.Const c -> c;
          case Scalar.Param p -> p;
          case Scalar.Position p -> new Scalar.Position(of(p.index()));
          case Scalar.Within w -> new Scalar.Within(bounds(w.bounds()));
          case Scalar.Load l ->
              new Scalar.Load(l.type(), l.argument(), of(l.at()), guarded(l.guard()));
          case Scalar.Noise n ->
              new Scalar.Noise(n.kind(), n.keyWord(), of(n.element()), n.rowSize(), of(n.sample()));
          case Scalar.Unary u -> new Scalar.Unary(u.word(), of(u.of()));
          case Scalar.Binary b -> new Scalar.Binary(b.word(), of(b.a()), of(b.b()));
          case Scalar.Select s -> new Scalar.Select(of(s.condition()), of(s.yes()), of(s.no()));
          case Scalar.Cast c -> new Scalar.Cast(c.type(), of(c.of()));
          case Scalar.Folded f -> folded(f);
        };
      }

      private Scalar folded(Scalar.Folded f) {
        Integer here = local.get(f.phase());
        if (here != null) {
          return new Scalar.Folded(f.type(), here, f.fold());
        }
        Integer argument = stored.get(new Name(f.phase(), f.fold()));
        if (argument == null) {
          throw new IllegalArgumentException("there is no fold " + f);
        }
        return new Scalar.Load(f.type(), argument, flat(), List.of());
      }

      private List<Bound> guarded(List<Bound> bounds) {
        // The tile's own guard stands first: what is outside may not even be asked for.
        List<Bound> all = new ArrayList<>(guard);
        all.addAll(bounds(bounds));
        return List.copyOf(all);
      }

      private List<Bound> bounds(List<Bound> bounds) {
        return bounds.stream().map(b -> new Bound(of(b.index()), b.low(), b.high())).toList();
      }

      private Index of(Index index) {
        return index.map(
            atom ->
                switch (atom) {
                  case Index.Axis axis -> axes.getOrDefault(axis.axis(), Index.atom(axis));
                  case Index.Loaded l ->
                      Index.atom(
                          new Index.Loaded(
                              l.argument(), of(l.at()), guarded(l.guard()), l.bound()));
                  default -> Index.atom(atom);
                });
      }
    }
  }
}
