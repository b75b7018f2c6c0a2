package dev.credence.compile;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Scalar;
import dev.credence.tensor.Op;
import dev.credence.tensor.Reduce;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.View;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tensors computed by one loop: over a domain, some of whose axes are folded. A member is full
 * (computed at every element of the domain), a fold over the folded axes, or kept (computed at
 * every element of the axes not folded).
 */
final class Cluster {
  /** How a member lies in the domain. */
  enum Role {
    FULL,
    FOLD,
    KEPT
  }

  /** A tensor in memory that a member reads, and where. */
  record Read(Tensor tensor, List<Index> at, List<Bound> guard) {}

  final Shape domain;
  List<Integer> folded;
  final Map<Tensor, Role> members = new LinkedHashMap<>();

  /** Its members and what they read. */
  final Set<Tensor> arrays = new LinkedHashSet<>();

  /** How many ops its members are computed by. */
  int ops;

  /** The clusters that must come before it. */
  final Set<Cluster> waits = new LinkedHashSet<>();

  /** The clusters that wait for it. */
  final Set<Cluster> followers = new LinkedHashSet<>();

  /** Which cluster it is, in the order in which they were begun. */
  final int number;

  /** The largest number among it and those that it waits for, by any way. */
  private int newest;

  private final Map<Tensor, List<Read>> reads = new IdentityHashMap<>();
  private final CandidateSet candidates;

  /** Which tensors the walk from consumer to producer ends at. */
  interface CandidateSet {
    boolean contains(Tensor tensor);
  }

  Cluster(int number, Shape domain, List<Integer> folded, CandidateSet candidates) {
    this.number = number;
    this.newest = number;
    this.domain = domain;
    this.folded = folded;
    this.candidates = candidates;
  }

  /** Folds other axes from now on. */
  void fold(List<Integer> axes) {
    folded = axes;
    reads.clear();
  }

  /** Comes after another from now on. */
  void waitFor(Cluster other) {
    if (!waits.add(other)) {
      return;
    }
    other.followers.add(this);
    List<Cluster> open = new ArrayList<>(List.of(this));
    while (!open.isEmpty()) {
      Cluster next = open.removeLast();
      if (next.newest < other.newest) {
        next.newest = other.newest;
        open.addAll(next.followers);
      }
    }
  }

  /**
   * The clusters that some wait for, by any way, as far as the way can lead to one whose number is
   * no smaller than this.
   */
  static Set<Cluster> before(Collection<Cluster> some, int number) {
    Set<Cluster> before = new HashSet<>();
    List<Cluster> open = new ArrayList<>(some);
    while (!open.isEmpty()) {
      for (Cluster next : open.removeLast().waits) {
        if (next.newest >= number && before.add(next)) {
          open.add(next);
        }
      }
    }
    return before;
  }

  /** Whether it has a single member of a kind that nothing joins: a product, a routine. */
  boolean isAlone() {
    Op first = members.keySet().iterator().next().op();
    return !(first instanceof Op.Elementwise) && !(first instanceof Reduce.OverAxes);
  }

