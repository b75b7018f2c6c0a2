package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Rewriting;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Cuts a loop with few kept elements and many inner ones into passes that threads can share. A long
 * phase becomes a pass of its own, whose units take some tiles of the inner elements each and leave
 * what they folded; the next pass begins by folding that. The shape of a sum makes this exact: the
 * tiles' sums are summed by the rule of the tile. A shorter phase is shared out by the lanes of its
 * one tile, which the next pass adds.
 */
final class LoopPasses {
  /**
   * One pass.
   *
   * @param split inner elements a unit, 0 if units are whole kept elements
   * @param tiles for a split pass, the argument that takes what the units folded, fold by fold
   */
  record Pass(Loop loop, long split, List<Integer> tiles) {}

  /** Points from which on a phase is worth splitting. */
  private static final long LONG = 1 << 16;

  private final int threads;
  private final List<Argument> arguments;
  private final List<Pass> passes = new ArrayList<>();

  private LoopPasses(Loop loop, int threads) {
    this.threads = threads;
    arguments = new ArrayList<>(loop.arguments());
  }

  /** The passes of a loop; arguments beyond its own are room that the passes share. */
  static List<Pass> of(Loop loop, int threads) {
    LoopPasses passes = new LoopPasses(loop, threads);
    passes.cut(loop.name(), loop.kept(), loop.phases());
    return List.copyOf(passes.passes);
  }

  private void cut(String name, List<Integer> kept, List<Phase> phases) {
    if (ProductPasses.isChain(phases.get(0)) && cutProduct(name, kept, phases)) {
      return;
    }
    if (sharesLanes(kept, phases.get(0))) {
      cutLanes(name, kept, phases);
      return;
    }
    boolean splits = phases.stream().anyMatch(p -> splits(kept, p));
    if (!splits) {
      passes.add(new Pass(new Loop(name, kept, phases, List.copyOf(arguments)), 0, List.of()));
      return;
    }
    Phase first = phases.get(0);
    List<Phase> rest = phases.subList(1, phases.size());
    if (splits(kept, first)) {
      cutSplit(name, kept, first, rest);
    } else {
      cutWhole(name, kept, first, rest);
    }
  }

  /** The first phase as a matrix product, if it can be made one. */
  private boolean cutProduct(String name, List<Integer> kept, List<Phase> phases) {
    Loop whole = new Loop(name, kept, phases, List.copyOf(arguments));
    Optional<List<Loop>> product = ProductPasses.of(whole);
    if (product.isPresent()) {
      add(product.get());
      return true;
    }
    // Whatever the later phases do with the sums, they can read them from memory.
    int argument = arguments.size();
    Scalar.Folded folded = new Scalar.Folded(DType.FLOAT32, 0, 0);
    List<Argument> more = new ArrayList<>(arguments);
    more.add(new Argument(DType.FLOAT32, Loop.size(kept), true));
    Phase store = new Phase(List.of(), List.of(), List.of(new Store(argument, flat(kept), folded)));
    product = ProductPasses.of(new Loop(name, kept, List.of(phases.get(0), store), more));
    if (product.isEmpty()) {
      return false;
    }
    arguments.add(more.get(argument));
    add(product.get());
    if (phases.size() > 1) {
      Scalar load = new Scalar.Load(DType.FLOAT32, argument, flat(kept), List.of());
      cut(name, kept, new Replacing(Map.of(folded, load)).phases(phases.subList(1, phases.size())));
    }
    return true;
  }

  private void add(List<Loop> loops) {
    for (Loop loop : loops) {
      passes.add(new Pass(loop, 0, List.of()));
    }
    List<Argument> used = loops.get(loops.size() - 1).arguments();
    arguments.addAll(used.subList(arguments.size(), used.size()));
  }

  private boolean splits(List<Integer> kept, Phase phase) {
    long elements = Loop.size(kept);
    return threads > 1
        && elements > 0
        && phase.extent() >= 4 * BlockLayout.SUM_TILE
        && elements * phase.extent() >= LONG
        && (elements == 1 || BlockLayout.isGrid(new Loop("", kept, List.of(phase), arguments)))
        && phase.folds().stream().allMatch(LoopPasses::splits);
  }

