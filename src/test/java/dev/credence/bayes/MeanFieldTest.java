package dev.credence.bayes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.nn.Activation;
import dev.credence.nn.Compute;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.run.Program;
import dev.credence.run.State;
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
  void chosenLayersAreRandomAndOthersPoints() {
    Mlp net = Mlp.init(KEY.split("init"), Activation.RELU, 3, 4, 2);
    Tensor x = Compute.floats(Compute.of(Tensor.normal(KEY.split("x"), 5, 3)), 5, 3);
    MeanField<Mlp> last = MeanField.init(net, 0.3, path -> path.startsWith("layers.1."));
    assertEquals(Set.of("layers.1.weight", "layers.1.bias"), last.rho().keySet());
    Linear none = last.scale().layers().get(0);
    assertArrayEquals(new double[12], Compute.of(none.weight()));

    MeanField<Linear> head = MeanField.init(net.layers().get(1), 0.3);
    Prior prior = Prior.normal(0.7);
    assertEquals(Compute.scalar(head.kl(prior)), Compute.scalar(last.kl(prior)), 1e-6);

    Tensor hidden = net.layers().get(0).apply(x).relu();
    Tensor mean = head.mean().apply(hidden);
    Tensor variance = head.variance().apply(hidden.square());
    int draws = 1 << 14;
    for (Sampling sampling : Sampling.values()) {
      Tensor z = sampling.apply(last, x, draws, KEY).sub(mean).div(variance.sqrt());
      assertArrayEquals(new int[] {draws, 5, 2}, z.shape().dims());
      double[] means = Compute.of(z.mean(0));
      double[] squares = Compute.of(z.square().mean(0));
      for (int i = 0; i < 10; i++) {
        assertEquals(0, means[i], 6 / Math.sqrt(draws), sampling.toString());
        assertEquals(1, squares[i], 6 * Math.sqrt(2.0 / draws), sampling.toString());
      }
    }
    assertThrows(IllegalArgumentException.class, () -> MeanField.init(net, 1, path -> false));
  }

  @Test
  void anInputOfZerosHasAGradientWhereOnlyWeightsAreRandom() {
    Mlp net = Mlp.init(KEY.split("init"), Activation.RELU, 3, 2);
    MeanField<Mlp> q = MeanField.init(net, 0.3, path -> path.endsWith("weight"));
    try (Device device = new ReferenceDevice();
        State<MeanField<Mlp>> state = State.of(device, 1, q)) {
      Tensor zeros = Tensor.zeros(TensorType.of(DType.FLOAT32, 4, 3));
      Tensor y = Sampling.LOCAL.apply(state.tree(), zeros, KEY);
      Tensor rho = state.tree().rho().get("layers.0.weight");
      Tensor gradient = Gradients.of(y.sumAll(), List.of(rho)).getFirst();
      try (Program program = Program.on(device, state).output("gradient", gradient).build()) {
        program.run();
        assertArrayEquals(new double[6], program.get("gradient").doubles());
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
