package dev.credence.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.kernel.Loop;
import dev.credence.kernel.MatrixProduct;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arrays stay below 2^31 elements; the points that a product walks need not. */
class LargeDomainsTest {
  @Test
  void aProductMayWalkMorePointsThanAnArrayHas() {
    Tensor a = Tensor.input("a", TensorType.of(DType.FLOAT32, 2048, 2048));
    Tensor b = Tensor.input("b", TensorType.of(DType.FLOAT32, 2048, 2048));
    Graph graph = new Graph(List.of(new Graph.Output("c", a.matmul(b))), List.of());
    List<Schedule.Step> steps = Plan.of(graph, true).schedule().steps();
    assertEquals(1, steps.size());
    MatrixProduct product = MatrixProduct.of((Loop) steps.get(0).work()).orElseThrow();
    assertEquals(1L << 33, product.steps());
  }
}
