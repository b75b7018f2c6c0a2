package dev.credence.compile;

import dev.credence.tensor.Contract;
import dev.credence.tensor.Op;
import dev.credence.tensor.Origin;
import dev.credence.tensor.Pointwise;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.View;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Equal expressions become one, and a few rewritings that change no bit but the sign of a zero to
 * which 0 is added: constants are views of constants, arithmetic on constants is done now, neutral
 * elements vanish, and products take their operands' axes in any order.
 */
public final class Simplify {
  private record Same(Op op, List<Tensor> operands) {}

  private final Map<Same, Tensor> known = new HashMap<>();
  private final Map<Tensor, Tensor> rewritten = new IdentityHashMap<>();
  private final Map<Tensor, Integer> uses = new IdentityHashMap<>();

  private Simplify() {}

  /** The simplified graph. */
  public static Graph apply(Graph graph) {
    Simplify simplify = new Simplify();
    graph.roots().forEach(root -> simplify.uses.merge(root, 1, Integer::sum));
    for (Tensor node : graph.nodes()) {
      node.operands().forEach(operand -> simplify.uses.merge(operand, 1, Integer::sum));
    }
    for (Tensor node : graph.nodes()) {
      simplify.rewritten.put(node, simplify.rewrite(node));
    }
    List<Tensor> roots = new ArrayList<>();
    for (Tensor root : graph.roots()) {
      roots.add(simplify.of(root));
    }
    return graph.with(roots);
  }

  private Tensor of(Tensor node) {
    return java.util.Objects.requireNonNull(rewritten.get(node));
  }

  private Tensor rewrite(Tensor node) {
    List<Tensor> operands = node.operands().stream().map(this::of).toList();
    Tensor rule = rule(node, operands);
    if (rule != null) {
      return rule;
    }
    Same same = new Same(node.op(), operands);
    Tensor before = known.get(same);
    if (before != null) {
      return before;
    }
    Tensor kept =
        operands.equals(node.operands()) ? node : Tensor.of(node.op(), operands, node.origin());
    known.put(same, kept);
    return kept;
  }

  private @Nullable Tensor rule(Tensor node, List<Tensor> operands) {
    return switch (node.op()) {
      case Pointwise.StopGradient stop -> operands.get(0);
      case View.Broadcast view -> viewOfConstant(node, operands);
      case View.Reshape view ->
          node.shape().equals(operands.get(0).shape())
              ? operands.get(0)
              : viewOfConstant(node, operands);
      case View.Permute view -> permuted(node, view, operands);
      case Contract.Einsum einsum -> relabelled(node, einsum, operands);
      case View.Slice view -> viewOfConstant(node, operands);
      case View.Take take -> indexed(node, operands);
      case View.TakeAlong take -> indexed(node, operands);
      case Pointwise.Mul mul -> arithmetic(node, operands, 1, true);
      case Pointwise.Add add -> arithmetic(node, operands, -0.0, true);
      case Pointwise.Sub sub -> arithmetic(node, operands, 0, false);
      case Pointwise.Div div -> arithmetic(node, operands, 1, false);
      default -> null;
    };
  }

  /** A product that is only read with its axes in another order is computed in that order. */
  private @Nullable Tensor permuted(Tensor node, View.Permute view, List<Tensor> operands) {
    Tensor of = operands.get(0);
    if (of.op() instanceof Contract.Einsum einsum && uses.getOrDefault(node.operand(0), 0) == 1) {
      StringBuilder out = new StringBuilder();
      view.order().forEach(axis -> out.append(einsum.out().charAt(axis)));
      return known(
          new Contract.Einsum(einsum.a(), einsum.b(), out.toString()), of.operands(), of.origin());
    }
    return viewOfConstant(node, operands);
  }

  /** A product of operands with their axes in another order is a product with other letters. */
  private @Nullable Tensor relabelled(Tensor node, Contract.Einsum einsum, List<Tensor> operands) {
    String[] labels = {einsum.a(), einsum.b()};
    List<Tensor> plain = new ArrayList<>(operands);
    for (int i = 0; i < 2; i++) {
      if (operands.get(i).op() instanceof View.Permute view) {
        char[] letters = new char[labels[i].length()];
        for (int axis = 0; axis < letters.length; axis++) {
          letters[view.order().get(axis)] = labels[i].charAt(axis);
        }
        labels[i] = new String(letters);
        plain.set(i, operands.get(i).operand(0));
      }
    }
    Contract.Einsum other = new Contract.Einsum(labels[0], labels[1], einsum.out());
    return other.equals(einsum) || !sameOrder(einsum, other)
        ? null
        : known(other, plain, node.origin());
  }

  /** Whether two products sum over their letters in the same order, so that no bit changes. */
  private static boolean sameOrder(Contract.Einsum one, Contract.Einsum other) {
    return one.summed().equals(other.summed());
  }

  /** Indices are read from memory, so that constants and counts are copied there. */
  private @Nullable Tensor indexed(Tensor node, List<Tensor> operands) {
    Tensor index = operands.get(1);
    Tensor behind = index;
    while (behind.op() instanceof View) {
      behind = behind.operand(0);
    }
    if (!(behind.op() instanceof Source) || Candidates.isStored(behind)) {
      return null;
    }
    Tensor copy = known(new Pointwise.StopGradient(), List.of(index), index.origin());
    return known(node.op(), List.of(operands.get(0), copy), node.origin());
  }

  private Tensor known(Op op, List<Tensor> operands, Origin origin) {
    return known.computeIfAbsent(new Same(op, operands), same -> Tensor.of(op, operands, origin));
  }

  private static @Nullable Double constant(Tensor t) {
    return t.op() instanceof Source.Fill fill ? (Double) fill.value() : null;
  }

  private @Nullable Tensor viewOfConstant(Tensor node, List<Tensor> operands) {
    Double value = constant(operands.get(0));
    return value == null ? null : fill(value, node);
  }

  private Tensor fill(double value, Tensor like) {
    Source.Fill op = new Source.Fill(value, like.type());
    return known.computeIfAbsent(
        new Same(op, List.of()), same -> Tensor.of(op, List.of(), like.origin()));
  }

  /**
   * Constant folding, and x op neutral = x. Minus zero is neutral for sums: x + 0 would turn -0
   * into 0; but where a constant 0 is added, the sign of a zero is given up knowingly.
   */
  private @Nullable Tensor arithmetic(
      Tensor node, List<Tensor> operands, double neutral, boolean commutes) {
    Double a = constant(operands.get(0));
    Double b = constant(operands.get(1));
    if (b != null && b == neutral) {
      return operands.get(0);
    }
    if (commutes && a != null && a == neutral) {
      return operands.get(1);
    }
    if (a != null && b != null && node.dtype() == DType.FLOAT32) {
      float x = a.floatValue();
      float y = b.floatValue();
      return fill(
          switch (node.op()) {
            case Pointwise.Mul mul -> x * y;
            case Pointwise.Add add -> x + y;
            case Pointwise.Sub sub -> x - y;
            default -> x / y;
          },
          node);
    }
    return null;
  }
}
