package dev.credence.grad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.run.EveryDevice;
import dev.credence.run.HostArray;
import dev.credence.run.Traced;
import dev.credence.tensor.Example;
import dev.credence.tensor.OpExamples;
import dev.credence.type.DType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients, and gradients of gradients, are what central differences in float64 say. */
class GradientLawsTest {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;

  static List<Example> all() {
    return OpExamples.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void agreesWithDifferences(Example example) {
    try (Traced traced = new Traced(example, EveryDevice.REFERENCE, DType.FLOAT64, true)) {
      Map<String, HostArray> results = traced.run();
      for (int i = 0; i < traced.floats().size(); i++) {
        int operand = traced.operands().indexOf(traced.floats().get(i));
        compare(traced, operand, "functional", results, "gradient " + i);
        compare(traced, operand, "functional of gradients", results, "second gradient " + i);
      }
    }
  }

  private static void compare(
      Traced traced, int operand, String scalar, Map<String, HostArray> results, String gradient) {
    double[] claimed = Objects.requireNonNull(results.get(gradient)).doubles();
    double[] x = traced.values(operand);
    for (int i = 0; i < x.length; i++) {
      double slope =
          (at(traced, operand, x, i, STEP, scalar) - at(traced, operand, x, i, -STEP, scalar))
              / (2 * STEP);
      double margin = TOLERANCE * Math.max(1, Math.abs(slope));
      assertEquals(slope, claimed[i], margin, gradient + ", element " + i);
    }
    traced.set(operand, x);
  }

  private static double at(
      Traced traced, int operand, double[] x, int i, double step, String scalar) {
    double[] moved = x.clone();
    moved[i] += step;
    traced.set(operand, moved);
    return traced.run(scalar);
  }
}
