package dev.credence.dist;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.dist.BijectorExamples.Example;
import dev.credence.grad.Gradients;
import dev.credence.run.EveryDevice;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every bijector: it inverts, and its log-determinant is that of its Jacobian. */
class BijectorLawsTest {
  private static final int BATCH = 5;

  static List<Example> all() {
    return BijectorExamples.all();
  }

  static List<Example> planes() {
    return all().stream().filter(e -> e.event().equals(Shape.of(2)) && !e.conditional()).toList();
  }

  @Test
  void everyBijectorHasAnExample() {
    Set<Class<?>> shown = all().stream().map(Example::kind).collect(Collectors.toSet());
    for (Class<?> kind : Bijector.class.getPermittedSubclasses()) {
      assertTrue(shown.contains(kind), kind.getSimpleName() + " has no example");
    }
  }

  private static Tensor input(Example example, DType dtype) {
    return Tensor.input("z", new TensorType(dtype, Shape.of(BATCH).concat(example.event())));
  }

  private static Bijector bijector(Example example, DType dtype) {
    return example.in(dtype, example.context(dtype, BATCH));
  }

  private static Object as(DType dtype, double[] values) {
    if (dtype == DType.FLOAT64) {
      return values;
    }
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  @ParameterizedTest
  @MethodSource("all")
  void invertsInDoublePrecision(Example example) {
    inverts(example, DType.FLOAT64, 1e-10);
  }

  @ParameterizedTest
  @MethodSource("all")
  void invertsInSinglePrecision(Example example) {
    inverts(example, DType.FLOAT32, 1e-5);
  }

  private static void inverts(Example example, DType dtype, double tolerance) {
    Bijector bijector = bijector(example, dtype);
    Tensor z = input(example, dtype);
    Bijector.Mapped x = bijector.forwardAndLogDet(z);
    Bijector.Mapped back = bijector.inverseAndLogDet(x.value());
    Bijector.Mapped again = bijector.forwardAndLogDet(back.value());
    assertEquals(Shape.of(BATCH), x.logDet().shape());
    assertEquals(Shape.of(BATCH), back.logDet().shape());
    assertEquals(z.type(), back.value().type());
    try (Program program =
        Program.on(EveryDevice.REFERENCE)
            .output("x", x.value())
            .output("back", back.value())
            .output("again", again.value())
            .output("forward", x.logDet())
            .output("inverse", back.logDet().neg())
            .build()) {
      double[] noise = example.noise(BATCH);
      program.set("z", as(dtype, noise)).run();
      assertArrayEquals(noise, program.get("back").doubles(), tolerance);
      assertArrayEquals(program.get("x").doubles(), program.get("again").doubles(), tolerance);
      assertArrayEquals(
          program.get("forward").doubles(), program.get("inverse").doubles(), 4 * tolerance);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void logDeterminantIsThatOfTheJacobian(Example example) {
    Bijector bijector = bijector(example, DType.FLOAT64);
    Tensor z = input(example, DType.FLOAT64);
    Tensor x = Tensor.input("z", bijector.forward(z).type());
    compare(example, z, bijector.forwardAndLogDet(z), example.noise(BATCH));
    compare(example, x, bijector.inverseAndLogDet(x), forward(bijector, example));
  }

  private static double[] forward(Bijector bijector, Example example) {
    Tensor z = input(example, DType.FLOAT64);
    try (Program program =
        Program.on(EveryDevice.REFERENCE).output("x", bijector.forward(z)).build()) {
      program.set("z", example.noise(BATCH)).run();
      return program.get("x").doubles();
    }
  }

  private static void compare(
      Example example, Tensor from, Bijector.Mapped mapped, double[] values) {
    int d = example.event().size();
    assertTrue(d <= 8, "Jacobians are compared up to 8 numbers");
    // Rows do not mix, so the gradient of a sum over rows holds a row's own derivatives.
    Tensor flat = mapped.value().reshape(BATCH, d);
    Tensor[] rows = new Tensor[d];
    for (int i = 0; i < d; i++) {
      Tensor output = flat.slice(1, i, i + 1).sumAll();
      rows[i] = Gradients.of(output, List.of(from)).get(0).reshape(BATCH, d);
    }
    try (Program program =
        Program.on(EveryDevice.REFERENCE)
            .output("jacobian", Tensor.stack(1, rows))
            .output("logDet", mapped.logDet())
            .build()) {
      // The Jacobian of a linear map depends on no input.
      if (!program.inputs().isEmpty()) {
        program.set("z", values);
      }
      program.run();
      double[] jacobian = program.get("jacobian").doubles();
      double[] claimed = program.get("logDet").doubles();
      for (int b = 0; b < BATCH; b++) {
        double[] own = Arrays.copyOfRange(jacobian, b * d * d, (b + 1) * d * d);
        assertEquals(logDet(own, d), claimed[b], 1e-8, "row " + b);
      }
    }
  }

  /** log |det| by elimination with row exchanges. */
  static double logDet(double[] matrix, int d) {
    double[] a = matrix.clone();
    double log = 0;
    for (int k = 0; k < d; k++) {
      int pivot = k;
      for (int i = k + 1; i < d; i++) {
        pivot = Math.abs(a[i * d + k]) > Math.abs(a[pivot * d + k]) ? i : pivot;
      }
      for (int j = 0; j < d; j++) {
        double other = a[k * d + j];
        a[k * d + j] = a[pivot * d + j];
        a[pivot * d + j] = other;
      }
      log += Math.log(Math.abs(a[k * d + k]));
      for (int i = k + 1; i < d; i++) {
        double factor = a[i * d + k] / a[k * d + k];
        for (int j = k; j < d; j++) {
          a[i * d + j] -= factor * a[k * d + j];
        }
      }
    }
    return log;
  }

  @ParameterizedTest
  @MethodSource("planes")
  void densitiesIntegrateToOne(Example example) {
    double reach = 12;
    int side = 240;
    double step = 2 * reach / side;
    double[] grid = new double[2 * side * side];
    for (int i = 0; i < side * side; i++) {
      grid[2 * i] = -reach + (i / side + 0.5) * step;
      grid[2 * i + 1] = -reach + (i % side + 0.5) * step;
    }
    Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, side * side, 2));
    Bijector bijector = example.in(DType.FLOAT32, null);
    Tensor density = Transformed.ofNormal(bijector, DType.FLOAT32, 2).logProb(x).exp();
    try (Program program =
        Program.on(dev.credence.device.Devices.best()).output("sum", density.sumAll()).build()) {
      program.set("x", as(DType.FLOAT32, grid)).run();
      assertEquals(1, program.scalar("sum") * step * step, 1e-3);
    }
  }

  @Test
  void flowsDrawWhatTheirDensitySays() {
    Example example =
        planes().stream().filter(e -> e.kind() == Chain.class).findFirst().orElseThrow();
    Transformed flow = Transformed.ofNormal(example.in(DType.FLOAT32, null), DType.FLOAT32, 2);
    Tensor z = flow.base().rsample(Key.ROOT.split("z"), 64);
    Bijector.Mapped x = flow.bijector().forwardAndLogDet(z);
    assertEquals(Shape.of(64, 2), flow.rsample(Key.ROOT.split("z"), 64).shape());
    Tensor known = flow.base().logProb(z).sub(x.logDet());
    try (Program program =
        Program.on(EveryDevice.REFERENCE)
            .output("difference", flow.logProb(x.value()).sub(known).abs().max(0))
            .build()) {
      program.run();
      assertEquals(0, program.scalar("difference"), 1e-4);
    }
  }

  @Test
  void actNormWhitensTheFirstData() {
    Tensor x = Tensor.normal(Key.ROOT.split("x"), 100, 3).mul(3).add(2);
    Chain initialised = Chain.of(ActNorm.rows(3), ActNorm.rows(3)).initialised(x);
    try (State<Chain> state = State.of(EveryDevice.REFERENCE, 0, initialised)) {
      Tensor z = state.tree().inverse(x);
      Tensor mean = z.mean(0);
      try (Program program =
          Program.on(EveryDevice.REFERENCE, state)
              .output("mean", mean)
              .output("variance", z.sub(mean).square().mean(0))
              .build()) {
        program.run();
        assertArrayEquals(new double[3], program.get("mean").doubles(), 1e-5);
        assertArrayEquals(new double[] {1, 1, 1}, program.get("variance").doubles(), 1e-5);
      }
    }
  }
}
