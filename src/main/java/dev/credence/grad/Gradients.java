package dev.credence.grad;

import dev.credence.tensor.Tensor;
import dev.credence.tensor.Traversal;
import dev.credence.tensor.Tree;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reverse-mode differentiation of graphs: a graph in, a graph out. There is no tape and nothing to
 * reset; the result is made of tensors and can be differentiated again.
 */
public final class Gradients {
  private Gradients() {}

  /**
   * The gradients of a scalar with respect to some tensors, each of that tensor's type; zeros where
   * the scalar does not depend on it.
   *
   * @throws IllegalArgumentException if the first is not a floating-point scalar, or if one of the
   *     others is not of floating-point type: integers and truth values have no gradient
   */
  public static List<Tensor> of(Tensor scalar, List<Tensor> with) {
    if (scalar.shape().rank() != 0 || !scalar.dtype().isFloat()) {
      throw new IllegalArgumentException(
          "a gradient is that of a floating-point scalar, not of "
              + scalar.type()
              + "; sum or average it first (at "
              + scalar.origin()
              + ")");
    }
    for (Tensor x : with) {
      if (!x.dtype().isFloat()) {
        throw new IllegalArgumentException(
            "integers and truth values have no gradient, but one with respect to "
                + x.type()
                + " was asked for (made at "
                + x.origin()
                + ")");
      }
    }
    List<Tensor> order = order(scalar, with);
    Map<Tensor, Tensor> gradient = new IdentityHashMap<>();
    Map<Tensor, Boolean> reaches = new IdentityHashMap<>();
    order.forEach(t -> reaches.put(t, true));
    gradient.put(scalar, Tensor.fill(1, scalar.type()));
    for (int i = order.size() - 1; i >= 0; i--) {
      Tensor node = order.get(i);
      Tensor g = gradient.get(node);
      if (g == null || node.operands().isEmpty()) {
        continue;
      }
      List<@Nullable Tensor> parts = node.op().vjp(node, g);
      for (int k = 0; k < node.operands().size(); k++) {
        Tensor operand = node.operand(k);
        Tensor part = parts.get(k);
        if (part != null && reaches.containsKey(operand)) {
          check(node, operand, part);
          gradient.merge(operand, part, Tensor::add);
        }
      }
    }
    List<Tensor> result = new ArrayList<>();
    for (Tensor x : with) {
      Tensor g = gradient.get(x);
      result.add(g == null ? x.zerosLike() : g);
    }
    return result;
  }

  /** The gradient with respect to every leaf of a tree, as a tree of the same build. */
  public static <T> T of(Tensor scalar, T tree) {
    return Tree.with(tree, of(scalar, Tree.list(tree)));
  }

  private static void check(Tensor node, Tensor operand, Tensor part) {
    if (!part.type().equals(operand.type())) {
      throw new AssertionError(
          "the gradient that "
              + node.op()
              + " gives its operand "
              + operand.type()
              + " is "
              + part.type());
    }
  }

  /** The tensors between some leaves and a root, operands before their use. */
  private static List<Tensor> order(Tensor root, List<Tensor> leaves) {
    Map<Tensor, Boolean> needed = new IdentityHashMap<>();
    leaves.forEach(leaf -> needed.put(leaf, true));
    List<Tensor> order = new ArrayList<>();
    for (Tensor node : Traversal.postorder(List.of(root))) {
      boolean reaches = needed.containsKey(node);
      for (Tensor operand : node.operands()) {
        reaches |= needed.getOrDefault(operand, false);
      }
      if (reaches) {
        needed.put(node, true);
        order.add(node);
      }
    }
    return order;
  }
}
