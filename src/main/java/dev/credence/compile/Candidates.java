package dev.credence.compile;

import dev.credence.kernel.Index;
import dev.credence.kernel.Scalar;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Op;
import dev.credence.tensor.Pointwise;
import dev.credence.tensor.RoutineOp;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.View;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which tensors get an expression of their own, to be stored or shared, and which vanish
 * into their consumers. Recomputing a few operations is cheaper than a round trip through memory;
 * recomputing them many times is not.
 */
final class Candidates {
  /** An element is computed again if that costs less than this many simple operations... */
  private static final int CHEAP = 3;

  /** ... or, where there are several consumers of the same size, less than this many. */
  private static final int SHARED = 48;

  /** ... or, where they fit a cache, so that storing costs little, less than this many. */
  private static final int SHARED_NEAR = 8;

  /** Elements below which nothing is gained by storing. */
  private static final long FEW = 1 << 12;

  /** Elements that fit a cache beside others of their size. */
  private static final long NEAR = 1 << 17;

  /** More ops than this are not computed as one expression: no kernel is the better for it... */
  private static final int LONGEST = 1 << 12;

  /** ... and where they would be, operands of more ops than this are stored. */
  private static final int LONG = 1 << 8;

  /** Ops after one another in one expression: walks that follow them recur as often. */
  private static final int DEEPEST = 1 << 7;

  private final List<Tensor> nodes;
  private final Set<Tensor> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Tensor, Integer> cost = new IdentityHashMap<>();

  private Candidates(List<Tensor> nodes) {
    this.nodes = nodes;
  }

  /** The chosen tensors, each after those it is computed from. */
  static List<Tensor> of(Graph graph, boolean fuse) {
    Candidates candidates = new Candidates(graph.nodes());
    for (Tensor root : graph.roots()) {
      candidates.chosen.add(root);
    }
    candidates.needed(fuse);
    if (fuse) {
      candidates.cut(tensor -> tensor.op() instanceof View);
      candidates.expensive();
      candidates.cut(tensor -> true);
      candidates.settle();
    }
    return candidates.nodes.stream().filter(candidates.chosen::contains).toList();
  }

  /** Whether a tensor lies in memory whatever is chosen. */
  static boolean isStored(Tensor tensor) {
    return tensor.op() instanceof Source.Input
        || tensor.op() instanceof Source.Parameter
        || tensor.op() instanceof Source.Literal;
  }

  private static boolean isFree(Tensor tensor) {
    return tensor.op() instanceof Source;
  }

  /** What cannot be inlined at all. */
  private void needed(boolean fuse) {
    for (Tensor node : nodes) {
      switch (node.op()) {
        case Op.Folding fold -> chosen.add(node);
        case RoutineOp routine -> {
          chosen.add(node);
          node.operands().forEach(this::store);
        }
        case View.Take take -> storeIndex(node.operand(1));
        case View.TakeAlong take -> storeIndex(node.operand(1));
        default -> {
          if (!fuse && !isFree(node)) {
            chosen.add(node);
          }
        }
      }
    }
  }

  /** Wherever a raw array is needed, even constants are stored. */
  private void store(Tensor tensor) {
    if (!isStored(tensor)) {
      chosen.add(tensor);
    }
  }

  /** An index is read as it lies in memory, through views at most. */
  private void storeIndex(Tensor index) {
    Tensor behind = index;
    while (behind.op() instanceof View && !chosen.contains(behind) && isView(behind)) {
      behind = behind.operand(0);
    }
    store(behind);
  }

  /** Whether a view is no more than another way to read its operand. */
  private static boolean isView(Tensor tensor) {
    return switch (tensor.op()) {
      case View.Reshape v -> true;
      case View.Permute v -> true;
      case View.Broadcast v -> true;
      case View.Slice v -> true;
      case View.Flip v -> true;
      default -> false;
    };
  }

