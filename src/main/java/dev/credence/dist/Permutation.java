package dev.credence.dist;

import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Numbers of a row in another order, so that a next layer moves others: x[i] = z[order[i]].
 *
 * @param order each position once
 */
public record Permutation(List<Integer> order) implements Bijector {
  /** Refuses an order that is none. */
  public Permutation {
    order = List.copyOf(order);
    if (!order.stream().sorted().toList().equals(positions(order.size()))) {
      throw new IllegalArgumentException(order + " does not name each position once");
    }
  }

  private static List<Integer> positions(int width) {
    return IntStream.range(0, width).boxed().toList();
  }

  /** The last first. */
  public static Permutation reverse(int width) {
    return new Permutation(positions(width).reversed());
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return moved(z, order);
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    return moved(x, IntStream.range(0, order.size()).map(order::indexOf).boxed().toList());
  }

  private Mapped moved(Tensor x, List<Integer> from) {
    return new Mapped(inOrder(x, from), Events.noStretch(x, 1));
  }

  private Tensor inOrder(Tensor x, List<Integer> from) {
    if (order.equals(positions(order.size()).reversed())) {
      return x.flip(-1);
    }
    double[] index = from.stream().mapToDouble(Integer::doubleValue).toArray();
    return x.take(Tensor.literal(TensorType.of(DType.INT32, index.length), index), -1);
  }
}