  private static boolean splits(Fold fold) {
    return switch (fold.kind()) {
      case SUM, MAX, MIN -> true;
      case RUNNING_SUM, CHAIN, ARGMAX, ARGMIN -> false;
    };
  }

  /** The first phase as a split pass; what is left begins by folding what its units folded. */
  private void cutSplit(String name, List<Integer> kept, Phase first, List<Phase> rest) {
    long tiles = Math.ceilDiv(first.extent(), BlockLayout.SUM_TILE);
    boolean sums = first.folds().stream().anyMatch(f -> f.kind() == FoldKind.SUM);
    boolean onlySums = first.folds().stream().allMatch(f -> f.kind() == FoldKind.SUM);
    // A sum leaves a number a tile, the others one a unit; where both are, a unit is a tile.
    long tilesPerUnit = sums && !onlySums ? 1 : Math.max(1, tiles / (16L * threads));
    long split = tilesPerUnit * BlockLayout.SUM_TILE;
    int pieces = (int) (sums ? tiles : Math.ceilDiv(tiles, tilesPerUnit));
    long elements = Loop.size(kept);
    List<Integer> left = new ArrayList<>();
    List<Fold> folds = new ArrayList<>();
    for (Fold fold : first.folds()) {
      DType type = fold.type() == DType.BOOL ? DType.INT32 : fold.type();
      int argument = arguments.size();
      arguments.add(new Argument(type, pieces * elements, true));
      left.add(argument);
      folds.add(new Fold(fold.kind(), piece(kept, pieces, elements, type, argument, fold)));
    }
    Loop loop = new Loop(name, kept, List.of(first), List.copyOf(arguments));
    passes.add(new Pass(loop, split, left));
    if (folds.isEmpty() && rest.isEmpty()) {
      return;
    }
    List<Phase> next = new ArrayList<>();
    next.add(new Phase(folds.isEmpty() ? List.of() : List.of(pieces), folds, List.of()));
    next.addAll(rest);
    cut(name, kept, next);
  }

  /** What a unit folded, at [piece][kept element]. */
  private static Scalar piece(
      List<Integer> kept, int pieces, long elements, DType type, int argument, Fold fold) {
    Index at = flat(kept).plus(Index.axis(kept.size(), pieces).times(elements));
    Scalar load = new Scalar.Load(type, argument, at, List.of());
    return fold.type() == DType.BOOL ? new Scalar.Cast(DType.BOOL, load) : load;
  }

  private static Index flat(List<Integer> kept) {
    Index flat = Index.ZERO;
    long stride = 1;
    for (int axis = kept.size() - 1; axis >= 0; axis--) {
      flat = flat.plus(Index.axis(axis, kept.get(axis)).times(stride));
      stride *= kept.get(axis);
    }
    return flat;
  }

  /** Whether a phase sums rows enough to share out, and is no longer than one tile of a sum. */
  private boolean sharesLanes(List<Integer> kept, Phase phase) {
    long elements = Loop.size(kept);
    return threads > 1
        && phase.extent() > BlockLayout.SUM_LANES
        && phase.extent() <= BlockLayout.SUM_TILE
        && phase.extent() % BlockLayout.SUM_LANES == 0
        && rows(phase).size() == 1
        && elements * phase.extent() >= LONG
        && BlockLayout.isGrid(new Loop("", kept, List.of(phase), arguments))
        && !phase.folds().isEmpty()
        && phase.folds().stream().allMatch(LoopPasses::splits);
  }

  /** The inner axes that move. */
  private static List<Integer> rows(Phase phase) {
    return phase.inner().stream().filter(extent -> extent > 1).toList();
  }

