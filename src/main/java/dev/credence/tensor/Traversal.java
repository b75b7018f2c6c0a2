package dev.credence.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Orders of a graph's nodes. */
public final class Traversal {
  private Traversal() {}

  /** All tensors that some roots are computed from, each after its operands. */
  public static List<Tensor> postorder(List<Tensor> roots) {
    List<Tensor> order = new ArrayList<>();
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    // An explicit stack: traced graphs are deeper than the Java stack allows.
    record Visit(Tensor node, int[] next) {}
    Deque<Visit> stack = new ArrayDeque<>();
    for (Tensor root : roots) {
      if (seen.add(root)) {
        stack.push(new Visit(root, new int[1]));
      }
      while (!stack.isEmpty()) {
        Visit visit = stack.peek();
        if (visit.next[0] < visit.node.operands().size()) {
          Tensor operand = visit.node.operand(visit.next[0]++);
          if (seen.add(operand)) {
            stack.push(new Visit(operand, new int[1]));
          }
        } else {
          order.add(stack.pop().node);
        }
      }
    }
    return order;
  }
}
