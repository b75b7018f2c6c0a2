package dev.credence.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.LearnedDropout;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.nn.Activation;
import dev.credence.nn.Compute;
import dev.credence.nn.ImageFormat;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.train.Adam;
import dev.credence.train.LearningRate;
import dev.credence.train.Trainer;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nets whose dropout is learned. */
class ConcreteDropoutNetTest {
  private static final Key KEY = Key.ROOT.split("test");

  private static <T> T constant(T tree) {
    return Tree.map(tree, (path, leaf) -> Compute.floats(Compute.of(leaf), leaf.shape().dims()));
  }

  @Test
  void everyLayeredNetHasIt() {
    ImageFormat format = new ImageFormat(1, 16, 16);
    LearnedDropout<LeNet> lenet =
        constant(
            LearnedDropout.init(LeNet.init(KEY, format, 3), 0.3, path -> !path.equals("conv1")));
    assertEquals(Set.of("conv2", "ip1", "ip2"), lenet.dropout().keySet());
    Tensor x = constant(Tensor.uniform(KEY.split("x"), 2, 256));
    assertEquals(Shape.of(2, 3), lenet.draw(x, KEY).shape());
    try (Device device = new ReferenceDevice()) {
      double[] all = Compute.all(device, 1, 0, lenet.draws(x, 4, KEY)).get(0).doubles();
      double[] third = Compute.all(device, 1, 2, lenet.draws(x, 1, KEY)).get(0).doubles();
      assertArrayEquals(Arrays.copyOfRange(all, 12, 18), third);
      assertTrue(!Arrays.equals(third, Arrays.copyOfRange(all, 0, 6)));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> LearnedDropout.init(lenet.net(), 0.3, path -> path.equals("conv3")));
  }

  /** Layers without dropout cost l^2 / 2 for the sum of squares, with it what the paper says. */
  @Test
  void divergencesOfLayersAdd() {
    Mlp net = constant(Mlp.init(KEY, Activation.RELU, 3, 4, 2));
    var learned = LearnedDropout.init(net, 0.2, path -> path.equals("layers.1"));
    double first = Compute.scalar(net.layers().get(0).weight().square().sumAll());
    double second = Compute.scalar(net.layers().get(1).weight().square().sumAll());
    double entropy = -0.2 * Math.log(0.2) - 0.8 * Math.log(0.8);
    assertEquals(
        0.25 / 2 * first + 0.25 / (2 * 0.8) * second - 4 * entropy,
        Compute.scalar(learned.kl(0.5)),
        1e-5);
  }

  /** What is not known for lack of data goes: with more rows less is dropped (figure 2 there). */
  @Test
  void moreDataDropLess() {
    double few = learnedRate(4);
    double many = learnedRate(400);
    assertTrue(many < 0.5 * few, "of 4 rows " + few + ", of 400 rows " + many);
  }

  private static double learnedRate(int rows) {
    Random random = new Random(3);
    float[] x = new float[rows * 4];
    float[] y = new float[rows];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < 4; k++) {
        x[4 * i + k] = (float) random.nextGaussian();
        y[i] += x[4 * i + k];
      }
      y[i] += (float) random.nextGaussian();
    }
    Mlp net = Mlp.init(KEY, Activation.RELU, 4, 1);
    var model = new ConcreteDropoutNet<Mlp>(rows, new Likelihood.Gaussian(1), 0.1);
    var settings = new Trainer.Settings(300, rows, 1, new Adam(), LearningRate.constant(0.02));
    try (Device device = new ReferenceDevice();
        State<Examples> data =
            State.of(
                device,
                0,
                new Examples(
                    Tensor.zeros(TensorType.of(DType.FLOAT32, rows, 4)),
                    Tensor.zeros(TensorType.of(DType.FLOAT32, rows))))) {
      data.write(data.tree().x(), x);
      data.write(data.tree().y(), y);
      try (var trainer = new Trainer<>(model, LearnedDropout.init(net, 0.3), data, settings)) {
        trainer.fit(p -> true);
        var weights = trainer.weights();
        float logit =
            weights.read(weights.tree().dropout().values().iterator().next().logit()).floats()[0];
        return 1 / (1 + Math.exp(-logit));
      }
    }
  }
}