  /** The domain without the folded axes. */
  Shape keptShape() {
    return domain.without(folded.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Extents of the folded axes. */
  Shape innerShape() {
    return Shape.of(folded.stream().mapToInt(domain::dim).toArray());
  }

  /** Position of the kept axes. */
  List<Index> keptAt() {
    return Candidates.axes(keptShape(), 0);
  }

  /** Position of the folded axes. */
  List<Index> innerAt() {
    return Candidates.axes(innerShape(), keptShape().rank());
  }

  /** Position in the domain. */
  List<Index> fullAt() {
    List<Index> full = new ArrayList<>(keptAt());
    List<Index> inner = innerAt();
    for (int i = 0; i < folded.size(); i++) {
      full.add(folded.get(i), inner.get(i));
    }
    return List.copyOf(full);
  }

  /** Where a member's elements stand. */
  List<Index> place(Role role) {
    return role == Role.FULL ? fullAt() : keptAt();
  }

  /** What a tensor would read as a member. */
  List<Read> reads(Tensor tensor, Role role) {
    List<Read> found = new ArrayList<>();
    Lowering lowering =
        new Lowering(
            new Lowering.Memory() {
              @Override
              public boolean holds(Tensor t) {
                return Candidates.isStored(t) || candidates.contains(t);
              }

              @Override
              public Scalar read(Tensor t, List<Index> at, List<Bound> guard, boolean raw) {
                found.add(raw ? anywhere(t) : new Read(t, at, guard));
                return Lowering.Memory.super.read(t, at, guard, raw);
              }
            });
    switch (tensor.op()) {
      case Op.Folding fold -> lowering.fold(tensor, keptAt(), innerAt());
      case Op.Elementwise op -> lowering.compute(tensor, place(role), List.of());
      default -> tensor.operands().forEach(o -> found.add(anywhere(o)));
    }
    return found;
  }

  /** A read that is never in place. */
  private static Read anywhere(Tensor tensor) {
    return new Read(tensor, List.of(), List.of(new Bound(Index.of(1), 0, 0)));
  }

  /** What the members read. */
  List<Read> reads() {
    List<Read> all = new ArrayList<>();
    members.forEach(
        (tensor, role) -> all.addAll(reads.computeIfAbsent(tensor, t -> reads(t, role))));
    return all;
  }

  /** Whether a read of a member finds the element that the loop is at. */
  boolean inPlace(Read read) {
    Role role = members.get(read.tensor);
    return role != null && read.guard.isEmpty() && read.at.equals(place(role));
  }

  /** Whether draws inlined in a tensor would be walked out of order in this domain. */
  boolean scatters() {
    int first = domain.rank() - folded.size();
    for (int i = 0; i < folded.size(); i++) {
      if (folded.get(i) != first + i) {
        return true;
      }
    }
    return false;
  }

  /** The phase in which each member's value is known: the number of folds it waits for. */
  Map<Tensor, Integer> levels() {
    Map<Tensor, Integer> levels = new LinkedHashMap<>();
    members.forEach(
        (tensor, role) -> {
          int level = 0;
          for (Read read : reads.computeIfAbsent(tensor, t -> reads(t, role))) {
            Integer of = levels.get(read.tensor);
            if (of != null) {
              level = Math.max(level, of + (members.get(read.tensor) == Role.FOLD ? 1 : 0));
            }
          }
          levels.put(tensor, level);
        });
    return levels;
  }

  /** Folds and values of a loop, made while its members are written down. */
  static final class Emission {
    final List<Loop.Argument> arguments = new ArrayList<>();
    final List<Tensor> bound = new ArrayList<>();
    private final Map<Tensor, Integer> readAs = new IdentityHashMap<>();

    int reading(Tensor tensor) {
      return readAs.computeIfAbsent(
          tensor,
          t -> {
            bound.add(t);
            arguments.add(new Loop.Argument(t.dtype(), t.shape().size(), false));
            return bound.size() - 1;
          });
    }

    int writing(Tensor tensor) {
      bound.add(tensor);
      arguments.add(new Loop.Argument(tensor.dtype(), tensor.shape().size(), true));
      return bound.size() - 1;
    }
  }

  /** The loop. */
  Schedule.Step emit(java.util.function.Predicate<Tensor> stored, Words words) {
    Emission emission = new Emission();
    Map<Tensor, Integer> levels = levels();
    Map<Tensor, Scalar> values = new IdentityHashMap<>();
    Lowering lowering =
        new Lowering(
            new Lowering.Memory() {
              @Override
              public boolean holds(Tensor t) {
                return Candidates.isStored(t) || candidates.contains(t);
              }

              @Override
              public Scalar read(Tensor t, List<Index> at, List<Bound> guard, boolean raw) {
                @Nullable Scalar own = values.get(t);
                if (own != null && !raw && inPlace(new Read(t, at, guard))) {
                  return own;
                }
                return new Scalar.Load(
                    t.dtype(), emission.reading(t), View.flatten(at, t.shape()), guard);
              }

              @Override
              public int word(Object number) {
                return words.of(number);
              }
            });
    int phases = 1;
    for (var entry : levels.entrySet()) {
      Role role = members.get(entry.getKey());
      if (role == Role.FOLD) {
        phases = Math.max(phases, entry.getValue() + 1);
      } else if (role == Role.FULL && stored.test(entry.getKey())) {
        phases = Math.max(phases, entry.getValue() + 1);
      }
    }
    List<List<Loop.Fold>> folds = new ArrayList<>();
    List<List<Loop.Store>> stores = new ArrayList<>();
    for (int p = 0; p <= phases; p++) {
      folds.add(new ArrayList<>());
      stores.add(new ArrayList<>());
    }
    boolean folding = members.containsValue(Role.FOLD);
    record Kept(Tensor tensor, Scalar value, int phase) {}
    List<Kept> writes = new ArrayList<>();
    for (var entry : members.entrySet()) {
      Tensor tensor = entry.getKey();
      int level = java.util.Objects.requireNonNull(levels.get(tensor));
      if (entry.getValue() == Role.FOLD) {
        Loop.Fold fold = lowering.fold(tensor, keptAt(), innerAt());
        values.put(tensor, new Scalar.Folded(fold.type(), level, folds.get(level).size()));
        folds.get(level).add(fold);
      } else {
        values.put(tensor, lowering.compute(tensor, place(entry.getValue()), List.of()));
      }
      if (stored.test(tensor)) {
        boolean inner = folding && entry.getValue() == Role.FULL;
        writes.add(
            new Kept(
                tensor,
                java.util.Objects.requireNonNull(values.get(tensor)),
                inner || !folding ? level : phases));
      }
    }
    for (Kept write : writes) {
      List<Index> at = place(java.util.Objects.requireNonNull(members.get(write.tensor)));
      stores
          .get(write.phase)
          .add(
              new Loop.Store(
                  emission.writing(write.tensor),
                  View.flatten(at, write.tensor.shape()),
                  write.value));
    }
    List<Loop.Phase> result = new ArrayList<>();
    for (int p = 0; p <= phases; p++) {
      if (folds.get(p).isEmpty() && stores.get(p).isEmpty()) {
        continue;
      }
      int[] inner = p == phases || !folding ? new int[0] : innerShape().dims();
      result.add(new Loop.Phase(Loop.list(inner), folds.get(p), stores.get(p)));
    }
    Loop loop = new Loop(name(), Loop.list(keptShape().dims()), result, emission.arguments);
    return new Schedule.Step(loop, emission.bound, List.copyOf(members.keySet()));
  }

  private String name() {
    StringBuilder name = new StringBuilder();
    int shown = 0;
    for (Tensor tensor : members.keySet()) {
      if (shown++ == 4) {
        return name + "+" + (members.size() - 4);
      }
      name.append(name.isEmpty() ? "" : "_").append(tensor.op().name());
    }
    return name.toString();
  }
}
