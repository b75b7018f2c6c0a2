package dev.credence.compile;

import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
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
  private final Predicate<Tensor> isScratch;
  private final Map<Cluster, Set<Tensor>> reads = new IdentityHashMap<>();
  private final Map<Tensor, List<Cluster>> readers = new IdentityHashMap<>();
  private final Map<Tensor, Integer> unread = new IdentityHashMap<>();
  private final Set<Cluster> done = new HashSet<>();
  private final List<Cluster> order = new ArrayList<>();

  private Order(List<Cluster> clusters, Predicate<Tensor> isScratch) {
    this.isScratch = isScratch;
    for (Cluster cluster : clusters) {
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
   * @param isScratch whether a tensor lies in memory that others take when it is read no more
   */
  static List<Cluster> of(List<Cluster> clusters, Predicate<Tensor> isScratch) {
    Order order = new Order(clusters, isScratch);
    clusters.forEach(order::visit);
    return order.order;
  }

  /** Takes a cluster, before it all that it waits for. */
  private void visit(Cluster wanted) {
    List<Cluster> open = new ArrayList<>(List.of(wanted));
    while (!open.isEmpty()) {
      Cluster cluster = open.getLast();
      List<Cluster> before = new ArrayList<>(cluster.waits);
      before.removeIf(done::contains);
      before.sort(Comparator.comparingInt((Cluster c) -> c.number).reversed());
      open.addAll(before);
      if (before.isEmpty()) {
        open.removeLast();
        if (!done.contains(cluster)) {
          run(cluster);
        }
      }
    }
  }

  /** Takes a cluster, then those that may come at once because of it. */
  private void run(Cluster cluster) {
    Set<Cluster> open = new HashSet<>();
    for (Cluster next = cluster; next != null; next = best(open)) {
      done.add(next);
      order.add(next);
      open.remove(next);
      // Only who waited for it can have become ready, and the last to read what it read freed it.
      Set<Cluster> affected = new HashSet<>(next.followers);
      for (Tensor tensor : reads(next)) {
        if (unread.merge(tensor, -1, Integer::sum) == 1) {
          affected.addAll(readers.getOrDefault(tensor, List.of()));
        }
      }
      for (Cluster other : affected) {
        if (!done.contains(other) && done.containsAll(other.waits) && freed(other) > 0) {
          open.add(other);
        }
      }
    }
  }

  private @Nullable Cluster best(Set<Cluster> open) {
    Cluster best = null;
    long most = 0;
    for (Cluster cluster : open) {
      long freed = freed(cluster);
      if (freed > most || (freed == most && best != null && cluster.number < best.number)) {
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

  private Set<Tensor> reads(Cluster cluster) {
    return Objects.requireNonNull(reads.get(cluster));
  }
}