  /**
   * The first phase as a pass whose kept elements are the lanes of its sums, each of which adds its
   * values in ascending order; what is left begins by adding the lanes.
   */
  private void cutLanes(String name, List<Integer> kept, List<Phase> phases) {
    Phase first = phases.get(0);
    int lanes = BlockLayout.SUM_LANES;
    int turns = Math.toIntExact(first.extent() / lanes);
    List<Integer> laned = new ArrayList<>();
    laned.add(lanes);
    laned.addAll(kept);
    Index row = Index.axis(laned.size(), turns).times(lanes).plus(Index.axis(0, lanes));
    Rewriting moving =
        new Rewriting() {
          @Override
          protected Index axis(Index.Axis axis) {
            return axis.axis() < kept.size() ? Index.axis(axis.axis() + 1, axis.extent()) : row;
          }
        };
    Phase moved = moving.phase(first);
    List<Fold> folds = new ArrayList<>();
    List<Fold> ofLanes = new ArrayList<>();
    List<Store> stores = new ArrayList<>();
    for (Fold fold : moved.folds()) {
      boolean sum = fold.kind() == FoldKind.SUM;
      folds.add(new Fold(sum ? FoldKind.RUNNING_SUM : fold.kind(), fold.value()));
      int argument = arguments.size();
      arguments.add(new Argument(fold.type(), Loop.size(laned), true));
      Scalar folded = new Scalar.Folded(fold.type(), 0, stores.size());
      stores.add(new Store(argument, flat(laned), folded));
      Scalar lane = piece(kept, lanes, Loop.size(kept), fold.type(), argument, fold);
      ofLanes.add(new Fold(fold.kind(), lane));
    }
    Phase adding = new Phase(List.of(turns), folds, moved.stores());
    Phase storing = new Phase(List.of(), List.of(), stores);
    Loop loop = new Loop(name, laned, List.of(adding, storing), List.copyOf(arguments));
    passes.add(new Pass(loop, 0, List.of()));
    List<Phase> next = new ArrayList<>(phases);
    next.set(0, new Phase(List.of(lanes), ofLanes, List.of()));
    cut(name, kept, next);
  }

  /** The first phase as a pass of its own, its folds stored for the phases after it. */
  private void cutWhole(String name, List<Integer> kept, Phase first, List<Phase> rest) {
    long elements = Loop.size(kept);
    Map<Scalar.Folded, Scalar> stored = new HashMap<>();
    List<Store> stores = new ArrayList<>();
    for (int f = 0; f < first.folds().size(); f++) {
      Fold fold = first.folds().get(f);
      int argument = arguments.size();
      arguments.add(new Argument(fold.type(), elements, true));
      Scalar.Folded folded = new Scalar.Folded(fold.type(), 0, f);
      stores.add(new Store(argument, flat(kept), folded));
      stored.put(folded, new Scalar.Load(fold.type(), argument, flat(kept), List.of()));
    }
    List<Phase> alone = new ArrayList<>();
    alone.add(first);
    if (!stores.isEmpty()) {
      alone.add(new Phase(List.of(), List.of(), stores));
    }
    passes.add(new Pass(new Loop(name, kept, alone, List.copyOf(arguments)), 0, List.of()));
    if (!rest.isEmpty()) {
      cut(name, kept, new Replacing(stored).phases(rest));
    }
  }

  /** Puts loads in the place of the first phase's folds, and counts the phases down by one. */
  private static final class Replacing extends Rewriting {
    private final Map<Scalar.Folded, Scalar> stored;

    Replacing(Map<Scalar.Folded, Scalar> stored) {
      this.stored = stored;
    }

    List<Phase> phases(List<Phase> phases) {
      return phases.stream().map(this::phase).toList();
    }

    @Override
    protected Scalar folded(Scalar.Folded folded) {
      if (folded.phase() > 0) {
        return new Scalar.Folded(folded.type(), folded.phase() - 1, folded.fold());
      }
      Scalar load = stored.get(folded);
      if (load == null) {
        throw new IllegalArgumentException("there is no fold " + folded);
      }
      return load;
    }
  }
}
