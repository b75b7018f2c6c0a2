package dev.credence.compile;

import dev.credence.kernel.Routine;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Op;
import dev.credence.tensor.Reduce;
import dev.credence.tensor.RoutineOp;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes few kernels of many tensors. Tensors worth an expression of their own (see Candidates) are
 * gathered into clusters that one loop can compute: each joins the latest cluster that walks the
 * same domain, reads the same arrays or its results in place, and does not wait for it by another
 * way.
 */
public final class Fuse {
  /** More arguments than this would not fit the devices' registers and parameter space. */
  private static final int MOST_ARGUMENTS = 26;

  /** Up to this many elements, a launch saved is worth joining strangers. */
  private static final int SMALL = 1 << 16;

  /** A kernel of more ops takes longer to compile than it saves. */
  private static final int MOST_OPS = 1 << 10;

  /** How many clusters a tensor may choose from: those begun last. */
  private static final int LOOK_BACK = 512;

  /** Longer rows are not read again by a later phase: one row is one thread's work. */
  private static final int LONGEST_ROW = 1 << 13;

  private final boolean fuse;
  private final List<Tensor> candidates;
  private final Set<Tensor> isCandidate = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Cluster> clusters = new ArrayList<>();
  private final Map<Tensor, Cluster> owner = new IdentityHashMap<>();
  private final Map<Tensor, Set<Tensor>> inside = new IdentityHashMap<>();

  /** What the tensor that is being placed would read in clusters of its domain. */
  private final Map<As, List<Cluster.Read>> reads = new HashMap<>();

  private record As(Cluster.Role role, List<Integer> folded) {}

  private Fuse(Graph graph, boolean fuse) {
    this.fuse = fuse;
    this.candidates = Candidates.of(graph, fuse);
    isCandidate.addAll(candidates);
  }

  /**
   * The kernels of a graph.
   *
   * @param fuse whether to fuse at all; otherwise every op is a kernel, which is slow and obvious
   */
  public static Schedule apply(Graph graph, boolean fuse) {
    Graph distinct = distinct(graph);
    return new Fuse(distinct, fuse).schedule(distinct);
  }

  /** Gives every root an expression of its own, so that each has memory of its own. */
  private static Graph distinct(Graph graph) {
    Set<Tensor> taken = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Tensor> roots = new ArrayList<>();
    for (Tensor root : graph.roots()) {
      boolean copy = root.op() instanceof dev.credence.tensor.Source || !taken.add(root);
      roots.add(copy ? root.stopGradient() : root);
    }
    return graph.with(roots);
  }

  private Schedule schedule(Graph graph) {
    for (Tensor tensor : candidates) {
      place(tensor);
    }
    Set<Tensor> stored = stored(graph);
    Words words = new Words();
    Map<Tensor, Tensor> inPlace = new IdentityHashMap<>();
    List<Cluster> order = order(graph, stored, inPlace);
    List<Schedule.Step> steps = new ArrayList<>();
    for (Cluster cluster : order) {
      Tensor first = cluster.members.keySet().iterator().next();
      if (first.op() instanceof RoutineOp routine) {
        Routine work = routine.lower(first);
        List<Tensor> arguments = new ArrayList<>(first.operands());
        arguments.add(first);
        steps.add(new Schedule.Step(work, arguments, List.of(first)));
      } else {
        steps.add(cluster.emit(stored::contains, words));
      }
    }
    return new Schedule(graph, List.copyOf(steps), words, inPlace);
  }

  // Gathering.

  private void place(Tensor tensor) {
    if (fuse && (tensor.op() instanceof Op.Elementwise || tensor.op() instanceof Reduce.OverAxes)) {
      @Nullable Join best = null;
      reads.clear();
      int oldest = Math.max(0, clusters.size() - LOOK_BACK);
      Set<Cluster> before = Cluster.before(producers(tensor), oldest);
      for (int i = clusters.size() - 1; i >= oldest; i--) {
        Cluster cluster = clusters.get(i);
        Join join = before.contains(cluster) ? null : join(tensor, cluster);
        if (join != null && (best == null || join.worth > best.worth)) {
          best = join;
        }
      }
      if (best != null) {
        apply(tensor, best);
        return;
      }
    }
    Cluster alone = alone(tensor);
    clusters.add(alone);
    own(tensor, alone, alone.reads());
  }

