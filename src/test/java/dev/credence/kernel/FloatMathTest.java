package dev.credence.kernel;

import static java.lang.Float.NEGATIVE_INFINITY;
import static java.lang.Float.NaN;
import static java.lang.Float.POSITIVE_INFINITY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class FloatMathTest {
  interface Function {
    float of(float x);
  }

  /** A function, its truth in double, its promised error up to a largest argument. */
  record Law(String name, Function f, DoubleUnaryOperator truth, double ulps, float upTo) {
    Law(String name, Function f, DoubleUnaryOperator truth, double ulps) {
      this(name, f, truth, ulps, POSITIVE_INFINITY);
    }
  }

  static final List<Law> LAWS =
      List.of(
          new Law("exp", FloatMath::exp, StrictMath::exp, 1.02),
          new Law("expm1", FloatMath::expm1, StrictMath::expm1, 1.50),
          new Law("log", FloatMath::log, StrictMath::log, 0.86),
          new Law("log1p", FloatMath::log1p, StrictMath::log1p, 1.43),
          new Law("sigmoid", FloatMath::sigmoid, Oracles::sigmoid, 2.37),
          new Law("softplus", FloatMath::softplus, Oracles::softplus, 1.71),
          new Law("tanh", FloatMath::tanh, StrictMath::tanh, 2.50),
          new Law("erf", FloatMath::erf, Oracles::erf, 1.70),
          new Law("sin", FloatMath::sin, StrictMath::sin, 1.57, 1e5f),
          new Law("cos", FloatMath::cos, StrictMath::cos, 1.57, 1e5f),
          new Law("sin, large", FloatMath::sin, StrictMath::sin, 1.68, 1e6f),
          new Law("cos, large", FloatMath::cos, StrictMath::cos, 1.68, 1e6f),
          new Law("floor", FloatMath::floor, StrictMath::floor, 0),
          new Law("sqrt", FloatMath::sqrt, StrictMath::sqrt, 0.5),
          new Law("rsqrt", FloatMath::rsqrt, x -> 1 / StrictMath.sqrt(x), 1.50));

  static final float[] EDGES = {
    0.0f,
    1.0f,
    2.0f,
    3.0f,
    0.5f,
    1.5f,
    2.5f,
    4.0f,
    10.0f,
    31.0f,
    0.70710677f,
    0.7071068f,
    1.4142135f,
    1.4142137f,
    0.41421357f,
    0.99999994f,
    1.0000001f,
    16.635532f,
    17.32868f,
    87.33654f,
    88.02969f,
    88.37626f,
    88.72283f,
    88.72284f,
    88.73f,
    89.0f,
    103.27893f,
    103.97208f,
    103.972084f,
    104.0f,
    150.0f,
    0.7853982f,
    1.5707964f,
    3.1415927f,
    1e5f,
    6.5e6f,
    8388607.5f,
    8388608.0f,
    16777215.0f,
    16777216.0f,
    2147483520.0f,
    2147483648.0f,
    4294967296.0f,
    1e10f,
    1e30f,
    0x1p100f,
    0x1.000002p100f,
    Float.MAX_VALUE,
    POSITIVE_INFINITY,
    NaN,
    Float.MIN_VALUE,
    3 * Float.MIN_VALUE,
    0x1.fffffcp-127f,
    Float.MIN_NORMAL,
    0x1.000002p-126f,
    0x1p-64f,
    0x1p-27f,
    0x1.fffffep-27f,
    0x1p-26f,
    0x1p-25f,
    0x1p-24f,
    0x1p-23f,
    1e-3f
  };

  /** The largest error over the edges and every 4099th float, about a million of them. */
  private static double worst(Law law) {
    double worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += 4099) {
      worst = Math.max(worst, error(law, Float.intBitsToFloat((int) bits)));
    }
    for (float edge : EDGES) {
      worst = Math.max(worst, Math.max(error(law, edge), error(law, -edge)));
    }
    return worst;
  }

  private static double error(Law law, float x) {
    if (law.upTo < Math.abs(x) && !Float.isInfinite(x)) {
      return 0;
    }
    float actual = law.f.of(x);
    double truth = law.truth.applyAsDouble(x);
    boolean lostSign =
        actual == 0 && truth == 0 && 1 / (double) actual != 1 / truth && !law.name.equals("rsqrt");
    return lostSign ? Double.POSITIVE_INFINITY : Oracles.ulps(actual, truth);
  }

  @TestFactory
  Stream<DynamicTest> keepsItsPromisedErrorOverAllFloats() {
    return LAWS.stream()
        .map(
            law ->
                dynamicTest(
                    law.name,
                    () -> {
                      double worst = worst(law);
                      assertTrue(worst <= law.ulps, () -> law.name + " errs by " + worst + " ulp");
                    }));
  }

  @TestFactory
  Stream<DynamicTest> risesWithItsArgument() {
    return LAWS.stream()
        .filter(law -> law.upTo == POSITIVE_INFINITY && !law.name.equals("rsqrt"))
        .map(law -> dynamicTest(law.name, () -> assertRises(law)));
  }

  private static void assertRises(Law law) {
    boolean positiveOnly = law.name.equals("log") || law.name.equals("sqrt");
    float from = positiveOnly ? 0 : law.name.equals("log1p") ? -1 : -110;
    float before = law.f.of(from);
    for (float x = from; x < 110; x += 0.00390625f) {
      float here = law.f.of(x);
      float last = before;
      float at = x;
      assertTrue(here >= last, () -> law.name + " falls at " + at);
      before = here;
    }
  }

  @Test
  void treatsTheEdgesAsIeeeAsks() {
    assertSame(0.0f, FloatMath.exp(NEGATIVE_INFINITY));
    assertSame(POSITIVE_INFINITY, FloatMath.exp(89.0f));
    assertSame(Float.MIN_VALUE, FloatMath.exp(-103.5f));
    assertSame(1.0f, FloatMath.exp(-0.0f));
    assertSame(-0.0f, FloatMath.expm1(-0.0f));
    assertSame(-1.0f, FloatMath.expm1(NEGATIVE_INFINITY));
    assertSame(-3 * Float.MIN_VALUE, FloatMath.expm1(-3 * Float.MIN_VALUE));
    assertSame(NEGATIVE_INFINITY, FloatMath.log(-0.0f));
    assertSame(NaN, FloatMath.log(-1.0f));
    assertSame(NaN, FloatMath.log(NaN));
    assertSame(0.0f, FloatMath.log(1.0f));
    assertSame(-0.0f, FloatMath.log1p(-0.0f));
    assertSame(NEGATIVE_INFINITY, FloatMath.log1p(-1.0f));
    assertSame(NaN, FloatMath.log1p(NEGATIVE_INFINITY));
    assertSame(0.0f, FloatMath.sigmoid(NEGATIVE_INFINITY));
    assertSame(1.0f, FloatMath.sigmoid(POSITIVE_INFINITY));
    assertTrue(FloatMath.sigmoid(-100.0f) > 0);
    assertSame(0.0f, FloatMath.softplus(NEGATIVE_INFINITY));
    assertSame(POSITIVE_INFINITY, FloatMath.softplus(POSITIVE_INFINITY));
    assertSame(1e30f, FloatMath.softplus(1e30f));
    assertTrue(FloatMath.softplus(-100.0f) > 0);
    assertSame(-1.0f, FloatMath.tanh(NEGATIVE_INFINITY));
    assertSame(-0.0f, FloatMath.tanh(-0.0f));
    assertSame(1.0f, FloatMath.erf(POSITIVE_INFINITY));
    assertSame(-0.0f, FloatMath.erf(-0.0f));
    assertSame(-0.0f, FloatMath.sin(-0.0f));
    assertSame(NaN, FloatMath.sin(POSITIVE_INFINITY));
    assertSame(NaN, FloatMath.cos(NEGATIVE_INFINITY));
    assertSame(-0.0f, FloatMath.floor(-0.0f));
    assertSame(-1.0f, FloatMath.floor(-0.5f));
    assertSame(NEGATIVE_INFINITY, FloatMath.rsqrt(-0.0f));
    assertSame(NaN, FloatMath.rsqrt(-1.0f));
    for (Law law : LAWS) {
      assertSame(NaN, law.f.of(NaN));
    }
  }

  @Test
  void circularFunctionsStayFiniteForTheLargestAngles() {
    for (float x = 1e5f; x < POSITIVE_INFINITY; x *= 1.7f) {
      assertTrue(Math.abs(FloatMath.sin(x)) <= 1 && Math.abs(FloatMath.cos(-x)) <= 1);
    }
  }

  @Test
  void minAndMaxAgreeWithJavas() {
    for (float one : EDGES) {
      for (float other : EDGES) {
        for (float a : new float[] {one, -one}) {
          for (float b : new float[] {other, -other}) {
            assertSame(Math.min(a, b), FloatMath.min(a, b));
            assertSame(Math.max(a, b), FloatMath.max(a, b));
          }
        }
      }
    }
  }

  @Test
  void powKeepsItsPromisedError() {
    double worst = 0;
    for (int i = 0; i < 1 << 20; i++) {
      int random = Philox.bits(1, 0, 0, 0, i);
      float base = Float.intBitsToFloat(random & 0x7fffffff);
      // Exponents that keep the result within the floats, so that most of them say something.
      double reach = 104 / StrictMath.log(base);
      float exponent = (float) (reach * 0x1p-31 * Philox.bits(1, 1, 0, 0, i));
      worst = Math.max(worst, Oracles.ulps(FloatMath.pow(base, exponent), truth(base, exponent)));
      float whole = (random >> 8) % 200;
      worst = Math.max(worst, Oracles.ulps(FloatMath.pow(-base, whole), truth(-base, whole)));
    }
    double found = worst;
    assertTrue(worst <= 2.25, () -> "pow errs by " + found + " ulp");
  }

  @Test
  void powTreatsTheEdgesAsC99Asks() {
    for (float one : EDGES) {
      for (float other : EDGES) {
        for (float x : new float[] {one, -one}) {
          for (float y : new float[] {other, -other}) {
            float actual = FloatMath.pow(x, y);
            double truth = truth(x, y);
            assertTrue(
                Oracles.ulps(actual, truth) <= 2.25, () -> x + "^" + y + " became " + actual);
            if (truth == 0) {
              assertEquals(1 / truth, 1 / (double) actual, () -> x + "^" + y + " lost its sign");
            }
          }
        }
      }
    }
  }

  /** The power in double, with C99's three cases that Java answers by NaN. */
  private static double truth(float x, float y) {
    boolean one = x == 1 || (x == -1 && Float.isInfinite(y));
    return one ? 1 : StrictMath.pow(x, y);
  }

  private static void assertSame(float expected, float actual) {
    assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(actual));
  }
}
