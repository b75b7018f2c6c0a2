package dev.credence.kernel;

import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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
          current.add(new Cutting(Map.of()).phase(phase));
          continue;
        }
        flush();
        if (phase.folds().isEmpty()) {
          side(phase);
        } else {
          tiles(p, phase);
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

    /**
     * The folds of a phase, and its stores beside them: a loop over its tiles, one over what is
     * left of the last, and a phase that folds what those gave. What is stored may go to the memory
     * that the folds read, since an element is read where it is stored.
     */
    private void tiles(int p, Phase phase) {
      int axes = loop.kept().size();
      int full = Math.toIntExact(phase.extent() / TILE);
      int rest = Math.toIntExact(phase.extent() % TILE);
      int count = full + (rest > 0 ? 1 : 0);
      List<Fold> ofTiles = new ArrayList<>();
      List<Integer> pieces = new ArrayList<>();
      for (Fold fold : phase.folds()) {
        pieces.add(room(fold.type(), loop.extent() * count));
        Index piece = flat().times(count).plus(Index.axis(axes, count));
        Scalar load = new Scalar.Load(fold.type(), pieces.getLast(), piece, List.of());
        ofTiles.add(new Fold(fold.kind(), load));
      }
      List<Integer> kept = new ArrayList<>(loop.kept());
      kept.add(full);
      Index tile = Index.axis(axes, full);
      Index inner = tile.times(TILE).plus(Index.axis(axes + 1, TILE));
      tile(phase, kept, inner, TILE, flat().times(count).plus(tile), pieces);
      if (rest > 0) {
        Index last = Index.axis(axes, rest).plus((long) full * TILE);
        tile(phase, loop.kept(), last, rest, flat().times(count).plus(full), pieces);
      }
      local.put(p, current.size());
      current.add(new Phase(List.of(count), ofTiles, List.of()));
    }

    /**
     * Adds a loop over some inner elements of a phase.
     *
     * @param inner which these are
     * @param piece where its folds are stored
     */
    private void tile(
        Phase phase,
        List<Integer> kept,
        Index inner,
        int extent,
        Index piece,
        List<Integer> pieces) {
      Phase part = new Cutting(coordinates(phase, inner)).phase(phase);
      List<Store> folded = new ArrayList<>();
      for (int f = 0; f < pieces.size(); f++) {
        Scalar value = new Scalar.Folded(phase.folds().get(f).type(), 0, f);
        folded.add(new Store(pieces.get(f), piece, value));
      }
      drafts.add(
          new Draft(
              kept,
              List.of(
                  new Phase(List.of(extent), part.folds(), part.stores()),
                  new Phase(List.of(), List.of(), folded))));
    }

    /**
     * The stores of a phase: a loop that keeps its inner axes, whose numbers stay what they are.
     */
    private void side(Phase phase) {
      List<Integer> kept = new ArrayList<>(loop.kept());
      kept.addAll(phase.inner());
      Phase stores = new Phase(List.of(), List.of(), phase.stores());
      drafts.add(new Draft(kept, List.of(new Cutting(Map.of()).phase(stores))));
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

    /** Puts a body into another loop: its axes and its folds. */
    private final class Cutting extends Rewriting {
      private final Map<Integer, Index> axes;

      /**
       * For a loop.
       *
       * @param axes what becomes of the axes that do not stay
       */
      Cutting(Map<Integer, Index> axes) {
        this.axes = axes;
      }

      @Override
      protected Index axis(Index.Axis axis) {
        return axes.getOrDefault(axis.axis(), Index.atom(axis));
      }

      @Override
      protected Scalar folded(Scalar.Folded f) {
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
    }
  }
}
