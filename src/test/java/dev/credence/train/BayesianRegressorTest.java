package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.data.CsvTable;
import dev.credence.data.GapData;
import dev.credence.data.Split;
import dev.credence.data.Table;
import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.device.reference.ReferenceDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BayesianRegressorTest {
  private static final Path WINE = Path.of("../shared/data/tables/winequality-red.csv");

  private final GapData data = GapData.of(200, 3);

  private static BayesianRegressor.Builder small() {
    return BayesianRegressor.builder().epochs(5).hidden(8).draws(64).seed(2);
  }

  @Test
  void aFitIsRepeatedBitForBit() {
    float[][] grid = data.x();
    try (var first = small().build().fit(data.x(), data.y());
        var again = small().build().fit(data.x(), data.y());
        var other = small().seed(3).build().fit(data.x(), data.y())) {
      assertArrayEquals(first.predict(grid).mean(), again.predict(grid).mean());
      assertArrayEquals(first.predict(grid).std(), again.predict(grid).std());
      assertEquals(first.summary().nll(), again.summary().nll());
      assertTrue(!Arrays.equals(first.predict(grid).mean(), other.predict(grid).mean()));
      again.fit(data.x(), data.y());
      assertArrayEquals(first.predict(grid).mean(), again.predict(grid).mean());
    }
  }

  @Test
  void devicesThatAreExactAgree() {
    Device best = Devices.best();
    Assumptions.assumeTrue(best.limits().exactFloat32(), best.name() + " is not exact");
    float[][] grid = Arrays.copyOf(data.x(), 33);
    try (Device reference = new ReferenceDevice();
        var one = small().device(reference).epochs(2).draws(32).build().fit(data.x(), data.y());
        var two = small().device(best).epochs(2).draws(32).build().fit(data.x(), data.y())) {
      assertArrayEquals(one.predict(grid).mean(), two.predict(grid).mean());
      assertArrayEquals(one.predict(grid).epistemicStd(), two.predict(grid).epistemicStd());
      assertArrayEquals(one.predict(grid).quantile(0.1), two.predict(grid).quantile(0.1));
    }
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void aPredictionDoesNotDependOnItsSplit(Sampling sampling) {
    GapData many = GapData.of(1500, 8);
    try (var regressor = small().predictiveSampling(sampling).build().fit(data.x(), data.y())) {
      Prediction whole = regressor.predict(many.x());
      float[] mean = new float[1500];
      float[] deviation = new float[1500];
      float[] median = new float[1500];
      int from = 0;
      for (int size : new int[] {1, 7, 32, 33, 600, 1, 826}) {
        Prediction part = regressor.predict(Arrays.copyOfRange(many.x(), from, from + size), from);
        System.arraycopy(part.mean(), 0, mean, from, size);
        System.arraycopy(part.std(), 0, deviation, from, size);
        System.arraycopy(part.quantile(0.5), 0, median, from, size);
        from += size;
      }
      assertEquals(1500, from);
      assertArrayEquals(whole.mean(), mean);
      assertArrayEquals(whole.std(), deviation);
      assertArrayEquals(whole.quantile(0.5), median);
    }
  }

  @ParameterizedTest
  @EnumSource(Sampling.class)
  void aDrawAloneIsThatOfMany(Sampling sampling) {
    try (var regressor = small().predictiveSampling(sampling).build().fit(data.x(), data.y())) {
      Prediction many = regressor.predict(data.x());
      for (int t : new int[] {0, 31, 32, 45}) {
        Prediction alone = regressor.draw(data.x(), t);
        assertArrayEquals(many.draw(t).mean(), alone.mean(), "draw " + t);
        assertArrayEquals(many.draw(t).std(), alone.std(), "draw " + t);
      }
    }
  }

  @Test
  void momentsAreThoseOfTheDraws() {
    try (var regressor = small().build().fit(data.x(), data.y())) {
      Prediction p = regressor.predict(data.x());
      double mean = 0;
      double noise = 0;
      for (int t = 0; t < p.draws(); t++) {
        mean += (double) p.draw(t).mean()[7] / p.draws();
        noise += Math.pow(p.draw(t).std()[7], 2) / p.draws();
      }
      double spread = 0;
      for (int t = 0; t < p.draws(); t++) {
        spread += Math.pow(p.draw(t).mean()[7] - mean, 2) / p.draws();
      }
      assertEquals(mean, p.mean()[7], 1e-5);
      assertEquals(Math.sqrt(spread), p.epistemicStd()[7], 1e-5);
      assertEquals(Math.sqrt(noise), p.aleatoricStd()[7], 1e-5);
    }
  }

  @Test
  void predictsWhileFitting() throws Exception {
    AtomicInteger epochs = new AtomicInteger();
    List<Float> seen = new ArrayList<>();
    float[][] one = {data.x()[0]};
    try (BayesianRegressor regressor =
        small().epochs(200).listener(p -> epochs.incrementAndGet() < 200).build()) {
      assertThrows(IllegalStateException.class, () -> regressor.predict(one));
      var fit = CompletableFuture.runAsync(() -> regressor.fit(data.x(), data.y()));
      while (!fit.isDone()) {
        if (epochs.get() > 0) {
          seen.add(regressor.predict(one).mean()[0]);
        }
      }
      fit.get();
      assertTrue(seen.stream().allMatch(Float::isFinite));
      assertEquals(200, regressor.summary().epochs());
      try (var alone = small().epochs(200).build().fit(data.x(), data.y())) {
        assertArrayEquals(alone.predict(one).mean(), regressor.predict(one).mean());
      }
    }
  }

  @Test
  void aListenerHearsEveryEpochAndMayStop() {
    List<TrainingListener.Progress> heard = new ArrayList<>();
    try (var regressor =
        small().listener(p -> heard.add(p) && p.epoch() < 3).build().fit(data.x(), data.y())) {
      assertEquals(3, heard.size());
      assertEquals(3, regressor.summary().epochs());
      TrainingListener.Progress last = heard.get(2);
      assertEquals(5, last.epochs());
      assertEquals(3 * 4, last.step());
      assertEquals((last.nll() + last.kl()) / 200, last.loss(), 1e-9);
      assertEquals(last.nll(), regressor.summary().nll());
    }
  }

  @Test
  void nothingIsLeftOnTheDevice() {
    try (Device device = new ReferenceDevice()) {
      try (var regressor = small().epochs(1).device(device).build()) {
        regressor.fit(data.x(), data.y()).predict(data.x());
      }
      assertEquals(0, device.allocatedBytes());
    }
  }

  private static void refused(String part, Runnable what) {
    var e = assertThrows(IllegalArgumentException.class, what::run);
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(part), message);
    assertTrue(!message.contains("\n"), message);
  }

  @Test
  void badInputIsRefusedInOneSentence() {
    float[][] x = {{1, 2}, {3, 5}, {4, 4}};
    float[] y = {1, 2, 4};
    try (var regressor = small().epochs(1).build()) {
      refused("no rows", () -> regressor.fit(new float[0][], new float[0]));
      refused("no numbers", () -> regressor.fit(new float[3][0], y));
      refused("row 1 of x holds 1 numbers", () -> regressor.fit(new float[][] {{1, 2}, {3}}, y));
      refused("x has 3 rows, but y holds 2", () -> regressor.fit(x, new float[] {1, 2}));
      float[][] nan = {{1, 2}, {3, Float.NaN}, {4, 4}};
      refused("row 1, column 1 of x is NaN", () -> regressor.fit(nan, y));
      float[] infinite = {1, Float.POSITIVE_INFINITY, 2};
      refused("row 1 of y is Infinity", () -> regressor.fit(x, infinite));
      float[][] short2 = {{1, 2, 3}, {3, 4, 4}};
      refused("fewer rows than features", () -> regressor.fit(short2, new float[] {1, 2}));
      float[][] constant = {{1, 7}, {3, 7}, {4, 7}};
      refused("column 1 of x holds 7.0 in every row", () -> regressor.fit(constant, y));
      refused("y holds 2.0 in every row", () -> regressor.fit(x, new float[] {2, 2, 2}));
      regressor.fit(x, y);
      refused("holds 3 numbers, but", () -> regressor.predict(new float[][] {{1, 2, 3}}));
      refused("column 0 of x is NaN", () -> regressor.predict(new float[][] {{Float.NaN, 2}}));
    }
    refused("needs draws", () -> BayesianRegressor.builder().draws(0));
    refused("epochs", () -> BayesianRegressor.builder().epochs(0));
    BayesianRegressor closed = small().build();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.fit(x, y));
    assertThrows(IllegalStateException.class, () -> closed.predict(x));
  }

  private static float[][] line(int from, int to) {
    float[][] x = new float[to - from][1];
    for (int i = from; i < to; i++) {
      x[i - from][0] = i / 100f;
    }
    return x;
  }

  /** 2 x + noise of standard deviation 0.3. */
  private static float[] noisy(float[][] x, long seed) {
    Random random = new Random(seed);
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = 2 * x[i][0] + (float) (0.3 * random.nextGaussian());
    }
    return y;
  }

  @Test
  void noiseIsFixedOrLearnedOrOfTheInput() {
    float[][] x = line(-200, 200);
    float[] y = noisy(x, 3);
    BayesianRegressor.Builder linear = BayesianRegressor.builder().hidden().epochs(60).draws(40);
    for (BayesianRegressor.Builder builder :
        List.of(linear.fixedNoise(0.3), linear.learnedNoise(), linear.inputDependentNoise())) {
      try (var regressor = builder.build().fit(x, y)) {
        Prediction p = regressor.predict(new float[][] {{-1}, {1.5f}});
        for (int i = 0; i < 2; i++) {
          assertEquals(0.3, p.aleatoricStd()[i], 0.04);
          assertEquals(i == 0 ? -2 : 3, p.mean()[i], 0.1);
          assertTrue(p.epistemicStd()[i] < 0.1);
        }
        float[] average = regressor.average(new float[][] {{-1}, {1.5f}}).mean();
        assertArrayEquals(p.mean(), average, 0.05f);
      }
      linear = BayesianRegressor.builder().hidden().epochs(60).draws(40);
    }
    try (var fixed = linear.fixedNoise(0.7).build().fit(x, y)) {
      assertEquals(0.7, fixed.predict(x).aleatoricStd()[0], 1e-5);
    }
  }

  /** Two halves of a line, the second without its first: the slope of both is kept. */
  @Test
  void anUpdateKeepsWhatWasLearned() {
    float[][] left = line(-200, 0);
    float[][] right = line(0, 200);
    var builder = BayesianRegressor.builder().hidden().epochs(80).fixedNoise(0.3).seed(2);
    try (var regressor = builder.build()) {
      assertThrows(IllegalStateException.class, () -> regressor.update(left, noisy(left, 1)));
      regressor.fit(left, noisy(left, 1));
      float[] before = regressor.predict(new float[][] {{-1}, {1}}).epistemicStd();
      regressor.update(right, noisy(right, 5));
      Prediction after = regressor.predict(new float[][] {{-1}, {1}});
      assertEquals(-2, after.mean()[0], 0.1);
      assertEquals(2, after.mean()[1], 0.1);
      assertTrue(after.epistemicStd()[1] < before[1], "further rows make it surer");
      refused("holds 2 numbers", () -> regressor.update(new float[][] {{1, 2}}, new float[] {1}));
    }
  }

  @Test
  void priorsAndWeightsOfTheDivergenceAreSettings() {
    float[][] x = line(-100, 100);
    float[] y = noisy(x, 3);
    for (Sampling sampling : Sampling.values()) {
      var builder =
          BayesianRegressor.builder()
              .hidden(8)
              .epochs(150)
              .prior(Prior.scaleMixture(0.5, 1, 0.1))
              .klWeight(KlWeight.HALVING.annealed(5))
              .sampling(sampling)
              .samples(2);
      try (var regressor = builder.build().fit(x, y)) {
        assertEquals(1, regressor.predict(new float[][] {{0.5f}}).mean()[0], 0.2);
        assertTrue(regressor.summary().kl() > 0);
      }
    }
  }

  @Test
  void doubtGrowsInTheGap() {
    GapData gap = GapData.of(1000, 1);
    try (var regressor = BayesianRegressor.builder().seed(1).build().fit(gap.x(), gap.y())) {
      float[] doubt = regressor.predict(new float[][] {{-1}, {0}, {2}, {3.5f}}).epistemicStd();
      assertTrue(doubt[2] > 1.5 * doubt[0] && doubt[2] > 1.5 * doubt[1], Arrays.toString(doubt));
    }
  }

  /** The criterion of the main job, with the defaults. */
  @Test
  void learnsRedWine() {
    Assumptions.assumeTrue(Files.exists(WINE), "the table " + WINE + " is not here");
    Device best = Devices.best();
    Assumptions.assumeTrue(!best.name().equals("reference"), "the reference device is too slow");
    Table table = CsvTable.read(WINE);
    float[] y = table.column("quality");
    float[][] x = table.matrix(table.names().stream().filter(n -> !n.equals("quality")).toList());
    double rmse = 0;
    double nll = 0;
    double coverage = 0;
    for (int seed = 1; seed <= 5; seed++) {
      Split split = Split.of(y.length, 0.1, seed);
      float[] test = Split.rows(y, split.test());
      try (var regressor = BayesianRegressor.builder().seed(seed).build()) {
        regressor.fit(Split.rows(x, split.train()), Split.rows(y, split.train()));
        Prediction p = regressor.predict(Split.rows(x, split.test()));
        float[][] interval = p.interval(0.9);
        rmse += Metrics.rmse(test, p.mean()) / 5;
        nll -= Metrics.mean(p.logDensity(test)) / 5;
        coverage += Metrics.coverage(test, interval[0], interval[1]) / 5;
      }
    }
    String figures = "rmse " + rmse + ", nll " + nll + ", coverage " + coverage;
    assertTrue(rmse <= 0.67 && nll <= 1.01 && coverage >= 0.86 && coverage <= 0.96, figures);
  }

  /** With the noise learned, evaluations are those of the prediction whose draws are kept. */
  @Test
  void anEvaluationIsThatOfThePrediction() {
    GapData data = GapData.of(200, 3);
    try (var regressor =
        BayesianRegressor.builder().epochs(3).draws(100).build().fit(data.x(), data.y())) {
      Prediction p = regressor.predict(data.x());
      Regressor.Evaluation e = regressor.evaluate(data.x(), data.y(), 100);
      assertArrayEquals(p.mean(), e.mean());
      assertArrayEquals(p.epistemicStd(), e.epistemicStd());
      assertArrayEquals(p.std(), e.std());
      assertArrayEquals(p.logDensity(data.y()), e.logDensity(), 1e-4);
    }
  }

  /** Nothing of another net reaches a net: not its data, draws or first weights. */
  @Test
  void aNetLearnsBesideOthersAsItWouldAlone() {
    GapData data = GapData.of(100, 3);
    GapData other = GapData.of(100, 9);
    var settings = BayesianRegressor.builder().epochs(3).hidden(8).learnedNoise().draws(64);
    try (var alone = settings.build();
        var beside = settings.build();
        var loud = settings.build()) {
      Regressor.fitAll(List.of(alone), List.<float[][]>of(data.x()), List.<float[]>of(data.y()));
      Regressor.fitAll(
          List.of(beside, loud), List.of(data.x(), other.x()), List.of(data.y(), other.y()));
      assertArrayEquals(alone.predict(data.x()).mean(), beside.predict(data.x()).mean());
      assertTrue(!Arrays.equals(alone.predict(data.x()).mean(), loud.predict(data.x()).mean()));
    }
  }

  /** With all rows in a batch and weights all but known only the order of the rows differs. */
  @Test
  void aFitOfOneNetAmongManyIsAFit() {
    GapData data = GapData.of(100, 3);
    for (boolean shared : new boolean[] {true, false}) {
      var settings =
          BayesianRegressor.builder()
              .epochs(20)
              .hidden(8)
              .batchSize(100)
              .initialScale(1e-6)
              .draws(32);
      if (shared) {
        settings.learnedNoise();
      }
      try (var single = settings.build();
          var many = settings.build();
          var more = settings.build()) {
        single.fit(data.x(), data.y());
        Regressor.fitAll(
            List.of(many, more), List.of(data.x(), data.x()), List.of(data.y(), data.y()));
        assertArrayEquals(single.average(data.x()).mean(), many.average(data.x()).mean(), 1e-3f);
        assertArrayEquals(
            single.predict(data.x()).aleatoricStd(), many.predict(data.x()).aleatoricStd(), 1e-3f);
        assertTrue(!Arrays.equals(many.average(data.x()).mean(), more.average(data.x()).mean()));
      }
    }
  }

  /** Settings are equal where their numbers are, whoever has written them down. */
  @Test
  void buildersOfEqualSettingsAreFittedAtOnce() {
    GapData data = GapData.of(100, 3);
    List<float[][]> x = List.of(data.x(), data.x());
    List<float[]> y = List.of(data.y(), data.y());
    List<Supplier<Prior>> priors =
        List.of(
            () -> Prior.normal(1),
            () -> Prior.laplace(0.5),
            () -> Prior.scaleMixture(0.5, 1, 0.1),
            () -> Prior.normal(2));
    for (int i = 0; i < priors.size(); i++) {
      try (var one = annealed(priors.get(i).get());
          var two = annealed(priors.get(i).get());
          var other = annealed(priors.get((i + 1) % priors.size()).get())) {
        Regressor.fitAll(List.of(one, two), x, y);
        assertThrows(
            IllegalArgumentException.class, () -> Regressor.fitAll(List.of(one, other), x, y));
      }
    }
  }

  private static BayesianRegressor annealed(Prior prior) {
    return BayesianRegressor.builder()
        .epochs(1)
        .hidden(3)
        .prior(prior)
        .klWeight(KlWeight.UNIFORM.annealed(2))
        .build();
  }

  @Test
  void netsThatCannotBeFittedAtOnceAreRefused() {
    GapData data = GapData.of(100, 3);
    List<float[][]> x = List.of(data.x(), data.x());
    List<float[]> y = List.of(data.y(), data.y());
    try (var one = BayesianRegressor.builder().build();
        var two = BayesianRegressor.builder().priorScale(1).build();
        var three = BayesianRegressor.builder().fixedNoise(0.1).build()) {
      for (List<BayesianRegressor> nets : List.of(List.of(one), List.of(one, two))) {
        assertThrows(IllegalArgumentException.class, () -> Regressor.fitAll(nets, x, y));
      }
      // A fixed noise is another one beside targets that spread more.
      float[] wider = data.y().clone();
      for (int i = 0; i < wider.length; i++) {
        wider[i] *= 3;
      }
      var refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> Regressor.fitAll(List.of(three, three), x, List.of(data.y(), wider)));
      assertTrue(refused.getMessage().contains("spreads differ"), refused.getMessage());
    }
  }
}
