package dev.credence.compile;

import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Traversal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What a program is to compute: named outputs, and new values of parameters.
 *
 * @param outputs what the caller reads
 * @param updates what parameters become after the run; each parameter at most once
 */
public record Graph(List<Output> outputs, List<Update> updates) {
  /** A tensor that the caller reads by name. */
  public record Output(String name, Tensor value) {}

  /** A parameter and what it becomes. */
  public record Update(Tensor parameter, Tensor value) {}

  public Graph {
    outputs = List.copyOf(outputs);
    updates = List.copyOf(updates);
    Set<String> names = new HashSet<>();
    for (Output output : outputs) {
      if (!names.add(output.name)) {
        throw new IllegalArgumentException("there are two outputs called " + output.name);
      }
    }
    Set<Object> updated = new HashSet<>();
    for (Update update : updates) {
      if (!(update.parameter.op() instanceof Source.Parameter parameter)) {
        throw new IllegalArgumentException(
            "only a parameter can be updated, not " + update.parameter);
      }
      if (!updated.add(parameter)) {
        throw new IllegalArgumentException("parameter " + parameter.path() + " is updated twice");
      }
      if (!update.value.type().equals(update.parameter.type())) {
        throw new IllegalArgumentException(
            "parameter "
                + parameter.path()
                + " is "
                + update.parameter.type()
                + ", its new value "
                + update.value.type()
                + " (at "
                + update.value.origin()
                + ")");
      }
    }
  }

  /** The tensors everything is computed for, outputs first. */
  public List<Tensor> roots() {
    List<Tensor> roots = new ArrayList<>();
    outputs.forEach(o -> roots.add(o.value));
    updates.forEach(u -> roots.add(u.value));
    return roots;
  }

  /** All tensors, each after its operands. */
  public List<Tensor> nodes() {
    return Traversal.postorder(roots());
  }

  /** This graph with other roots, in the order of {@link #roots()}. */
  Graph with(List<Tensor> roots) {
    List<Output> newOutputs = new ArrayList<>();
    List<Update> newUpdates = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      newOutputs.add(new Output(outputs.get(i).name, roots.get(i)));
    }
    for (int i = 0; i < updates.size(); i++) {
      newUpdates.add(new Update(updates.get(i).parameter, roots.get(outputs.size() + i)));
    }
    return new Graph(newOutputs, newUpdates);
  }

  /** Equal graphs have equal checksums, today and elsewhere, and others very likely not. */
  public long checksum() {
    CRC32C sum = new CRC32C();
    sum.update(toString().getBytes(StandardCharsets.UTF_8));
    for (Tensor node : nodes()) {
      if (node.op() instanceof Source.Literal literal) {
        sum.update(Arrays.toString(literal.values()).getBytes(StandardCharsets.UTF_8));
      }
    }
    return sum.getValue();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    Map<Tensor, Integer> number = new IdentityHashMap<>();
    for (Tensor node : nodes()) {
      number.put(node, number.size());
      text.append("t").append(number.get(node)).append(" = ").append(describe(node));
      node.operands().forEach(o -> text.append(" t").append(number.get(o)));
      text.append(" : ").append(node.type()).append('\n');
    }
    outputs.forEach(
        o -> text.append(o.name).append(" = t").append(number.get(o.value)).append('\n'));
    updates.forEach(
        u ->
            text.append(describe(u.parameter))
                .append(" <- t")
                .append(number.get(u.value))
                .append('\n'));
    return text.toString();
  }

  /** An op in a listing. */
  static String describe(Tensor node) {
    return switch (node.op()) {
      case Source.Input input -> "input " + input.path();
      case Source.Parameter parameter -> "parameter " + parameter.path();
      case Source.Literal literal -> "literal";
      case Source.Fill fill -> "fill " + fill.value();
      default -> node.op().toString();
    };
  }
}
