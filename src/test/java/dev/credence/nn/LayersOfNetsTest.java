package dev.credence.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.TraceException;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayersOfNetsTest {
  private static final Key KEY = Key.ROOT.split("test");

  @Test
  void linearIsWeightTimesRowPlusBias() {
    Linear layer =
        new Linear(
            Compute.doubles(new double[] {1, 2, 3, 4, 5, 6}, 3, 2),
            Compute.doubles(new double[] {10, 20, 30}, 3));
    Tensor x = Compute.doubles(new double[] {1, 1, 0, -1}, 2, 2);
    assertArrayEquals(
        new double[] {13, 27, 41, 8, 16, 24}, Compute.of(layer.apply(x)), "y = x W' + b");
    assertEquals(2, layer.in());
    assertEquals(3, layer.out());
  }

  @Test
  void stackedWeightsGiveOneResultEach() {
    Tensor x = Tensor.normal(KEY.split("x"), 5, 4);
    Mlp stacked =
        Tree.map(
            Mlp.init(KEY, Activation.RELU, 4, 3, 2),
            (path, w) ->
                Tensor.normal(
                    KEY.split(path),
                    w.shape().rank() == 2
                        ? new int[] {6, w.shape().dim(0), w.shape().dim(1)}
                        : new int[] {6, w.shape().dim(0)}));
    Mlp third = Tree.map(stacked, (path, w) -> w.slice(0, 2, 3).reshape(w.shape().without(0)));
    Tensor all = stacked.apply(x);
    assertEquals(List.of(6, 5, 2), Arrays.stream(all.shape().dims()).boxed().toList());
    assertArrayEquals(Compute.of(third.apply(x)), Compute.of(all.slice(0, 2, 3).reshape(5, 2)));
  }

  @Test
  void netsDropEachWithItsOwnProbability() {
    double[] p = {0, 0.1, 0.6};
    int elements = 20_000;
    Tensor ones = Tensor.fill(1, TensorType.of(DType.FLOAT32, 3, elements / 4, 4));
    double[] dropped = Compute.of(Dropout.apply(ones, p, KEY));
    for (int k = 0; k < 3; k++) {
      int gone = 0;
      for (int i = 0; i < elements; i++) {
        double value = dropped[k * elements + i];
        gone += value == 0 ? 1 : 0;
        assertTrue(value == 0 || Math.abs(value - 1 / (1 - p[k])) < 1e-6, "" + value);
      }
      double error = Math.sqrt(p[k] * (1 - p[k]) / elements);
      assertEquals(p[k], (double) gone / elements, 5 * error);
    }
    double[] same = {0.1, 0.1, 0.1};
    assertArrayEquals(
        Compute.of(Dropout.apply(ones, 0.1, KEY)), Compute.of(Dropout.apply(ones, same, KEY)));
    for (double[] wrong : List.of(new double[] {0.1, 0.2}, new double[] {0, 0.5, 1})) {
      assertThrows(IllegalArgumentException.class, () -> Dropout.apply(ones, wrong, KEY));
    }
  }

  @Test
  void initialWeightsStayWithinTheirBounds() {
    double[] weight = Compute.of(Linear.init(KEY, 16, 64).weight());
    double[] he = Compute.of(Linear.he(KEY, 16, 4096).weight());
    double largest = 0;
    for (double w : weight) {
      largest = Math.max(largest, Math.abs(w));
    }
    double squares = 0;
    for (double w : he) {
      squares += w * w;
    }
    assertTrue(largest <= 0.25 && largest > 0.24, "largest " + largest);
    assertEquals(2.0 / 16, squares / he.length, 0.002);
  }

  @Test
  void errorsNameTheLayer() {
    Mlp net = Mlp.init(KEY, Activation.TANH, 4, 3, 2);
    Mlp broken = new Mlp(List.of(net.layers().get(0), net.layers().get(0)), net.activation());
    TraceException e =
        assertThrows(TraceException.class, () -> broken.apply(Tensor.normal(KEY, 5, 4)));
    assertTrue(String.valueOf(e.getMessage()).contains("layers.1"), e.getMessage());
  }

  @Test
  void noDropoutIsTheIdentity() {
    Tensor x = Tensor.normal(KEY, 5, 4);
    assertSame(x, Dropout.apply(x, 0, KEY));
    assertThrows(IllegalArgumentException.class, () -> Dropout.apply(x, 1, KEY));
  }

  @Test
  void dropoutDropsItsShareAndKeepsTheMean() {
    int n = 1 << 16;
    Tensor ones = Tensor.fill(1, TensorType.of(DType.FLOAT32, n / 64, 64));
    double[] y = Compute.of(Dropout.apply(ones, 0.3, KEY));
    int dropped = 0;
    for (double value : y) {
      assertTrue(value == 0 || Math.abs(value - 1 / 0.7) < 1e-6);
      dropped += value == 0 ? 1 : 0;
    }
    assertEquals(0.3, (double) dropped / n, 6 * Math.sqrt(0.3 * 0.7 / n));
  }

  @Test
  void drawsAndRowsOfAMaskCanBeHadAlone() {
    TensorType all = TensorType.of(DType.FLOAT32, 4, 3, 5);
    TensorType one = TensorType.of(DType.FLOAT32, 1, 3, 5);
    Tensor many = Dropout.apply(Tensor.fill(1, all), 0.5, KEY, true);
    Tensor third = Dropout.apply(Tensor.fill(1, one), 0.5, KEY, true);
    try (var device = new ReferenceDevice()) {
      double[] masks = Compute.all(device, 1, 0, many).get(0).doubles();
      double[] alone = Compute.all(device, 1, 2, third).get(0).doubles();
      assertArrayEquals(Arrays.copyOfRange(masks, 30, 45), alone);
    }
  }

  @Test
  void gradientsPassTheSameMask() {
    Tensor x = Tensor.fill(2, TensorType.of(DType.FLOAT32, 50, 7));
    Tensor y = Dropout.apply(x, 0.5, KEY);
    Tensor g = Gradients.of(y.sumAll(), List.of(x)).get(0);
    assertArrayEquals(Compute.of(y), Compute.of(g.mul(2)));
  }
}
