package dev.credence.grad;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.run.EveryDevice;
import dev.credence.run.Program;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the reverse walk does between ops. */
class GradientsTest {
  private final Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, 3));

  private double[] gradient(Tensor of) {
    Tensor gradient = Gradients.of(of, List.of(x)).get(0);
    assertEquals(x.type(), gradient.type());
    try (Program program = Program.on(EveryDevice.REFERENCE).output("g", gradient).build()) {
      if (!program.inputs().isEmpty()) {
        program.set("x", new float[] {1, 2, -3});
      }
      program.run();
      return program.get("g").doubles();
    }
  }

  @Test
  void pathsAdd() {
    Tensor square = x.square();
    assertArrayEquals(
        new double[] {2 + 4 + 1, 4 + 32 + 1, -6 - 108 + 1},
        gradient(square.add(square.square()).add(x).sumAll()));
  }

  @Test
  void nothingFlowsWhereNothingDepends() {
    Tensor other = Tensor.scalar(2).exp();
    assertArrayEquals(new double[3], gradient(other));
    assertArrayEquals(new double[] {1, 2, -3}, gradient(x.mul(x.stopGradient()).sumAll()));
    assertArrayEquals(new double[3], gradient(x.cast(DType.INT32).cast(DType.FLOAT32).sumAll()));
  }

  @Test
  void castsCarryGradientsBack() {
    assertArrayEquals(new double[] {2, 4, -6}, gradient(x.cast(DType.FLOAT64).square().sumAll()));
  }

  @Test
  void anyTensorMayBeAskedFor() {
    Tensor inner = x.mul(3);
    Tensor gradient = Gradients.of(inner.square().sumAll(), List.of(inner, x)).get(0);
    try (Program program = Program.on(EveryDevice.REFERENCE).output("g", gradient).build()) {
      program.set("x", new float[] {1, 2, -3}).run();
      assertArrayEquals(new float[] {6, 12, -18}, program.get("g").floats());
    }
  }

  record Pair(Tensor a, Tensor b) {}

  @Test
  void treesGiveTrees() {
    Pair at = new Pair(x, x.exp());
    Pair gradients = Gradients.of(at.a().mul(at.b()).sumAll(), at);
    assertEquals(List.of(x.type(), x.type()), List.of(gradients.a().type(), gradients.b().type()));
  }

  @Test
  void thirdDerivative() {
    Tensor y = x.pow(3).mul(x).sumAll();
    for (int i = 0; i < 2; i++) {
      y = Gradients.of(y, List.of(x)).get(0).sumAll();
    }
    double[] third = gradient(y);
    for (int i = 0; i < 3; i++) {
      assertEquals(24 * new double[] {1, 2, -3}[i], third[i], 1e-4);
    }
  }
}