  /**
   * Stores parts of expressions that are too long or too deep.
   *
   * @param counted the tensors that count
   */
  private void cut(Predicate<Tensor> counted) {
    Map<Tensor, Integer> length = new IdentityHashMap<>();
    Map<Tensor, Integer> depth = new IdentityHashMap<>();
    for (Tensor node : nodes) {
      int times = tangles(node) ? 2 : 1;
      Set<Tensor> inside = new LinkedHashSet<>(node.operands());
      inside.removeIf(t -> isFree(t) || chosen.contains(t) || !counted.test(t));
      int most = 1 + times * sum(length, inside) > LONGEST ? LONG : LONGEST;
      for (Tensor operand : List.copyOf(inside)) {
        if (length.getOrDefault(operand, 0) > most || depth.getOrDefault(operand, 0) == DEEPEST) {
          chosen.add(operand);
          inside.remove(operand);
        }
      }
      length.put(node, 1 + times * sum(length, inside));
      depth.put(node, 1 + inside.stream().mapToInt(depth::get).max().orElse(0));
    }
  }

  private static int sum(Map<Tensor, Integer> numbers, Set<Tensor> of) {
    return of.stream().mapToInt(numbers::get).sum();
  }

  /** Whether an index of the operand holds one of the result twice, in a quotient and a rest. */
  private static boolean tangles(Tensor tensor) {
    return tensor.op() instanceof View.Reshape
        && !Arrays.equals(extents(tensor), extents(tensor.operand(0)));
  }

  /** Extents of the axes that are more than one position long. */
  private static int[] extents(Tensor tensor) {
    return Arrays.stream(tensor.shape().dims()).filter(extent -> extent != 1).toArray();
  }

  /** What would be computed too often. */
  private void expensive() {
    Map<Tensor, Integer> uses = new IdentityHashMap<>();
    for (Tensor node : nodes) {
      node.operands().forEach(o -> uses.merge(o, 1, Integer::sum));
      int own =
          switch (node.op()) {
            case Source source -> 0;
            case View view -> 0;
            case Draw draw -> 16;
            case Pointwise p -> weight(p);
            default -> 0;
          };
      boolean repeats =
          node.op() instanceof View
              && node.shape().size() > node.operand(0).shape().size()
              && !(node.op() instanceof View.Pad || node.op() instanceof View.Concat);
      if (repeats && cost(node.operand(0)) >= CHEAP) {
        choose(node.operand(0));
      }
      int sum = own;
      for (Tensor operand : node.operands()) {
        sum += cost(operand);
      }
      cost.put(node, Math.min(sum, 1 << 20));
      if (node.op() instanceof dev.credence.tensor.Contract) {
        for (Tensor operand : node.operands()) {
          if (cost(operand) > 0 || !isPlain(operand)) {
            choose(operand);
          }
        }
      }
    }
    for (Tensor node : nodes) {
      long size = node.shape().size();
      int least = FEW <= size && size <= NEAR ? SHARED_NEAR : SHARED;
      if (uses.getOrDefault(node, 0) > 1 && cost(node) >= least && !isFree(node)) {
        chosen.add(node);
      }
    }
  }

  private int cost(Tensor tensor) {
    if (chosen.contains(tensor)) {
      return 0;
    }
    // What is behind a view may have been chosen since.
    return tensor.op() instanceof View && tensor.operands().size() == 1
        ? cost(tensor.operand(0))
        : cost.getOrDefault(tensor, 0);
  }

  private static int weight(Pointwise op) {
    return switch (op) {
      case Pointwise.Exp x -> 6;
      case Pointwise.Expm1 x -> 8;
      case Pointwise.Log x -> 6;
      case Pointwise.Log1p x -> 8;
      case Pointwise.Softplus x -> 12;
      case Pointwise.Sigmoid x -> 8;
      case Pointwise.Tanh x -> 8;
      case Pointwise.Erf x -> 8;
      case Pointwise.Sin x -> 8;
      case Pointwise.Cos x -> 8;
      case Pointwise.Pow x -> 20;
      case Pointwise.Sqrt x -> 2;
      case Pointwise.Rsqrt x -> 4;
      case Pointwise.Div x -> 2;
      case Pointwise.StopGradient x -> 0;
      default -> 1;
    };
  }

