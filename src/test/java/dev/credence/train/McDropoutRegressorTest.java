package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.GapData;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class McDropoutRegressorTest {
  private final GapData data = GapData.of(100, 3);

  private static McDropoutRegressor.Builder small() {
    return McDropoutRegressor.builder().epochs(3).hidden(8).draws(100).seed(2);
  }

  @Test
  void aFitIsRepeatedBitForBit() {
    try (var first = small().build().fit(data.x(), data.y());
        var again = small().build().fit(data.x(), data.y());
        var other = small().seed(3).build().fit(data.x(), data.y())) {
      float[] mean = first.predict(data.x()).mean();
      assertArrayEquals(mean, again.predict(data.x()).mean());
      assertTrue(!Arrays.equals(mean, other.predict(data.x()).mean()));
    }
  }

  @Test
  void anEvaluationIsThatOfThePrediction() {
    try (var regressor = small().dropout(0.2).build().fit(data.x(), data.y())) {
      Prediction p = regressor.predict(data.x());
      var e = regressor.evaluate(data.x(), data.y(), 100);
      assertArrayEquals(p.mean(), e.mean());
      assertArrayEquals(p.std(), e.std());
      assertArrayEquals(p.epistemicStd(), e.epistemicStd());
      assertArrayEquals(p.logDensity(data.y()), e.logDensity(), 1e-4);
      double mean = 0;
      double bound = 0;
      for (int t = 0; t < 100; t++) {
        mean += p.draw(t).mean()[5] / 100.0;
        bound += p.draw(t).logDensity(data.y())[5] / 100;
      }
      assertEquals(mean, p.mean()[5], 1e-5);
      assertTrue(e.logDensity()[5] >= bound - 1e-6);
      assertTrue(p.epistemicStd()[5] > 0);
      assertTrue(regressor.evaluate(data.x(), data.y(), 1000).logDensity()[5] < 10);
    }
  }

  @Test
  void varianceIsThatOfTheDrawsPlusOneOverTau() {
    try (var regressor = small().precision(4).build().fit(data.x(), data.y())) {
      Prediction p = regressor.predict(data.x());
      assertEquals(0.5, p.aleatoricStd()[3], 1e-6);
      double variance = Math.pow(p.epistemicStd()[3], 2) + 0.25;
      assertEquals(Math.sqrt(variance), p.std()[3], 1e-6);
    }
  }

  @Test
  void withoutDropoutAllDrawsAreOne() {
    try (var regressor = small().dropout(0).precision(4e4).build().fit(data.x(), data.y())) {
      var e = regressor.evaluate(data.x(), data.y(), 130);
      Prediction one = regressor.average(data.x());
      assertArrayEquals(one.mean(), e.mean(), 1e-6f);
      double[] wanted = one.logDensity(data.y());
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], e.logDensity()[i], 1e-5 * Math.abs(wanted[i]) + 1e-3);
        assertEquals(0, e.epistemicStd()[i], 1e-5);
        assertTrue(Double.isFinite(e.logDensity()[i]));
      }
    }
  }

  @Test
  void splitsOfRowsAndDrawsChangeNothing() {
    GapData many = GapData.of(600, 8);
    try (var regressor = small().dropout(0.2).build().fit(data.x(), data.y())) {
      Prediction whole = regressor.predict(many.x());
      float[] mean = new float[600];
      int from = 0;
      for (int size : new int[] {1, 7, 32, 33, 527}) {
        float[][] rows = Arrays.copyOfRange(many.x(), from, from + size);
        System.arraycopy(regressor.predict(rows, from).mean(), 0, mean, from, size);
        from += size;
      }
      assertArrayEquals(whole.mean(), mean);
      for (int t : new int[] {0, 63, 64, 99}) {
        assertArrayEquals(whole.draw(t).mean(), regressor.draw(many.x(), t).mean(), "draw " + t);
      }
    }
  }

  @Test
  void learns() {
    GapData train = GapData.of(300, 1);
    try (var regressor =
        McDropoutRegressor.builder()
            .epochs(100)
            .learningRate(0.01)
            .dropout(0.02)
            .build()
            .fit(train.x(), train.y())) {
      double spread = Standardiser.of("y", column(train.y())).unit()[0];
      assertTrue(Metrics.rmse(train.y(), regressor.predict(train.x()).mean()) < 0.7 * spread);
      assertEquals(100, regressor.summary().epochs());
    }
  }

  /** Nothing of another net reaches a net: not its data, settings, masks or first weights. */
  @Test
  void aNetLearnsBesideOthersAsItWouldAlone() {
    GapData other = GapData.of(100, 9);
    try (var alone = small().dropout(0.1).batchSize(32).build();
        var beside = small().dropout(0.1).batchSize(32).build();
        var loud =
            small().dropout(0.1).batchSize(32).precision(1e4).lengthScale(5).seed(7).build()) {
      Regressor.fitAll(List.of(alone), List.<float[][]>of(data.x()), List.<float[]>of(data.y()));
      Regressor.fitAll(
          List.of(beside, loud), List.of(data.x(), other.x()), List.of(data.y(), other.y()));
      float[] mean = alone.predict(data.x()).mean();
      assertArrayEquals(mean, beside.predict(data.x()).mean());
      assertTrue(!Arrays.equals(mean, loud.predict(data.x()).mean()));
    }
  }

  /** With all rows in a batch and no masks the only difference is the order of the rows. */
  @Test
  void aFitOfOneNetAmongManyIsAFit() {
    try (var single = small().dropout(0).batchSize(100).epochs(20).build();
        var many = small().dropout(0).batchSize(100).epochs(20).build();
        var dropping = small().dropout(0.3).batchSize(100).epochs(20).build()) {
      single.fit(data.x(), data.y());
      Regressor.fitAll(
          List.of(many, dropping), List.of(data.x(), data.x()), List.of(data.y(), data.y()));
      float[] wanted = single.average(data.x()).mean();
      assertArrayEquals(wanted, many.average(data.x()).mean(), 1e-4f);
      assertTrue(Math.abs(wanted[3] - dropping.average(data.x()).mean()[3]) > 1e-4);
      assertEquals(single.summary().steps(), many.summary().steps());
    }
  }

  @Test
  void netsThatCannotBeFittedAtOnceAreRefused() {
    GapData longer = GapData.of(101, 3);
    List<float[][]> x = List.of(data.x(), data.x());
    List<float[]> y = List.of(data.y(), data.y());
    try (var one = small().build();
        var two = small().hidden(9).build();
        var three = small().build()) {
      for (List<McDropoutRegressor> nets :
          List.of(List.<McDropoutRegressor>of(), List.of(one), List.of(one, two))) {
        assertThrows(IllegalArgumentException.class, () -> Regressor.fitAll(nets, x, y));
      }
      assertThrows(
          IllegalArgumentException.class,
          () ->
              Regressor.fitAll(
                  List.of(one, three),
                  List.of(data.x(), longer.x()),
                  List.of(data.y(), longer.y())));
      assertThrows(IllegalStateException.class, one::summary);
    }
  }

  @Test
  void nothingOfManyIsLeftOnTheDevice() {
    try (Device device = new ReferenceDevice()) {
      try (var one = small().epochs(1).device(device).build();
          var two = small().epochs(1).device(device).dropout(0.2).build()) {
        Regressor.fitAll(
            List.of(one, two), List.of(data.x(), data.x()), List.of(data.y(), data.y()));
        one.evaluate(data.x(), data.y(), 3);
      }
      assertEquals(0, device.allocatedBytes());
    }
  }

  private static float[][] column(float[] y) {
    float[][] column = new float[y.length][1];
    for (int i = 0; i < y.length; i++) {
      column[i][0] = y[i];
    }
    return column;
  }

  @Test
  void nothingIsLeftOnTheDevice() {
    try (Device device = new ReferenceDevice()) {
      try (var regressor = small().epochs(1).device(device).build()) {
        regressor.fit(data.x(), data.y()).predict(data.x());
        regressor.average(data.x());
      }
      assertEquals(0, device.allocatedBytes());
    }
  }

  @Test
  void memoryDoesNotGrowWithTheDraws() {
    try (Device device = new ReferenceDevice();
        var regressor = small().epochs(1).device(device).build().fit(data.x(), data.y())) {
      regressor.evaluate(data.x(), data.y(), 10);
      long few = device.allocatedBytes();
      regressor.evaluate(data.x(), data.y(), 300);
      assertEquals(few, device.allocatedBytes());
    }
  }

  @Test
  void constantColumnsAreRefusedUnlessAllowed() {
    float[][] x = new float[100][];
    for (int i = 0; i < x.length; i++) {
      x[i] = new float[] {data.x()[i][0], 0.1f};
    }
    try (var strict = small().build();
        var lenient = small().constantColumns(true).build()) {
      assertThrows(IllegalArgumentException.class, () -> strict.fit(x, data.y()));
      float[] mean = lenient.fit(x, data.y()).predict(x).mean();
      assertTrue(Float.isFinite(mean[0]));
    }
  }

  @Test
  void badInputIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> McDropoutRegressor.builder().dropout(1));
    assertThrows(IllegalArgumentException.class, () -> McDropoutRegressor.builder().precision(0));
    assertThrows(IllegalArgumentException.class, () -> McDropoutRegressor.builder().draws(0));
    try (var regressor = small().epochs(1).build()) {
      assertThrows(IllegalStateException.class, () -> regressor.predict(data.x()));
      assertThrows(IllegalStateException.class, regressor::summary);
      regressor.fit(data.x(), data.y());
      assertThrows(
          IllegalArgumentException.class, () -> regressor.evaluate(data.x(), new float[2], 10));
      regressor.close();
      assertThrows(IllegalStateException.class, () -> regressor.predict(data.x()));
    }
  }
}
