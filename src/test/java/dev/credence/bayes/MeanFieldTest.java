package dev.credence.bayes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.nn.Activation;
import dev.credence.nn.Compute;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MeanFieldTest {
  private static final Key KEY = Key.ROOT.split("test");

  @Test
  void startsAtTheScaleAskedFor() {
    for (double scale : new double[] {1e-6, 0.05, 1, 50}) {
      Tensor weights = Compute.doubles(new double[] {1, 2}, 2);
      MeanField<Tensor> q = MeanField.init(weights, scale);
      assertArrayEquals(new double[] {scale, scale}, Compute.of(q.scale()), 1e-9 * scale);
      assertArrayEquals(new double[] {1, 2}, Compute.of(q.mean()));
    }
    Tensor zeros = Compute.doubles(new double[1], 1);
    assertThrows(IllegalArgumentException.class, () -> MeanField.init(zeros, 0));
  }

  @Test
  void takesAnyTree() {
    record Odd(List<Tensor> list, Map<String, Tensor> map, String name) {}
    Tensor leaf = Compute.doubles(new double[] {0, 0, 0}, 3);
    Odd odd = new Odd(List.of(leaf, leaf), Map.of("a", leaf), "kept");
    MeanField<Odd> q = MeanField.init(odd, 0.1);
    assertEquals(Set.of("list.0", "list.1", "map.a"), Tree.leaves(q.sample(KEY)).keySet());
    assertEquals("kept", q.sample(KEY).name());
    assertEquals(6, Tree.list(q).size());
  }

  @Test
  void klSumsOverAllWeights() {
    Linear weights =
        new Linear(
            Compute.doubles(new double[] {1, -2}, 1, 2), Compute.doubles(new double[] {3}, 1));
    double s = 0.25;
    double s0 = 2;
    double r = s / s0;
    double wanted = (1 + 4 + 9) / (2 * s0 * s0) + 3 * (0.5 * (r * r - 1) - Math.log(r));
    Tensor kl = MeanField.init(weights, s).kl(Prior.normal(s0));
    assertEquals(wanted, Compute.scalar(kl), 1e-9);
  }

  @Test
  void aPriorMayDifferFromArrayToArray() {
    Linear weights =
        new Linear(Compute.doubles(new double[2], 1, 2), Compute.doubles(new double[1], 1));
    Prior prior = (path, type) -> Prior.normal(path.equals("bias") ? 3 : 2).of(path, type);
    double wanted = 0;
    for (double s0 : new double[] {2, 2, 3}) {
      wanted += 0.5 * (1 / (s0 * s0) - 1) + Math.log(s0);
    }
    assertEquals(wanted, Compute.scalar(MeanField.init(weights, 1).kl(prior)), 1e-9);
  }

  @Test
  void drawAloneEqualsDrawOfMany() {
    // Constants, since an expression that draws would follow the first sample, too.
    Mlp net =
        Tree.map(
            Mlp.init(KEY.split("init"), Activation.RELU, 3, 4, 2),
            (path, w) -> Compute.floats(Compute.of(w), w.shape().dims()));
    MeanField<Mlp> q = MeanField.init(net, 0.3);
    Tensor x = Compute.floats(Compute.of(Tensor.normal(KEY.split("x"), 5, 3)), 5, 3);
    try (Device device = new ReferenceDevice()) {
      for (Sampling sampling : Sampling.values()) {
        Tensor many = sampling.apply(q, x, 40, KEY);
        Tensor one = sampling.apply(q, x, 1, KEY);
        double[] all = Compute.all(device, 7, 0, many).get(0).doubles();
        double[] alone = Compute.all(device, 7, 37, one).get(0).doubles();
        assertArrayEquals(Arrays.copyOfRange(all, 370, 380), alone, sampling.toString());
        double[] without = Compute.all(device, 7, 37, sampling.apply(q, x, KEY)).get(0).doubles();
        assertArrayEquals(alone, without, sampling.toString());
      }
    }
  }

  @Test
  void elboKeepsItsContract() {
    Elbo elbo =
        new Elbo(Compute.doubles(new double[] {0.5}), Compute.doubles(new double[] {3}), 20);
    assertEquals(10, Compute.scalar(elbo.nll()));
    assertEquals(-13, Compute.scalar(elbo.elbo()));
    assertEquals(0.65, Compute.scalar(elbo.loss()), 1e-12);
    assertEquals(0, Compute.scalar(Elbo.deterministic(elbo.meanNll(), 20).kl()));
    Tensor row = Compute.doubles(new double[] {1, 2}, 2);
    assertThrows(IllegalArgumentException.class, () -> new Elbo(row, elbo.kl(), 20));
  }

  @Test
  void typesAreKept() {
    MeanField<Tensor> q = MeanField.init(Tensor.zeros(TensorType.of(DType.FLOAT64, 2)), 1);
    assertEquals(DType.FLOAT64, q.sample(KEY).dtype());
    assertEquals(DType.FLOAT64, q.kl(Prior.normal(1)).dtype());
  }
}
