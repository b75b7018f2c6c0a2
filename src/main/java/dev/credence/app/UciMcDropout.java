package dev.credence.app;

import dev.credence.app.UciSplits.Known;
import dev.credence.app.UciSplits.Outcome;
import dev.credence.app.UciSplits.Published;
import dev.credence.app.UciSplits.Rows;
import dev.credence.data.UciSet;
import dev.credence.train.McDropoutRegressor;
import dev.credence.train.Metrics;
import dev.credence.train.Regressor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The regression table of "Dropout as a Bayesian Approximation" (Gal and Ghahramani 2016, Table 1),
 * on the published splits: one hidden layer of rectifiers, dropout before both layers, Adam, the
 * log likelihood by the logsumexp over draws. All splits of a set are trained at once.
 */
final class UciMcDropout implements Experiment {
  /** 10 times the base number of epochs, batches of 32, and settings that were given. */
  private static final String FIXED = "a";

  /**
   * 100 times the base number of epochs, batches of 128, and a grid searched on validation rows.
   */
  private static final String GRID = "b";

  private static final int DRAWS = 10_000;
  private static final int GRID_DRAWS = 1000;
  private static final double TRAINING_PART = 0.8;
  private static final double LENGTH_SCALE = 1e-2;

  /**
   * What a net is trained with.
   *
   * @param p probability of dropping
   * @param tau precision of the noise, in the target's unit
   * @param lengthScale of the prior
   */
  private record Setting(double p, double tau, double lengthScale) {}

  /** A set as it was published. */
  private record Case(Setting fixed, Published once, Published searched) {
    static Case of(
        int splits, double p, double tau, double lengthScale, double[] once, double[] searched) {
      return new Case(
          new Setting(p, tau, lengthScale),
          published(splits, once, "Gal and Ghahramani 2016, Table 1, run again by the authors"),
          published(splits, searched, "the authors' grid search, 100 times the base epochs"));
    }

    private static Published published(int splits, double[] v, String source) {
      return new Published(Known.of(v[0], v[1], splits), Known.of(v[2], v[3], splits), source);
    }
  }

  /** RMSE and log likelihood, each with its standard deviation over the splits. */
  private static double[] figures(double... values) {
    return values;
  }

  private static final Map<String, Case> CASES =
      Map.of(
          "bostonHousing",
          Case.of(
              20,
              .05,
              .1597,
              1e-2,
              figures(2.974, .849, -2.460, .248),
              figures(2.903623, .790853, -2.401936, .186498)),
          "concrete",
          Case.of(
              20,
              .01,
              .0557,
              1e-2,
              figures(5.230, .528, -3.039, .091),
              figures(4.826460, .717931, -2.936656, .111032)),
          "kin8nm",
          Case.of(
              20,
              .05,
              192.48,
              1e-2,
              figures(.0965, .0030, .951, .026),
              figures(.078899, .002661, 1.136426, .029629)),
          "naval-propulsion-plant",
          Case.of(
              20,
              .05,
              42173.5,
              1,
              figures(.00547, .00032, 3.805, .050),
              figures(.000743, .000207, 4.449543, .009661)),
          "power-plant",
          Case.of(
              20,
              .005,
              .0871,
              1e-2,
              figures(4.022, .184, -2.795, .046),
              figures(4.014226, .164444, -2.807789, .038578)),
          "protein-tertiary-structure",
          Case.of(
              5,
              .005,
              .0644,
              1e-2,
              figures(4.356, .044, -2.891, .010),
              figures(4.274228, .046658, -2.871297, .003335)),
          "wine-quality-red",
          Case.of(
              20,
              .05,
              2.958,
              1e-2,
              figures(.6202, .0391, -.933, .064),
              figures(.621809, .035661, -.928090, .056967)));

  @Override
  public String name() {
    return "uci-mc-dropout";
  }

  @Override
  public String summary() {
    return "regression by Monte Carlo dropout on the published splits of seven UCI sets; --protocol"
        + " a: settings given, b: settings searched, ten times the epochs";
  }

  @Override
  public List<String> parts() {
    return CASES.keySet().stream().sorted().toList();
  }

  @Override
  public List<String> protocols() {
    return List.of(FIXED, GRID);
  }

  @Override
  public void run(Bench bench) {
    UciSplits splits = new UciSplits(bench);
    splits.each(CASES, (set, known) -> run(bench, splits, set, known));
  }

