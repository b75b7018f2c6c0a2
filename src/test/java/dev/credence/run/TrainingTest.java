package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.Device;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.run.SmallBayesianNet.Memory;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Many steps: the same bits every time and everywhere, no garbage, nothing left behind. */
public class TrainingTest {
  private static final int BATCH = 8;
  private static final int SHORT = SmallBayesianNet.ROWS % BATCH;

  /** How many steps memory must stay flat for. */
  private static final int STEPS = Integer.getInteger("credence.test.steps", 20_000);

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  static List<Setup> devices() {
    return EveryDevice.all();
  }

  /** Trains some epochs, short last batches included, and gives a hash of every weight's bits. */
  public static int train(Device device, boolean fuse, int epochs) {
    try (State<Memory> state = State.of(device, 1, SmallBayesianNet.initial());
        Program full = SmallBayesianNet.program(state, BATCH).fuse(fuse).build();
        Program last = SmallBayesianNet.program(state, SHORT).fuse(fuse).build()) {
      int step = 0;
      for (int epoch = 0; epoch < epochs; epoch++) {
        int turn = epoch;
        int[] order =
            IntStream.range(0, SmallBayesianNet.ROWS)
                .map(i -> (i * 7 + turn) % SmallBayesianNet.ROWS)
                .toArray();
        for (int row = 0; row < order.length; row += BATCH) {
          int end = Math.min(order.length, row + BATCH);
          Program program = end - row == BATCH ? full : last;
          program.set("rows", Arrays.copyOfRange(order, row, end));
          program.number("rate", 0.01).seed(9).step(step++).run();
        }
      }
      assertTrue(last.scalar("error") < 2, "It does not learn.");
      int hash = 0;
      for (Tensor weight : Tree.list(state.tree())) {
        hash = 31 * hash + Arrays.hashCode(state.read(weight).floats());
      }
      return hash;
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void sameSeedSameWeights(Setup setup) {
    Device device = setup.open();
    int fused = train(device, true, 50);
    assertEquals(fused, train(device, true, 50), "A second time it came out otherwise.");
    if (device.limits().exactFloat32()) {
      assertEquals(train(EveryDevice.REFERENCE, true, 50), fused);
      assertEquals(fused, train(device, false, 50), "Unfused it comes out otherwise.");
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aBatchMayBeSplitAndADrawAskedForAlone(Setup setup) {
    Device device = setup.open();
    int samples = 3;
    int rows = 11;
    float[] all = noisy(device, 0, samples, 0, rows);
    for (int sample = 0; sample < samples; sample++) {
      for (int cut : new int[] {0, 4, 10}) {
        float[] part = noisy(device, sample, 1, cut, rows - cut);
        int start = (sample * rows + cut) * 5;
        assertArrayEquals(Arrays.copyOfRange(all, start, (sample + 1) * rows * 5), part);
      }
    }
  }

  /** A layer with weight noise a sample and noise a sample and row, of some of a batch's rows. */
  private static float[] noisy(Device device, int sample, int samples, int row, int rows) {
    Key key = Key.ROOT.split("noisy");
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, rows, 13));
    Tensor weights =
        Tensor.of(
            new Draw.Normal(
                new Draw.Layout(key.split("w"), Shape.of(samples, 13, 5), true, false)));
    Tensor noise =
        Tensor.of(
            new Draw.Normal(
                new Draw.Layout(key.split("y"), Shape.of(samples, rows, 5), true, true)));
    Tensor y = x.matmul(weights).add(noise).tanh();
    try (Program program = Program.on(device).output("y", y).build()) {
      float[] numbers = new float[rows * 13];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (float) Math.sin(row * 13 + i);
      }
      program.set("x", numbers).seed(4).firstSample(sample).firstRow(row).run();
      return program.get("y").floats();
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void givesAllMemoryBack(Setup setup) {
    Device device = setup.open();
    long before = device.allocatedBytes();
    State<Memory> state = State.of(device, 1, SmallBayesianNet.initial());
    State<Memory> snapshot = state.snapshot();
    Program program = SmallBayesianNet.program(state, BATCH).build();
    Program other = SmallBayesianNet.program(snapshot, SHORT).build();
    program.run();
    other.run();
    assertTrue(device.allocatedBytes() >= before + 2 * state.bytes());
    List.<AutoCloseable>of(program, snapshot, other, state)
        .forEach(
            one -> {
              try {
                one.close();
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    assertEquals(before, device.allocatedBytes());
  }

  @ParameterizedTest
  @MethodSource("devices")
  void stepsLeaveNoGarbage(Setup setup) {
    Device device = setup.open();
    assumeTrue(!device.name().equals("reference"), "The reference device makes garbage.");
    try (State<Memory> state = State.of(device, 1, SmallBayesianNet.initial());
        Program program = SmallBayesianNet.program(state, BATCH).build()) {
      program.number("rate", 0.001);
      // Until the compiler is done with it, a step may allocate; then it must never again.
      int clean = 0;
      for (int round = 0; round < 60 && clean < 3; round++) {
        long before = allocated();
        steps(program, 2_000);
        clean = allocated() == before ? clean + 1 : 0;
      }
      assertEquals(3, clean, "Steps go on allocating.");
      long resident = resident();
      long onDevice = device.allocatedBytes();
      steps(program, STEPS);
      assertEquals(onDevice, device.allocatedBytes());
      assertTrue(
          resident() <= 1.05 * resident,
          () -> "Memory grew from " + resident + " to " + resident() + " pages.");
    }
  }

  private static void steps(Program program, int count) {
    for (int i = 0; i < count; i++) {
      program.step(i).run();
    }
  }

  private static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  /** Pages in memory, or 0 where the system does not tell. */
  private static long resident() {
    try {
      return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
    } catch (java.io.IOException e) {
      return 0;
    }
  }
}
