package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.Elbo;
import dev.credence.bayes.KlWeight;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.kernel.Philox;
import dev.credence.model.BayesianNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.BatchNorm;
import dev.credence.nn.Mlp;
import dev.credence.run.EveryDevice;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private static final Optimizer SGD = new Sgd();

  /** So many that the last batch of 8 is short. */
  private static final int ROWS = 21;

  private static List<EveryDevice.Setup> devices() {
    return EveryDevice.all();
  }

  @Test
  void everyEpochIsAnOrderOfItsOwn() {
    Shuffle shuffle = new Shuffle(5, 100);
    Set<String> orders = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      int[] order = shuffle.epoch(epoch).clone();
      orders.add(Arrays.toString(order));
      Arrays.sort(order);
      assertArrayEquals(IntStream.range(0, 100).toArray(), order);
    }
    assertEquals(20, orders.size());
    assertArrayEquals(shuffle.epoch(7).clone(), new Shuffle(5, 100).epoch(7));
  }

  @Test
  void anOrderFollowsItsDefinition() {
    long key = Philox.deriveKey(5, Key.ROOT.split("shuffle").stream());
    int[] order = IntStream.range(0, 150).toArray();
    for (int i = 149; i > 0; i--) {
      long bits = Integer.toUnsignedLong(Philox.bits(key, 9, 0, 0, i));
      int j = (int) (bits * (i + 1) >>> 32);
      int row = order[i];
      order[i] = order[j];
      order[j] = row;
    }
    assertArrayEquals(order, new Shuffle(5, 150).epoch(9));
  }

  /** A weight a row, which every step moves by 1 / (rows in its batch) for the rows it sees. */
  @ParameterizedTest
  @MethodSource("devices")
  void anEpochSeesEveryRowOnceAndTheLastBatchMayBeShort(EveryDevice.Setup setup) {
    Device device = setup.open();
    Tensor numbers = Tensor.zeros(TensorType.of(DType.INT32, 10));
    Tensor zeros = Tensor.zeros(TensorType.of(DType.FLOAT32, 10));
    var settings = new Trainer.Settings(3, 4, 1, SGD, LearningRate.constant(1));
    try (State<Tensor> data = State.of(device, 0, numbers)) {
      data.write(data.tree(), IntStream.range(0, 10).toArray());
      List<float[]> seen = new ArrayList<>();
      try (var trainer =
          new Trainer<Tensor, Tensor>(
              (w, rows, key) -> Elbo.deterministic(w.take(rows, 0).meanAll(), 10),
              zeros,
              data,
              settings)) {
        FitSummary summary =
            trainer.fit(p -> seen.add(trainer.weights().read(trainer.weights().tree()).floats()));
        assertEquals(9, summary.steps());
        assertEquals(3, summary.epochs());
      }
      float[] before = new float[10];
      for (float[] now : seen) {
        int shortOnes = 0;
        for (int i = 0; i < 10; i++) {
          double moved = before[i] - now[i];
          assertEquals(moved > 0.3 ? 0.5 : 0.25, moved, 1e-6);
          shortOnes += moved > 0.3 ? 1 : 0;
        }
        assertEquals(2, shortOnes);
        before = now;
      }
    }
  }

  /** A weight w whose divergence is w^2 / 2: a step takes it to w (1 - weight M / N). */
  @ParameterizedTest
  @MethodSource("devices")
  void everyBatchCarriesItsPartOfTheDivergence(EveryDevice.Setup setup) {
    Device device = setup.open();
    Tensor zeros = Tensor.zeros(TensorType.of(DType.FLOAT32, 10));
    for (KlWeight weight :
        List.of(KlWeight.UNIFORM, KlWeight.HALVING, KlWeight.HALVING.annealed(1.5))) {
      var settings = new Trainer.Settings(2, 4, 1, SGD, LearningRate.constant(1)).with(weight);
      try (State<Tensor> data = State.of(device, 0, zeros);
          var trainer =
              new Trainer<Tensor, Tensor>(
                  (w, rows, key) -> new Elbo(rows.meanAll(), w.square().mul(0.5), 10),
                  Tensor.scalar(1),
                  data,
                  settings)) {
        double wanted = 1;
        double kl = 0;
        for (int step = 0; step < 6; step++) {
          double share = step % 3 == 2 ? 0.2 : 0.4;
          kl = (step == 3 ? 0 : kl) + share * 0.5 * wanted * wanted;
          wanted *= 1 - weight.of(step / 3, step % 3, 3) * 3 / 10;
        }
        FitSummary summary = trainer.fit(p -> true);
        assertEquals(wanted, trainer.weights().read(trainer.weights().tree()).floats()[0], 1e-6);
        assertEquals(kl, summary.kl(), 1e-6);
      }
    }
  }

  /** A net that normalises its rows, and what moves as it learns. */
  private record Normalised(BatchNorm norm) implements Model<Normalised, Tensor> {
    @Override
    public Elbo elbo(Normalised net, Tensor rows, Key key) {
      Tensor loss = net.norm.train(rows).y().sub(3).square().meanAll();
      return Elbo.deterministic(loss, 10);
    }

    @Override
    public Normalised moved(Normalised net, Tensor rows, Key key) {
      return new Normalised(net.norm.train(rows).layer());
    }
  }

  /** Running statistics follow the batches, and not the gradient; shift and scale the gradient. */
  @Test
  void statisticsMoveWithTheBatchesOfTraining() {
    Normalised net = new Normalised(BatchNorm.init(1));
    float[] rows = {1, 2, 3, 4, 6};
    var settings = new Trainer.Settings(3, 5, 1, SGD, LearningRate.constant(0.25));
    try (State<Tensor> data =
        State.of(EveryDevice.REFERENCE, 0, Tensor.zeros(TensorType.of(DType.FLOAT32, 5, 1)))) {
      data.write(data.tree(), rows);
      try (var trainer = new Trainer<Normalised, Tensor>(net, net, data, settings)) {
        trainer.fit(p -> true);
        State<Normalised> weights = trainer.weights();
        BatchNorm now = weights.tree().norm();
        double kept = 0.9 * 0.9 * 0.9;
        // All rows have mean 3.2 and variance 14.8 / 4; both start at 0 and 1.
        assertEquals(3.2 * (1 - kept), weights.read(now.mean()).floats()[0], 1e-5);
        assertEquals(kept + 3.7 * (1 - kept), weights.read(now.variance()).floats()[0], 1e-5);
        // The loss is (shift - 3)^2 + scale^2 but for epsilon: both halve their way each step.
        assertEquals(3 * (1 - 0.125), weights.read(now.shift()).floats()[0], 1e-4);
        assertEquals(0.125, weights.read(now.scale()).floats()[0], 1e-4);
      }
    }
  }

  /** Of equal gradients, biases follow twice as fast, and what has factor 0 stays. */
  @Test
  void arraysMayLearnAtRatesOfTheirOwn() {
    record Weights(Tensor weight, Tensor bias, Tensor fixed) {}
    Tensor zero = Tensor.zeros(TensorType.of(DType.FLOAT32, 1));
    RateFactor biases = RateFactor.biases(2);
    var settings =
        new Trainer.Settings(3, 1, 1, new Momentum(), LearningRate.constant(0.5))
            .with(path -> path.equals("fixed") ? 0 : biases.of(path));
    try (State<Tensor> data = State.of(EveryDevice.REFERENCE, 0, zero);
        var trainer =
            new Trainer<Weights, Tensor>(
                (w, rows, key) ->
                    Elbo.deterministic(w.weight().add(w.bias()).add(w.fixed()).sumAll(), 1),
                new Weights(zero, zero, zero),
                data,
                settings)) {
      trainer.fit(p -> true);
      State<Weights> weights = trainer.weights();
      // Velocities 1, 1.9 and 2.71.
      assertEquals(-0.5 * 5.61, weights.read(weights.tree().weight()).floats()[0], 1e-5);
      assertEquals(-1.0 * 5.61, weights.read(weights.tree().bias()).floats()[0], 1e-5);
      assertEquals(0, weights.read(weights.tree().fixed()).floats()[0]);
    }
  }

  @Test
  void aListenerMayStopTraining() {
    try (Device device = new ReferenceDevice();
        State<Tensor> data = State.of(device, 0, Tensor.zeros(TensorType.of(DType.FLOAT32, 3)))) {
      var settings = new Trainer.Settings(50, 100, 1, SGD, LearningRate.constant(1e-3));
      try (var trainer =
          new Trainer<Tensor, Tensor>(
              (w, rows, key) -> Elbo.deterministic(w.sub(rows).square().meanAll(), 3),
              Tensor.scalar(1),
              data,
              settings)) {
        FitSummary summary = trainer.fit(p -> p.epoch() < 4);
        assertEquals(4, summary.epochs());
        assertEquals(4, summary.steps());
        assertEquals(0, summary.kl());
        assertEquals(3, summary.nll(), 0.1);
      }
    }
  }

  @Test
  void divergenceIsTold() {
    try (Device device = new ReferenceDevice();
        State<Tensor> data = State.of(device, 0, Tensor.zeros(TensorType.of(DType.FLOAT32, 3)))) {
      var settings = new Trainer.Settings(500, 100, 1, SGD, LearningRate.constant(1e3));
      try (var trainer =
          new Trainer<Tensor, Tensor>(
              (w, rows, key) -> Elbo.deterministic(w.sub(rows).square().meanAll(), 3),
              Tensor.scalar(1),
              data,
              settings)) {
        assertThrows(ArithmeticException.class, () -> trainer.fit(p -> true));
      }
    }
  }

  /** Trains three epochs of batches of 8 rows. */
  private static <R> R train(
      Device device,
      Sampling sampling,
      int rows,
      long seed,
      Function<Trainer<MeanField<Mlp>, Examples>, R> body) {
    Key key = Key.ROOT.split("data");
    var drawn =
        new Examples(Tensor.normal(key.split("x"), rows, 3), Tensor.normal(key.split("y"), rows));
    var settings = new Trainer.Settings(3, 8, seed, new Adam(), LearningRate.constant(0.01), 1);
    var model =
        new BayesianNet<Mlp>(
            rows, new Likelihood.SoftplusGaussian(1e-3), Prior.normal(1), sampling, 1);
    MeanField<Mlp> initial =
        MeanField.init(Mlp.init(Key.ROOT.split("init"), Activation.RELU, 3, 7, 2), 0.1);
    try (State<Examples> data = State.of(device, 9, drawn);
        var trainer = new Trainer<>(model, initial, data, settings)) {
      return body.apply(trainer);
    }
  }

  /** The bits of all weights. */
  private static int[] bits(State<?> weights) {
    return Tree.list(weights.tree()).stream()
        .flatMapToInt(
            w -> {
              float[] values = weights.read(w).floats();
              return IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i]));
            })
        .toArray();
  }

  private static int[] train(Device device, Sampling sampling, int rows, long seed) {
    return train(
        device,
        sampling,
        rows,
        seed,
        trainer -> {
          trainer.fit(p -> true);
          return bits(trainer.weights());
        });
  }

  /** Stopped after any epoch and gone on with elsewhere, training leads to the same bits. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void trainingThatIsResumedIsTrainingThatNeverStopped(int stop, @TempDir Path folder) {
    Path file = folder.resolve("training.safetensors");
    Device device = EveryDevice.REFERENCE;
    int[] wanted =
        train(
            device,
            Sampling.LOCAL,
            ROWS,
            3,
            trainer -> {
              trainer.fit(
                  p -> {
                    if (p.epoch() == stop) {
                      trainer.save(file);
                    }
                    return true;
                  });
              return bits(trainer.weights());
            });
    List<TrainingListener.Progress> heard = new ArrayList<>();
    train(
        device,
        Sampling.LOCAL,
        ROWS,
        3,
        trainer -> {
          trainer.resume(file);
          FitSummary summary = trainer.fit(heard::add);
          assertEquals(3, summary.epochs());
          assertArrayEquals(wanted, bits(trainer.weights()));
          // A fit that has ended leaves nothing to resume: the next one starts counting again.
          trainer.fit(p -> heard.add(p) && false);
          assertEquals(1, heard.getLast().epoch());
          return 0;
        });
    assertEquals(stop + 1, heard.getFirst().epoch());
    int perEpoch = Math.ceilDiv(ROWS, 8);
    assertEquals((stop + 1) * perEpoch, heard.getFirst().step());
    refusesToResume(file, ROWS, 4, "seed 3");
    refusesToResume(file, ROWS + 1, 3, "rows " + ROWS);
  }

  private static void refusesToResume(Path file, int rows, long seed, String told) {
    train(
        EveryDevice.REFERENCE,
        Sampling.LOCAL,
        rows,
        seed,
        trainer -> {
          var refused = assertThrows(IllegalArgumentException.class, () -> trainer.resume(file));
          assertTrue(refused.getMessage().contains(told), refused.getMessage());
          return 0;
        });
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void theSameSeedGivesTheSameWeights(Sampling sampling) {
    int[] first = train(EveryDevice.REFERENCE, sampling, ROWS, 3);
    int[] other = train(EveryDevice.REFERENCE, sampling, ROWS, 4);
    assertArrayEquals(first, train(EveryDevice.REFERENCE, sampling, ROWS, 3));
    assertNotEquals(Arrays.hashCode(first), Arrays.hashCode(other));
  }

  @ParameterizedTest
  @MethodSource("devices")
  void everyExactDeviceTrainsToTheSameBits(EveryDevice.Setup setup) {
    Device device = setup.open();
    Assumptions.assumeTrue(device.limits().exactFloat32(), device.name() + " is not exact");
    // Where each kernel is built by a compiler, one program and one way of drawing are enough.
    boolean quick = device.name().equals("cpu") || device.name().equals("reference");
    int rows = quick ? ROWS : 16;
    for (Sampling sampling : quick ? Sampling.values() : new Sampling[] {Sampling.LOCAL}) {
      int[] wanted = train(EveryDevice.REFERENCE, sampling, rows, 3);
      assertArrayEquals(wanted, train(device, sampling, rows, 3), sampling.toString());
    }
  }
}
