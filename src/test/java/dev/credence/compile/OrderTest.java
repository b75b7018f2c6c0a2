package dev.credence.compile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.grad.Gradients;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps come where they keep the least alive. */
class OrderTest {
  private static final int LAYERS = 12;
  private static final int ROWS = 512;
  private static final int WIDTH = 16;

  @Test
  void aDeepNetKeepsItsActivationsAndNotTheirGradients() {
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, ROWS, WIDTH));
    List<Tensor> weights = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      Tensor weight = Tensor.parameter("w" + layer, TensorType.of(DType.FLOAT32, WIDTH, WIDTH));
      weights.add(weight);
      x = x.matmul(weight).tanh();
    }
    Tensor loss = x.sumAll();
    List<Tensor> gradients = Gradients.of(loss, weights);
    List<Graph.Update> updates = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      Tensor weight = weights.get(layer);
      updates.add(new Graph.Update(weight, weight.sub(gradients.get(layer).mul(0.1))));
    }
    Plan plan = Plan.of(new Graph(List.of(new Graph.Output("loss", loss)), updates), true);
    // One activation a layer; beside them the gradients on both sides of a layer, the product that
    // leads from one to the other, and arrays of the size of the weights.
    long activation = 4L * ROWS * WIDTH;
    assertTrue(plan.arenaBytes() < (LAYERS + 4) * activation, () -> "arena " + plan.arenaBytes());
  }
}
