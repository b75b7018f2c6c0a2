package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs far deeper than Java's stack, such as a loop that was unrolled while tracing. */
class DeepGraphsTest {
  private static final float[] START = {0.5f, 1, -2, 7.25f, 0.1f, 30};
  private static final float SLOPE = 0.75f;
  private static final Tensor X = Tensor.input("x", TensorType.of(DType.FLOAT32, START.length));
  private static final Tensor W = Tensor.input("w", TensorType.of(DType.FLOAT32));

  static List<Setup> devices() {
    return EveryDevice.all();
  }

  /** Every step takes y to sqrt(y^2 + w), so that n of them take x to sqrt(x^2 + n w). */
  private static Tensor chain(Tensor x, Tensor w, int steps) {
    Tensor y = x;
    for (int step = 0; step < steps; step++) {
      y = y.square().add(w).sqrt();
    }
    return y;
  }

  private static float[] chain(int steps) {
    float[] y = START.clone();
    for (int step = 0; step < steps; step++) {
      for (int i = 0; i < y.length; i++) {
        float square = y[i] * y[i];
        y[i] = (float) Math.sqrt(square + SLOPE);
      }
    }
    return y;
  }

  @ParameterizedTest
  @MethodSource("devices")
  void aChain(Setup setup) {
    Device device = setup.open();
    int steps = setup.compilesAtOnce() ? 1500 : 300;
    for (boolean fuse : setup.compilesAtOnce() ? List.of(true, false) : List.of(true)) {
      try (Program program =
          Program.on(device).fuse(fuse).output("y", chain(X, W, steps)).build()) {
        program.set("x", START).set("w", new float[] {SLOPE}).run();
        float error = device.limits().exactFloat32() ? 0 : 1e-3f;
        assertArrayEquals(chain(steps), program.get("y").floats(), error);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void theGradientOfAChain(Setup setup) {
    Device device = setup.open();
    int steps = setup.compilesAtOnce() ? 500 : 100;
    List<Tensor> gradients = Gradients.of(chain(X, W, steps).sumAll(), List.of(X, W));
    float[] y = chain(steps);
    double byW = 0;
    for (float end : y) {
      byW += steps / (2.0 * end);
    }
    for (boolean fuse : setup.compilesAtOnce() ? List.of(true, false) : List.of(true)) {
      try (Program program =
          Program.on(device)
              .fuse(fuse)
              .output("by x", gradients.get(0))
              .output("by w", gradients.get(1))
              .build()) {
        program.set("x", START).set("w", new float[] {SLOPE}).run();
        double[] byX = program.get("by x").doubles();
        for (int i = 0; i < byX.length; i++) {
          double wanted = START[i] / y[i];
          assertEquals(wanted, byX[i], 1e-3 * Math.abs(wanted));
        }
        assertEquals(byW, program.get("by w").doubles()[0], 1e-3 * byW);
      }
    }
  }

  /**
   * Each step reads the last one twice and takes its index apart and joins it again, so that
   * written out in one expression it would double with every step.
   */
  @ParameterizedTest
  @MethodSource("devices")
  void viewsOfViews(Setup setup) {
    Device device = setup.open();
    int steps = setup.compilesAtOnce() ? 200 : 20;
    Tensor y = Tensor.input("x", TensorType.of(DType.FLOAT32, 6));
    float[] wanted = START;
    for (int step = 0; step < steps; step++) {
      Tensor turned = Tensor.concat(0, y.slice(0, 1, 6), y.slice(0, 0, 1));
      y = turned.reshape(2, 3).transpose().reshape(6);
      float[] next = new float[6];
      for (int i = 0; i < 6; i++) {
        next[i] = wanted[(i % 2 * 3 + i / 2 + 1) % 6];
      }
      wanted = next;
    }
    try (Program program = Program.on(device).output("y", y).build()) {
      program.set("x", START).run();
      assertArrayEquals(wanted, program.get("y").floats());
    }
  }

  /** More kernels than the compiler looks back over, all of which read the same weights. */
  @ParameterizedTest
  @MethodSource("devices")
  void aLongRecurrence(Setup setup) {
    Device device = setup.open();
    int steps = setup.compilesAtOnce() ? 200 : 20;
    Same.as(
        recurrence(EveryDevice.REFERENCE, steps, false),
        recurrence(device, steps, true),
        device,
        "weights");
  }

  private static HostArray recurrence(Device device, int steps, boolean fuse) {
    Tensor initial = Tensor.literal(TensorType.of(DType.FLOAT32, 2, 2), 0.8, -0.6, 0.6, 0.8);
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, 3, 2));
    try (State<Tensor> weights = State.of(device, 0, initial)) {
      Tensor h = x;
      for (int step = 0; step < steps; step++) {
        h = h.matmul(weights.tree()).add(x.mul(0.01)).tanh();
      }
      Tensor slope = Gradients.of(h.square().sumAll(), List.of(weights.tree())).get(0);
      try (Program program =
          Program.on(device, weights)
              .fuse(fuse)
              .update(weights.tree(), weights.tree().sub(slope.mul(0.1)))
              .build()) {
        program.set("x", START).run();
        program.run();
      }
      return weights.read(weights.tree());
    }
  }
}