  private static void run(Bench bench, UciSplits splits, UciSet set, Case known) {
    double start = bench.seconds();
    boolean grid = bench.protocol().equals(GRID);
    List<Rows> training = UciSplits.training(set);
    List<Setting> settings =
        grid
            ? searched(bench, set, training)
            : training.stream().map(rows -> known.fixed()).toList();
    List<McDropoutRegressor> nets =
        bench.train(set.name(), course -> fit(bench, set, training, settings, course));
    List<Outcome> outcomes = outcomes(nets, UciSplits.test(set), DRAWS);
    double seconds = bench.seconds() - start;
    splits.result(set, outcomes, grid ? known.searched() : known.once(), seconds);
    extras(bench, set, nets, settings);
    splits.predictions(set, nets.getFirst());
    nets.forEach(McDropoutRegressor::close);
  }

  /** A net for each split, all trained at once. */
  private static List<McDropoutRegressor> fit(
      Bench bench, UciSet set, List<Rows> rows, List<Setting> settings, Course course) {
    boolean grid = bench.protocol().equals(GRID);
    List<McDropoutRegressor> nets =
        settings.stream()
            .map(
                setting ->
                    course
                        .on(McDropoutRegressor.builder())
                        .hidden(set.hidden())
                        .epochs(bench.epochs((grid ? 100 : 10) * set.epochs()))
                        .batchSize(grid ? 128 : 32)
                        .learningRate(1e-3)
                        .dropout(setting.p())
                        .precision(setting.tau())
                        .lengthScale(setting.lengthScale())
                        .constantColumns(true)
                        .seed(bench.seed())
                        .build())
            .toList();
    Regressor.fitAll(
        nets, rows.stream().map(Rows::x).toList(), rows.stream().map(Rows::y).toList());
    return nets;
  }

  private static List<Outcome> outcomes(List<McDropoutRegressor> nets, List<Rows> test, int draws) {
    return IntStream.range(0, nets.size())
        .mapToObj(
            k -> {
              Rows rows = test.get(k);
              var said = nets.get(k).evaluate(rows.x(), rows.y(), draws);
              return new Outcome(rows.y(), said.mean(), said.std(), said.logDensity());
            })
        .toList();
  }

  /**
   * For each split the setting of the grid with the highest log likelihood of the last fifth of its
   * training rows, by nets that learned from the others.
   */
  private static List<Setting> searched(Bench bench, UciSet set, List<Rows> training) {
    List<Rows> learned = new ArrayList<>();
    List<Rows> kept = new ArrayList<>();
    for (Rows rows : training) {
      int cut = (int) (TRAINING_PART * rows.y().length);
      learned.add(rows.part(0, cut));
      kept.add(rows.part(cut, rows.y().length));
    }
    double[] best = new double[training.size()];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    Setting[] chosen = new Setting[training.size()];
    for (double p : set.dropoutRates()) {
      for (double tau : set.taus()) {
        Setting setting = new Setting(p, tau, LENGTH_SCALE);
        List<Setting> same = training.stream().map(rows -> setting).toList();
        List<McDropoutRegressor> nets =
            bench.train(
                set.name() + ", p = " + Text.tick(p) + ", tau = " + Text.tick(tau),
                course -> fit(bench, set, learned, same, course));
        List<Outcome> outcomes = outcomes(nets, kept, GRID_DRAWS);
        for (int k = 0; k < chosen.length; k++) {
          if (outcomes.get(k).ll() > best[k]) {
            best[k] = outcomes.get(k).ll();
            chosen[k] = setting;
          }
        }
        nets.forEach(McDropoutRegressor::close);
      }
    }
    return List.of(chosen);
  }

  /** What the table does not hold: weight averaging and the settings. */
  private static void extras(
      Bench bench, UciSet set, List<McDropoutRegressor> nets, List<Setting> settings) {
    List<Rows> test = UciSplits.test(set);
    bench.result(
        set.name() + ".weightAveragingRmse",
        IntStream.range(0, nets.size())
            .mapToDouble(
                k -> Metrics.rmse(test.get(k).y(), nets.get(k).average(test.get(k).x()).mean()))
            .average()
            .orElseThrow());
    bench.result(
        set.name() + ".p", settings.stream().collect(Collectors.averagingDouble(Setting::p)));
    bench.result(
        set.name() + ".tau", settings.stream().collect(Collectors.averagingDouble(Setting::tau)));
  }
}
