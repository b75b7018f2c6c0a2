package dev.credence.device.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.data.GapData;
import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.device.cpu.CpuProvider;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.grad.Gradients;
import dev.credence.model.BayesianNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.run.HostArray;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.train.Adam;
import dev.credence.train.LearningRate;
import dev.credence.train.Trainer;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whole programs on an OpenCL device: which kernels they get, and that they train as elsewhere. */
class OpenClProgramsTest {
  private static final int N = 1 << 12;

  private static Hardware hardware() {
    Devices.Entry entry = new OpenClProvider().entries().get(0);
    assumeTrue(entry.limits().isPresent(), entry.name() + " is absent: " + entry.reason());
    return OpenClProvider.hardware(entry.name());
  }

  private static Hardware as(Hardware found, boolean processor) {
    return OpenClDeviceTest.with(found, found.limits(), processor, 4096, 65536);
  }

  /** Independent normals. */
  private record Normals(Tensor mu, Tensor rho) {
    static final Normals INITIAL =
        new Normals(
            Tensor.normal(Key.ROOT.split("mu"), N), Tensor.normal(Key.ROOT.split("rho"), N));

    Tensor sigma() {
      return rho.softplus();
    }
  }

  /** Adds what one of the hot patterns is made of. */
  private interface Body {
    Program.Builder of(Program.Builder program, Normals q);
  }

  /** One of the hot patterns, and what it puts out. */
  private record Pattern(List<String> outputs, Body body) {}

  private static final Pattern WEIGHTS =
      new Pattern(
          List.of("w"),
          (program, q) -> program.output("w", q.mu.add(q.sigma().mul(Tensor.normal(Key.ROOT, N)))));

  private static final Pattern DIVERGENCE =
      new Pattern(
          List.of("kl", "d mu", "d rho"),
          (program, q) -> {
            Tensor kl =
                q.sigma().square().add(q.mu.square()).sub(1).mul(0.5).sub(q.sigma().log()).sumAll();
            List<Tensor> gradients = Gradients.of(kl, List.of(q.mu, q.rho));
            return program
                .output("d mu", gradients.get(0))
                .output("d rho", gradients.get(1))
                .output("kl", kl);
          });

  private static final Pattern MASK =
      new Pattern(
          List.of("y"),
          (program, q) -> {
            Tensor keep = Tensor.bernoulli(Key.ROOT, 0.5, N);
            return program.output("y", keep.select(q.mu.mul(2), q.mu.mul(0)));
          });

  private static final Pattern SOFTMAX =
      new Pattern(
          List.of("loss", "d"),
          (program, q) -> {
            Tensor logits = q.mu.slice(0, 0, 1280).reshape(128, 10);
            Tensor target = q.rho.slice(0, 0, 128).cast(DType.INT32);
            Tensor picked = logits.logSoftmax(1).mul(logits.softmax(1));
            Tensor loss = picked.sum(1).mul(target.cast(DType.FLOAT32)).meanAll();
            return program
                .output("loss", loss)
                .output("d", Gradients.of(loss, List.of(logits)).get(0));
          });

  private static final Pattern UPDATE =
      new Pattern(
          List.of(),
          (program, q) -> {
            Tensor next = q.mu.mul(0.9).add(q.rho.square().mul(0.1));
            return program
                .update(q.mu, next)
                .update(q.rho, q.rho.sub(next.div(next.sqrt().add(1e-8))));
          });

  /** Every pattern's kernels read and write several elements at a time; their bits stay. */
  @Test
  void hotPatternsTakeTheFastPath() {
    Hardware found = hardware();
    try (ReferenceDevice reference = new ReferenceDevice();
        OpenClDevice processor = new OpenClDevice(as(found, true));
        OpenClDevice gpu = new OpenClDevice(as(found, false))) {
      for (Pattern pattern : List.of(WEIGHTS, DIVERGENCE, MASK, SOFTMAX, UPDATE)) {
        compare(reference, processor, pattern, "generated in lanes");
      }
      for (Pattern pattern : List.of(WEIGHTS, MASK, UPDATE)) {
        compare(reference, gpu, pattern, "generated in fours");
      }
      compare(reference, gpu, DIVERGENCE, "generated, a tile a group");
      compare(reference, gpu, SOFTMAX, "generated, folds in teams");
    }
  }

