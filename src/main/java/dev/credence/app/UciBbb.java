package dev.credence.app;

import dev.credence.app.UciSplits.Known;
import dev.credence.app.UciSplits.Outcome;
import dev.credence.app.UciSplits.Published;
import dev.credence.app.UciSplits.Rows;
import dev.credence.data.UciSet;
import dev.credence.train.BayesianRegressor;
import dev.credence.train.Prediction;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Bayes by Backprop (Blundell et al. 2015) on the published splits of the UCI sets, beside the
 * variational inference of the same table: one hidden layer of rectifiers with normal weights, one
 * noise for all rows that is learned, local reparametrisation. All splits of a set are trained at
 * once.
 */
final class UciBbb implements Experiment {
  private static final int DRAWS = 1024;

  private static final Map<String, Published> VARIATIONAL =
      Map.of(
          "bostonHousing",
          table(4.32, .29, -2.90, .07, "; Sun et al. 2019 by Backprop: 3.171, -2.602"),
          "concrete",
          table(7.19, .12, -3.39, .02, "; Sun et al. 2019 by Backprop: 5.678, -3.149"),
          "kin8nm",
          table(.10, .00, .90, .01, ""),
          "naval-propulsion-plant",
          table(.01, .00, 3.73, .12, ""),
          "power-plant",
          table(4.33, .04, -2.89, .01, ""),
          "protein-tertiary-structure",
          table(4.84, .03, -2.99, .01, ""),
          "wine-quality-red",
          table(.65, .01, -.98, .01, "; Sun et al. 2019 by Backprop: 0.643, -0.977"));

  private static Published table(
      double rmse, double rmseStderr, double ll, double llStderr, String more) {
    return new Published(
        Known.rounded(rmse, rmseStderr),
        Known.rounded(ll, llStderr),
        "variational inference, Gal and Ghahramani 2016, Table 1" + more);
  }

  @Override
  public String name() {
    return "uci-bbb";
  }

  @Override
  public String summary() {
    return "regression by Bayes by Backprop on the published splits of seven UCI sets";
  }

  @Override
  public List<String> parts() {
    return VARIATIONAL.keySet().stream().sorted().toList();
  }

  @Override
  public void run(Bench bench) {
    UciSplits splits = new UciSplits(bench);
    splits.each(VARIATIONAL, (set, known) -> run(bench, splits, set, known));
  }

  private static void run(Bench bench, UciSplits splits, UciSet set, Published known) {
    double start = bench.seconds();
    List<Rows> training = UciSplits.training(set);
    List<Rows> test = UciSplits.test(set);
    List<BayesianRegressor> nets =
        bench.train(set.name(), course -> fit(bench, set, training, course));
    List<Outcome> outcomes =
        IntStream.range(0, nets.size())
            .mapToObj(k -> outcome(test.get(k), nets.get(k).predict(test.get(k).x())))
            .toList();
    splits.result(set, outcomes, known, bench.seconds() - start);
    bench.result(
        set.name() + ".elbo",
        nets.stream()
            .mapToDouble(net -> -(net.summary().nll() + net.summary().kl()))
            .average()
            .orElseThrow());
    splits.predictions(set, nets.getFirst());
    nets.forEach(BayesianRegressor::close);
  }

  private static List<BayesianRegressor> fit(
      Bench bench, UciSet set, List<Rows> rows, Course course) {
    BayesianRegressor.Builder settings =
        course
            .on(BayesianRegressor.builder())
            .hidden(set.hidden())
            .learnedNoise()
            .epochs(bench.epochs(10 * set.epochs()))
            .batchSize(32)
            .draws(DRAWS)
            .constantColumns(true)
            .seed(bench.seed());
    List<BayesianRegressor> nets = rows.stream().map(split -> settings.build()).toList();
    BayesianRegressor.fitAll(
        nets, rows.stream().map(Rows::x).toList(), rows.stream().map(Rows::y).toList());
    return nets;
  }

  private static Outcome outcome(Rows rows, Prediction said) {
    return new Outcome(rows.y(), said.mean(), said.std(), said.logDensity(rows.y()));
  }
}
