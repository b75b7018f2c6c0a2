package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.nn.Compute;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every optimizer on f = k x^2 / 2 in float64, against its formulae in plain Java. */
class OptimizerTest {
  private static final double K = 3;
  private static final double X0 = 0.8;
  private static final double RATE = 0.125;
  private static final int STEPS = 25;

  /** One step on plain numbers: x, moments s and u, step t from 1; changes s and u. */
  private interface Oracle {
    double step(double x, double[] m, int t);
  }

  private static final Map<Optimizer, Oracle> ORACLES =
      Map.of(
          new Sgd(), (x, m, t) -> x - RATE * K * x,
          new Momentum(0.9, false),
              (x, m, t) -> {
                m[0] = 0.9 * m[0] + K * x;
                return x - RATE * m[0];
              },
          new Momentum(0.9, true),
              (x, m, t) -> {
                m[0] = 0.9 * m[0] + K * x;
                return x - RATE * (K * x + 0.9 * m[0]);
              },
          new Adagrad(),
              (x, m, t) -> {
                m[0] += K * x * K * x;
                return x - RATE * K * x / (Math.sqrt(m[0]) + 1e-10);
              },
          new Adadelta(),
              (x, m, t) -> {
                m[0] = 0.9 * m[0] + 0.1 * K * x * K * x;
                double d = K * x * Math.sqrt(m[1] + 1e-6) / Math.sqrt(m[0] + 1e-6);
                m[1] = 0.9 * m[1] + 0.1 * d * d;
                return x - RATE * d;
              },
          new RmsProp(),
              (x, m, t) -> {
                m[0] = 0.99 * m[0] + 0.01 * K * x * K * x;
                return x - RATE * K * x / (Math.sqrt(m[0]) + 1e-8);
              },
          new Adam(), OptimizerTest::adam,
          new AdamW(), (x, m, t) -> adam(x, m, t) - RATE * 0.01 * x);

  private static double adam(double x, double[] m, int t) {
    m[0] = 0.9 * m[0] + 0.1 * K * x;
    m[1] = 0.999 * m[1] + 0.001 * K * x * K * x;
    double mean = m[0] / (1 - Math.pow(0.9, t));
    double root = Math.sqrt(m[1] / (1 - Math.pow(0.999, t)));
    return x - RATE * mean / (root + 1e-8);
  }

  private record Run(Tensor x, Optimizer.Moments<Tensor> moments) {}

  /** x after each step. */
  private static double[] path(Optimizer optimizer) {
    Tensor x0 = Compute.doubles(new double[] {X0});
    double[] path = new double[STEPS];
    try (Device device = new ReferenceDevice();
        var state = State.of(device, 0, new Run(x0, optimizer.init(x0)))) {
      Run run = state.tree();
      Tensor count = Tensor.integer(Source.Number.STEP).add(1);
      var next = optimizer.step(run.x, run.x.mul(K), run.moments, Tensor.number("rate"), count);
      try (Program program =
          Program.on(device, state)
              .updates(run, new Run(next.parameters(), next.moments()))
              .build()) {
        program.number("rate", RATE);
        for (int t = 0; t < STEPS; t++) {
          program.step(t).run();
          path[t] = state.read(run.x).doubles()[0];
        }
      }
    }
    return path;
  }

  @Test
  void everyOptimizerFollowsItsFormulae() {
    List<Class<?>> missing =
        new ArrayList<>(Arrays.asList(Optimizer.class.getPermittedSubclasses()));
    ORACLES.forEach(
        (optimizer, oracle) -> {
          missing.remove(optimizer.getClass());
          double[] path = path(optimizer);
          double x = X0;
          double[] moments = new double[2];
          for (int t = 0; t < STEPS; t++) {
            x = oracle.step(x, moments, t + 1);
            assertEquals(x, path[t], 1e-9 * Math.abs(x) + 1e-12, optimizer + " step " + t);
          }
        });
    if (!missing.isEmpty()) {
      fail("no oracle for " + missing);
    }
  }

  @Test
  void sgdShrinksGeometrically() {
    assertEquals(Math.pow(1 - RATE * K, STEPS) * X0, path(new Sgd())[STEPS - 1], 1e-12);
  }

  @Test
  void momentumFollowsTheRootsOfItsPolynomial() {
    // x_t = a z1^t + b z2^t with z^2 - (1 + m - lr k) z + m = 0; here the roots are complex.
    double trace = 1 + 0.9 - RATE * K;
    double[] path = path(new Momentum());
    double before = path[0];
    double now = path[1];
    for (int t = 2; t < STEPS; t++) {
      double next = trace * now - 0.9 * before;
      assertEquals(next, path[t], 1e-12);
      before = now;
      now = next;
    }
  }

  @Test
  void firstStepsAreTheClosedForms() {
    double g = K * X0;
    assertEquals(X0 - RATE / (1 + 1e-8 / g), path(new Adam())[0], 1e-12);
    assertEquals(X0 - RATE * g / (Math.sqrt(0.01 * g * g) + 1e-8), path(new RmsProp())[0], 1e-12);
    double d = g * Math.sqrt(1e-6) / Math.sqrt(0.1 * g * g + 1e-6);
    assertEquals(X0 - RATE * d, path(new Adadelta())[0], 1e-12);
  }

  @Test
  void decaysOutsideTheirRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Adam(1, 0.999, 1e-8));
    assertThrows(IllegalArgumentException.class, () -> new Momentum(-0.1, false));
  }
}