  private static void compare(Device reference, Device device, Pattern pattern, String fast) {
    try (State<Normals> wanted = State.of(reference, 1, Normals.INITIAL);
        State<Normals> got = State.of(device, 1, Normals.INITIAL);
        Program plain = pattern.body.of(Program.on(reference, wanted), wanted.tree()).build();
        Program program = pattern.body.of(Program.on(device, got), got.tree()).build()) {
      for (String how : program.how()) {
        boolean simple = how.endsWith(": generated") || how.endsWith(": generated in fours");
        assertTrue(how.contains(fast) || simple, program.how().toString());
      }
      assertTrue(program.how().stream().anyMatch(how -> how.contains(fast)));
      plain.step(3).run();
      program.step(3).run();
      for (String name : pattern.outputs) {
        assertArrayEquals(plain.get(name).floats(), program.get(name).floats(), name);
      }
      for (Tensor tensor : Tree.list(got.tree())) {
        int at = Tree.list(got.tree()).indexOf(tensor);
        Tensor same = Tree.list(wanted.tree()).get(at);
        assertArrayEquals(wanted.read(same).floats(), got.read(tensor).floats());
      }
    }
  }

  /**
   * A convolution.
   *
   * @param image n, channels, rows, columns
   * @param filters how many there are
   * @param side their rows and columns
   */
  private record Layer(
      int[] image, int filters, int side, int stride, int padding, int dilation, int groups) {
    /** What a program puts out: the convolution and its gradients. */
    Map<String, HostArray> run(Device device, boolean tiles) {
      Tensor x = normal("image", image);
      Tensor w = normal("filters", filters, image[1] / groups, side, side);
      Tensor y = Convolution.conv2d(x, w, stride, padding, dilation, groups);
      Tensor loss = y.mul(y.mul(0.5).add(1)).sumAll();
      List<Tensor> gradients = Gradients.of(loss, List.of(x, w));
      Map<String, Tensor> all =
          Map.of("y", y, "d image", gradients.get(0), "d filters", gradients.get(1));
      Program.Builder builder = Program.on(device);
      all.forEach(builder::output);
      try (Program program = builder.build()) {
        String how = program.how().toString();
        // The gradient of an image with few channels is too narrow for a tile.
        int products = image[1] / groups < 4 ? 2 : 3;
        assertTrue(!tiles || how.split("in tiles", -1).length == products + 1, how);
        program.run();
        return all.keySet().stream().collect(Collectors.toMap(k -> k, program::get));
      }
    }

    private static Tensor normal(String name, int... dims) {
      return Tensor.normal(Key.ROOT.split(name), dims);
    }
  }

  /** Layers as LeNet and SegNet have them, and odder ones: all three products take the tiles. */
  @Test
  void convolutionsTakeTheTilesOfGpus() {
    Hardware found = hardware();
    assumeTrue(found.limits().exactFloat32(), found.name() + " does not promise exact float32");
    CpuProvider provider = new CpuProvider();
    Devices.Entry cpu = provider.entries().get(0);
    assumeTrue(cpu.limits().isPresent(), "the device cpu is absent: " + cpu.reason());
    try (Device host = provider.open(cpu.name());
        OpenClDevice gpu = new OpenClDevice(as(found, false))) {
      for (Layer layer :
          List.of(
              new Layer(new int[] {2, 1, 28, 28}, 20, 5, 1, 0, 1, 1),
              new Layer(new int[] {2, 20, 12, 12}, 50, 5, 1, 0, 1, 1),
              new Layer(new int[] {1, 3, 12, 11}, 32, 7, 1, 3, 1, 1),
              new Layer(new int[] {3, 8, 17, 19}, 12, 3, 2, 1, 1, 2),
              new Layer(new int[] {2, 5, 11, 13}, 4, 3, 1, 2, 2, 1))) {
        Map<String, HostArray> wanted = layer.run(host, false);
        Map<String, HostArray> got = layer.run(gpu, true);
        wanted.forEach(
            (name, array) ->
                assertArrayEquals(array.floats(), got.get(name).floats(), layer + " " + name));
      }
      assertEquals(0, gpu.allocatedBytes());
    }
  }