  private Cluster alone(Tensor tensor) {
    Cluster cluster;
    Cluster.Role role;
    switch (tensor.op()) {
      case Reduce.OverAxes fold -> {
        cluster = cluster(tensor.operand(0).shape(), fold.axes());
        role = Cluster.Role.FOLD;
      }
      case Op.Folding fold -> {
        Shape inner = fold.inner(tensor.operands().stream().map(Tensor::type).toList());
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < inner.rank(); i++) {
          axes.add(tensor.shape().rank() + i);
        }
        cluster = cluster(tensor.shape().around(inner), axes);
        role = Cluster.Role.FOLD;
      }
      default -> {
        cluster = cluster(tensor.shape(), List.of());
        role = Cluster.Role.FULL;
      }
    }
    cluster.members.put(tensor, role);
    return cluster;
  }

  private Cluster cluster(Shape domain, List<Integer> folded) {
    return new Cluster(clusters.size(), domain, folded, isCandidate::contains);
  }

  private void own(Tensor tensor, Cluster cluster, List<Cluster.Read> reads) {
    owner.put(tensor, cluster);
    cluster.arrays.add(tensor);
    cluster.ops += inside(tensor).size();
    for (Cluster.Read read : reads) {
      cluster.arrays.add(read.tensor());
      Cluster of = owner.get(read.tensor());
      if (of != null && of != cluster) {
        cluster.waitFor(of);
      }
    }
  }

  /** A way for a tensor to join a cluster, perhaps one whose domain is folded from now on. */
  private record Join(
      Cluster target, Cluster as, Cluster.Role role, List<Cluster.Read> reads, int worth) {}

  private @Nullable Join join(Tensor tensor, Cluster cluster) {
    if (cluster.isAlone()) {
      return null;
    }
    if (tensor.op() instanceof Reduce.OverAxes fold) {
      if (!tensor.operand(0).shape().equals(cluster.domain)) {
        return null;
      }
      if (cluster.folded.equals(fold.axes())) {
        return join(tensor, cluster, cluster, Cluster.Role.FOLD);
      }
      if (!cluster.folded.isEmpty()) {
        return null;
      }
      Cluster folded = cluster(cluster.domain, fold.axes());
      folded.members.putAll(cluster.members);
      if (folded.scatters() && cluster.members.keySet().stream().anyMatch(this::draws)) {
        return null;
      }
      return join(tensor, cluster, folded, Cluster.Role.FOLD);
    }
    if (tensor.shape().equals(cluster.domain)) {
      return join(tensor, cluster, cluster, Cluster.Role.FULL);
    }
    if (!cluster.folded.isEmpty() && tensor.shape().equals(cluster.keptShape())) {
      return join(tensor, cluster, cluster, Cluster.Role.KEPT);
    }
    return null;
  }

  private @Nullable Join join(Tensor tensor, Cluster target, Cluster as, Cluster.Role role) {
    if (as.scatters() && role != Cluster.Role.KEPT && draws(tensor)) {
      return null;
    }
    Map<Tensor, Cluster.Role> members = as.members;
    if (target.arrays.size() >= MOST_ARGUMENTS || target.ops + inside(tensor).size() > MOST_OPS) {
      return null;
    }
    List<Cluster.Read> own =
        reads.computeIfAbsent(new As(role, as.folded), key -> as.reads(tensor, role));
    int inPlace = 0;
    boolean waitsForFold = false;
    for (Cluster.Read read : own) {
      if (members.containsKey(read.tensor())) {
        if (!as.inPlace(read)) {
          return null;
        }
        inPlace++;
        waitsForFold |= members.get(read.tensor()) != Cluster.Role.FULL;
      }
    }
    if (role == Cluster.Role.KEPT && inPlace == 0) {
      return null;
    }
    if (role != Cluster.Role.KEPT && waitsForFold && as.innerShape().size() > LONGEST_ROW) {
      return null;
    }
    Set<Tensor> arrays = new HashSet<>(target.arrays);
    int shared = 0;
    for (Cluster.Read read : own) {
      boolean known = target.arrays.contains(read.tensor());
      shared += known && !members.containsKey(read.tensor()) ? 1 : 0;
      arrays.add(read.tensor());
    }
    if (arrays.size() >= MOST_ARGUMENTS) {
      return null;
    }
    if (inPlace == 0 && shared == 0 && as.domain.size() > SMALL) {
      return null;
    }
    return new Join(target, as, role, own, 2 * inPlace + shared);
  }

  private boolean draws(Tensor tensor) {
    return inside(tensor).stream().anyMatch(t -> t.op() instanceof Draw);
  }

  /** The clusters whose results a tensor is computed from. */
  private Set<Cluster> producers(Tensor tensor) {
    Set<Cluster> producers = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Tensor t : inside(tensor)) {
      for (Tensor operand : t.operands()) {
        Cluster of = owner.get(operand);
        if (of != null) {
          producers.add(of);
        }
      }
    }
    return producers;
  }

  /** A tensor and all that is computed with it, wherever it is: what is no candidate itself. */
  private Set<Tensor> inside(Tensor tensor) {
    return inside.computeIfAbsent(
        tensor,
        t -> {
          Set<Tensor> found = new HashSet<>(Set.of(t));
          List<Tensor> open = new ArrayList<>(found);
          while (!open.isEmpty()) {
            for (Tensor operand : open.removeLast().operands()) {
              if (!isCandidate.contains(operand) && found.add(operand)) {
                open.add(operand);
              }
            }
          }
          return found;
        });
  }

  private void apply(Tensor tensor, Join join) {
    if (join.as != join.target) {
      join.target.fold(join.as.folded);
    }
    join.target.members.put(tensor, join.role);
    own(tensor, join.target, join.reads);
  }

  // Order and memory.

  /** The tensors that must lie in memory: roots, and what another cluster reads. */
  private Set<Tensor> stored(Graph graph) {
    Set<Tensor> stored = Collections.newSetFromMap(new IdentityHashMap<>());
    stored.addAll(graph.roots());
    for (Cluster cluster : clusters) {
      for (Cluster.Read read : cluster.reads()) {
        if (owner.get(read.tensor()) != cluster) {
          stored.add(read.tensor());
        }
      }
    }
    return stored;
  }

  /** An order in which everything is ready in time and, where it can be, updates are in place. */
  private List<Cluster> order(Graph graph, Set<Tensor> stored, Map<Tensor, Tensor> inPlace) {
    Map<Tensor, Set<Cluster>> readers = new IdentityHashMap<>();
    for (Cluster cluster : clusters) {
      for (Cluster.Read read : cluster.reads()) {
        readers
            .computeIfAbsent(read.tensor(), t -> Collections.newSetFromMap(new IdentityHashMap<>()))
            .add(cluster);
      }
    }
    for (Graph.Update update : graph.updates()) {
      Cluster writer = java.util.Objects.requireNonNull(owner.get(update.value()));
      Set<Cluster> others = new LinkedHashSet<>(readers.getOrDefault(update.parameter(), Set.of()));
      others.remove(writer);
      boolean late = Cluster.before(others, writer.number).contains(writer);
      if (!late && readsInPlace(writer, update)) {
        others.forEach(writer::waitFor);
        inPlace.put(update.parameter(), update.value());
      }
    }
    Set<Tensor> lasting = Collections.newSetFromMap(new IdentityHashMap<>());
    graph.outputs().forEach(output -> lasting.add(output.value()));
    lasting.addAll(inPlace.values());
    return Order.of(
        clusters, t -> owner.containsKey(t) && stored.contains(t) && !lasting.contains(t));
  }

  /** Whether a cluster reads the old value only where, and no later than, it writes the new. */
  private static boolean readsInPlace(Cluster writer, Graph.Update update) {
    Cluster.Role role = java.util.Objects.requireNonNull(writer.members.get(update.value()));
    boolean once =
        writer.levels().entrySet().stream()
            .allMatch(
                e -> e.getValue() == 0 || writer.members.get(e.getKey()) == Cluster.Role.KEPT);
    for (var member : writer.members.entrySet()) {
      boolean kept = member.getValue() == Cluster.Role.KEPT;
      for (Cluster.Read read : writer.reads(member.getKey(), member.getValue())) {
        if (read.tensor() == update.parameter()) {
          boolean together = role == Cluster.Role.FULL ? once && !kept : kept;
          if (!together || !read.guard().isEmpty() || !read.at().equals(writer.place(role))) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
