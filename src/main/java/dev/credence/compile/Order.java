package dev.credence.compile;

import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The order in which clusters run: each when it is asked for, but one that ends the lives of more
 * bytes of scratch than it begins as soon as it can. So the gradient of a weight is made and used
 * up while what it is made of is still near, and nothing is kept for it until the end.
 */
final class Order {
  private final Map<Cluster, Set<Cluster>> waits;
  private final Predicate<Tensor> isScratch;
  private final Map<Cluster, Integer> place = new IdentityHashMap<>();
  private final Map<Cluster, Set<Tensor>> reads = new IdentityHashMap<>();
  private final Map<Tensor, List<Cluster>> readers = new IdentityHashMap<>();
  private final Map<Tensor, Integer> unread = new IdentityHashMap<>();
  private final Set<Cluster> done = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Cluster> order = new ArrayList<>();

  private Order(
      List<Cluster> clusters, Map<Cluster, Set<Cluster>> waits, Predicate<Tensor> isScratch) {
    this.waits = waits;
    this.isScratch = isScratch;
    for (Cluster cluster : clusters) {
      place.put(cluster, place.size());
      Set<Tensor> own = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Cluster.Read read : cluster.reads()) {
        if (!cluster.members.containsKey(read.tensor()) && own.add(read.tensor())) {
          readers.computeIfAbsent(read.tensor(), t -> new ArrayList<>()).add(cluster);
          unread.merge(read.tensor(), 1, Integer::sum);
        }
      }
      reads.put(cluster, own);
    }
  }

  /**
   * An order.
   *
   * @param clusters in the order in which they are asked for
   * @param waits what each must come after
   * @param isScratch whether a tensor lies in memory that others take when it is read no more
   */
  static List<Cluster> of(
      List<Cluster> clusters, Map<Cluster, Set<Cluster>> waits, Predicate<Tensor> isScratch) {
    Order order = new Order(clusters, waits, isScratch);
    clusters.forEach(order::visit);
    return order.order;
  }

  private void visit(Cluster cluster) {
    List<Cluster> before = new ArrayList<>(waits.getOrDefault(cluster, Set.of()));
    before.removeAll(done);
    before.sort(Comparator.comparingInt(this::place));
    before.forEach(this::visit);
    if (!done.contains(cluster)) {
      run(cluster);
    }
  }

  /** Takes a cluster, then those that may come at once because of it. */
  private void run(Cluster cluster) {
    Set<Cluster> open = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Cluster next = cluster; next != null; next = best(open)) {
      done.add(next);
      order.add(next);
      // Only who reads what it read or made can have become ready, or the last to read something.
      for (Tensor tensor : reads(next)) {
        unread.merge(tensor, -1, Integer::sum);
        open.addAll(readers.getOrDefault(tensor, List.of()));
      }
      for (Tensor tensor : next.members.keySet()) {
        open.addAll(readers.getOrDefault(tensor, List.of()));
      }
      open.removeAll(done);
    }
  }

  private @Nullable Cluster best(Set<Cluster> open) {
    Cluster best = null;
    long most = 0;
    for (Cluster cluster : open) {
      long freed = done.containsAll(waits.getOrDefault(cluster, Set.of())) ? freed(cluster) : 0;
      if (freed > most || (freed == most && best != null && place(cluster) < place(best))) {
        best = cluster;
        most = freed;
      }
    }
    return best;
  }

  /** Bytes of scratch whose lives a cluster ends, less those whose lives it begins. */
  private long freed(Cluster cluster) {
    long bytes = 0;
    for (Tensor tensor : reads(cluster)) {
      if (isScratch.test(tensor) && unread.getOrDefault(tensor, 0) == 1) {
        bytes += tensor.type().bytes();
      }
    }
    for (Tensor tensor : cluster.members.keySet()) {
      if (isScratch.test(tensor)) {
        bytes -= tensor.type().bytes();
      }
    }
    return bytes;
  }

  private int place(Cluster cluster) {
    return Objects.requireNonNull(place.get(cluster));
  }

  private Set<Tensor> reads(Cluster cluster) {
    return Objects.requireNonNull(reads.get(cluster));
  }
}