  /** Outputs or scratch beyond the largest buffer are refused in a sentence; the rest goes on. */
  @Test
  void aProgramThatDoesNotFitLeavesNothingBehind() {
    Hardware found = hardware();
    Device.Limits limits =
        new Device.Limits("small", 1 << 17, 1 << 14, false, found.limits().exactFloat32(), 2);
    try (OpenClDevice small =
        new OpenClDevice(OpenClDeviceTest.with(found, limits, false, 4096, 65536))) {
      Tensor large = Tensor.normal(Key.ROOT, 2 * N);
      Exception outputs =
          assertThrows(
              OutOfDeviceMemoryException.class, () -> Program.on(small).output("x", large).build());
      assertTrue(outputs.getMessage().contains("its largest buffer has 16384"), outputs.toString());
      assertEquals(0, small.allocatedBytes());
      Tensor square = large.reshape(64, 128);
      Tensor product = square.matmul(square.transpose()).sumAll();
      try (Program program = Program.on(small).output("x", product).build()) {
        assertThrows(OutOfDeviceMemoryException.class, program::run);
      }
      assertEquals(0, small.allocatedBytes());
      Tensor fitting = Tensor.normal(Key.ROOT, N);
      try (Program program = Program.on(small).output("x", fitting).build()) {
        program.run();
        assertEquals(N, program.get("x").floats().length);
      }
      assertEquals(0, small.allocatedBytes());
    }
  }

  /** A hundred steps of the net that the main job fits. */
  @Test
  void aHundredStepsGiveTheCpusWeights() {
    Hardware found = hardware();
    assumeTrue(found.limits().exactFloat32(), found.name() + " does not promise exact float32");
    CpuProvider provider = new CpuProvider();
    Devices.Entry cpu = provider.entries().get(0);
    assumeTrue(cpu.limits().isPresent(), "the device cpu is absent: " + cpu.reason());
    try (Device host = provider.open(cpu.name());
        OpenClDevice device = new OpenClDevice(found);
        OpenClDevice gpu = new OpenClDevice(as(found, false))) {
      int[] wanted = weights(host);
      assertArrayEquals(wanted, weights(device));
      assertArrayEquals(wanted, weights(gpu));
      assertEquals(0, device.allocatedBytes());
      assertEquals(0, gpu.allocatedBytes());
    }
  }

  private static int[] weights(Device device) {
    int rows = 400;
    GapData gap = GapData.of(rows, 5);
    float[] x = new float[rows];
    IntStream.range(0, rows).forEach(i -> x[i] = gap.x()[i][0]);
    var shape =
        new Examples(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, 1)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows)));
    var settings = new Trainer.Settings(8, 32, 3, new Adam(), LearningRate.constant(0.01), 1);
    var model =
        new BayesianNet<Mlp>(
            rows, new Likelihood.SoftplusGaussian(1e-3), Prior.normal(1), Sampling.LOCAL, 1);
    MeanField<Mlp> initial =
        MeanField.init(Mlp.init(Key.ROOT.split("init"), Activation.RELU, 1, 50, 2), 0.05);
    try (State<Examples> data = State.of(device, 9, shape)) {
      data.write(data.tree().x(), x);
      data.write(data.tree().y(), gap.y());
      try (var trainer = new Trainer<>(model, initial, data, settings)) {
        assertTrue(trainer.fit(progress -> true).steps() >= 100);
        return Tree.list(trainer.weights().tree()).stream()
            .flatMapToInt(
                w -> {
                  float[] values = trainer.weights().read(w).floats();
                  return IntStream.range(0, values.length)
                      .map(i -> Float.floatToRawIntBits(values[i]));
                })
            .toArray();
      }
    }
  }
}
