package dev.credence.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.List;
import java.util.Random;

/** Gradients of layers against central differences in float64. */
public final class Slopes {
  private static final double STEP = 1e-5;

  private Slopes() {}

  /** Normal numbers of a float64 array, the same in every run. */
  public static Tensor numbers(long seed, int... dims) {
    Random random = new Random(seed);
    int size = 1;
    for (int dim : dims) {
      size *= dim;
    }
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextGaussian();
    }
    return Compute.doubles(values, dims);
  }

  /**
   * Checks the gradient of every leaf of a tree, of the outputs weighted by numbers of their own.
   *
   * @param inputs a tree of float64 expressions
   * @param outputs of the inputs
   */
  public static <T> void assertAsDifferences(T inputs, Outputs<T> outputs) {
    try (var device = new ReferenceDevice();
        State<T> state = State.of(device, 1, inputs)) {
      Tensor y = outputs.of(state.tree());
      Tensor scalar = y.mul(numbers(99, y.shape().dims())).sumAll();
      List<Tensor> leaves = Tree.list(state.tree());
      List<Tensor> gradients = Gradients.of(scalar, leaves);
      Program.Builder builder = Program.on(device, state).output("scalar", scalar);
      for (int i = 0; i < leaves.size(); i++) {
        builder.output("gradient" + i, gradients.get(i));
      }
      try (Program program = builder.build()) {
        program.run();
        for (int i = 0; i < leaves.size(); i++) {
          double[] claimed = program.get("gradient" + i).doubles();
          double[] at = state.read(leaves.get(i)).doubles();
          for (int k = 0; k < at.length; k++) {
            double slope =
                (moved(program, state, leaves.get(i), at, k, STEP)
                        - moved(program, state, leaves.get(i), at, k, -STEP))
                    / (2 * STEP);
            assertEquals(
                slope,
                claimed[k],
                1e-6 * Math.max(1, Math.abs(slope)),
                "leaf " + i + ", element " + k);
          }
          state.write(leaves.get(i), at);
          program.run();
        }
      }
    }
  }

  /** What is differentiated. */
  @FunctionalInterface
  public interface Outputs<T> {
    Tensor of(T inputs);
  }

  private static double moved(
      Program program, State<?> state, Tensor leaf, double[] at, int k, double step) {
    double[] other = at.clone();
    other[k] += step;
    state.write(leaf, other);
    program.run();
    return program.get("scalar").doubles()[0];
  }
}