  /** Chooses the computation behind views, since a view itself is free. */
  private void choose(Tensor tensor) {
    Tensor behind = tensor;
    while (behind.op() instanceof View
        && behind.operands().size() == 1
        && behind.operand(0).shape().size() <= behind.shape().size()
        && isPlain(behind)) {
      behind = behind.operand(0);
    }
    if (!isFree(behind)) {
      chosen.add(behind);
    } else if (!isFree(tensor)) {
      chosen.add(tensor);
    }
  }

  /** Whether reading an operand is plain strided access to something in memory. */
  private boolean isPlain(Tensor tensor) {
    Lowering lowering = new Lowering(t -> chosen.contains(t) || !(t.op() instanceof View));
    Scalar value = lowering.value(tensor, axes(tensor.shape(), 0), List.of());
    return value instanceof Scalar.Load load && load.at().isAffine() && load.guard().isEmpty();
  }

  /** The indices of some axes, numbered from a start. */
  static List<Index> axes(Shape shape, int from) {
    List<Index> axes = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      axes.add(Index.axis(from + i, shape.dim(i)));
    }
    return axes;
  }

  /** Draws that some consumer would walk in another order than their own are stored. */
  private void settle() {
    boolean changed = true;
    while (changed) {
      Set<Tensor> scattered = new LinkedHashSet<>();
      for (Tensor node : nodes) {
        if (chosen.contains(node)) {
          scattered(node, scattered);
        }
      }
      scattered.removeAll(chosen);
      changed = chosen.addAll(scattered);
    }
  }

  private void scattered(Tensor node, Set<Tensor> scattered) {
    List<Index> at;
    Map<Tensor, List<List<Index>>> draws = new HashMap<>();
    Lowering lowering =
        new Lowering(
            new Lowering.Memory() {
              @Override
              public boolean holds(Tensor tensor) {
                return isStored(tensor) || chosen.contains(tensor);
              }

              @Override
              public void drawn(Tensor draw, List<Index> at) {
                draws.computeIfAbsent(draw, d -> new ArrayList<>()).add(at);
              }
            });
    Shape walked;
    switch (node.op()) {
      case Op.Elementwise op -> {
        at = axes(node.shape(), 0);
        lowering.compute(node, at, List.of());
        walked = node.shape();
      }
      case dev.credence.tensor.Reduce.OverAxes op -> {
        walked = node.operand(0).shape();
        at = axes(walked, 0);
        lowering.value(node.operand(0), at, List.of());
      }
      case Op.Folding op -> {
        Shape inner = op.inner(node.operands().stream().map(Tensor::type).toList());
        walked = node.shape().around(inner);
        lowering.fold(node, axes(node.shape(), 0), axes(inner, node.shape().rank()));
      }
      default -> {
        return;
      }
    }
    draws.forEach(
        (draw, places) -> {
          if (draw != node && !places.stream().allMatch(p -> contiguous(draw, p, walked))) {
            scattered.add(draw);
          }
        });
  }

  /** Whether a draw is walked element by element in its own order, each element once. */
  private static boolean contiguous(Tensor draw, List<Index> at, Shape walked) {
    boolean samples = ((Draw) draw.op()).layout().samples();
    Shape own = samples ? draw.shape().without(0) : draw.shape();
    List<Index> place = samples ? at.subList(1, at.size()) : at;
    if (draw.shape().size() != walked.size()) {
      return false;
    }
    // The walk's trailing axes cover the draw; the leading one, if any, is the sample.
    Index flat = View.flatten(place, own);
    Index walk = View.flatten(axes(walked, 0), walked);
    return flat.equals(samples ? walk.mod(Math.max(1, own.size())) : walk);
  }
}
