package dev.credence.compile;

import dev.credence.kernel.Work;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The kernels of a program in the order in which they run.
 *
 * @param graph what they compute, each root with an expression of its own
 * @param steps in order
 * @param words layout of the parameter block
 * @param inPlace the parameters whose new value is written straight over the old one; the others
 *     are copied at the end
 */
public record Schedule(Graph graph, List<Step> steps, Words words, Map<Tensor, Tensor> inPlace) {
  /**
   * A kernel with the tensors it is bound to.
   *
   * @param arguments the tensor of each of the work's arguments
   * @param computes the tensors it computes, for errors
   */
  public record Step(Work work, List<Tensor> arguments, List<Tensor> computes) {
    /** The tensors it reads. */
    public List<Tensor> reads() {
      return byRole(false);
    }

    /** The tensors it writes. */
    public List<Tensor> writes() {
      return byRole(true);
    }

    private List<Tensor> byRole(boolean written) {
      List<Tensor> found = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i++) {
        if (work.arguments().get(i).written() == written) {
          found.add(arguments.get(i));
        }
      }
      return found;
    }
  }

  /** Bytes that all kernels together must move at least. */
  public long bytes() {
    return steps.stream().mapToLong(s -> s.work().bytes()).sum();
  }

  @Override
  public String toString() {
    Map<Tensor, String> names = new IdentityHashMap<>();
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      for (Tensor t : step.arguments()) {
        if (!names.containsKey(t)) {
          names.put(t, Candidates.isStored(t) ? Graph.describe(t) : "b" + names.size());
        }
      }
      text.append(step.work());
      text.append("with ")
          .append(step.arguments().stream().map(names::get).collect(Collectors.joining(", ")))
          .append("\n\n");
    }
    return text.toString();
  }
}
