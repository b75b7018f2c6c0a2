package dev.credence.train;

import dev.credence.bayes.Elbo;
import dev.credence.model.BayesianNet;
import dev.credence.model.Model;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * What regressors have in common whose net says, or learns, the noise of the target: fitting,
 * predicting while another thread fits, and closing.
 *
 * <p>Inputs and target are standardised inside, and predictions are in the target's unit. The same
 * seed, data and settings give the same weights and predictions, bit for bit.
 *
 * <p>Thread-safe. {@link #predict} may be called while a fit goes on in another thread: it sees the
 * weights as they were when the last epoch ended.
 *
 * @param <W> the tree of weights
 */
public abstract sealed class Regressor<W> implements AutoCloseable
    permits BayesianRegressor, MlpRegressor {
  private final RegressorBuilder<?> common;
  private final Served<W, RegressionPredictive<W>> served = new Served<>("regressor");

  Regressor(RegressorBuilder<?> common) {
    this.common = common;
  }

  /** What is learned from some rows. */
  abstract Model<W, BayesianNet.Batch> model(RegressionData data);

  /**
   * The weights to start with.
   *
   * @param width numbers of a row
   * @param nets none for one net; K for K nets along a new first axis
   */
  abstract W initial(int width, int... nets);

  /** How raw outputs are drawn. */
  abstract RegressionPredictive.Draws<W> draws();

  /** How to train on some rows. */
  abstract Trainer.Settings training(int rows);

  /** Prepares to learn from rows. */
  @FunctionalInterface
  interface Start<W> {
    Trainer<W, BayesianNet.Batch> trainer(State<BayesianNet.Batch> data, Trainer.Settings how);
  }

  /** Learns from rows, from scratch. */
  void learn(float[][] x, float[] y) {
    RegressionData own = RegressionData.of(x, y, common);
    served.fit(
        () ->
            train(own, (data, how) -> new Trainer<>(model(own), initial(own.width()), data, how)));
  }

  /** Says how to learn some rows where the last fit has left the weights. */
  @FunctionalInterface
  interface Further<W> {
    Start<W> start(State<W> known, RegressionData data);
  }

  /** Learns further rows of the same columns. */
  void learnMore(float[][] x, float[] y, Further<W> further) {
    served.fit(
        () -> {
          Standardiser inputs = served.ask(RegressionPredictive::inputs);
          Standardiser target = served.ask(RegressionPredictive::target);
          Tables.requireRows(x, inputs.centre().length);
          Tables.requireTargets(x, y);
          RegressionData own = new RegressionData(x, y, inputs, target);
          try (State<W> known = served.ask(RegressionPredictive::weights)) {
            train(own, further.start(known, own));
          }
        });
  }

  private void train(RegressionData own, Start<W> start) {
    try (var data = own.on(common.place(), BayesianNet.Batch::new);
        var trainer = start.trainer(data, training(own.rows()))) {
      served.train(
          trainer,
          predictive(own, trainer.weights().snapshot()),
          p -> common.listener.onEpoch(p.shifted(own.shift(), own.rows())),
          s -> s.shifted(own.shift(), own.rows()));
    }
  }

  private RegressionPredictive<W> predictive(RegressionData data, State<W> weights) {
    return new RegressionPredictive<>(
        weights,
        data.inputs(),
        data.target(),
        common.likelihood(data.target()),
        draws(),
        common.seed);
  }

  /**
   * Fits several regressors of the same settings at once, each to data of its own: the splits of a
   * cross-validation, an ensemble. Their nets are trained by one program, which takes less time
   * than one fit after the other. Everything is drawn by the first regressor's seed, differently
   * for each net, and only its listener hears, of the mean over the nets. Predictions are served
   * once training has ended.
   *
   * @param x the inputs of each regressor, one row each, equally many rows and columns for all
   * @param y the targets of each regressor
   * @throws IllegalArgumentException in one sentence, as the regressors' own fit, or if they differ
   *     in their settings or in their numbers of rows or columns, or their noise is fixed
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException if a regressor is closed
   */
  public static <W> void fitAll(
      List<? extends Regressor<W>> regressors, List<float[][]> x, List<float[]> y) {
    List<Regressor<W>> all = List.copyOf(regressors);
    List<RegressionData> own = RegressionData.all(x, y, all.stream().map(r -> r.common).toList());
    int nets = own.size();
    RegressionData first = own.getFirst();
    Regressor<W> shared = all.getFirst();
    NetBuilder.require(
        shared.common.learnsNoise(),
        "regressors that are fitted at once learn their noise, but theirs is fixed");
    Model<W, BayesianNet.Batch> one = shared.model(first);
    // The mean over the rows of all K nets, K times, is the sum of the nets' means.
    Model<W, BayesianNet.Batch> sum =
        (weights, batch, key) -> {
          Tensor inputs = batch.x().permute(1, 0, 2);
          Tensor targets = batch.y().transpose().unsqueeze(-1);
          Elbo mean = one.elbo(weights, new BayesianNet.Batch(inputs, targets), key);
          return new Elbo(mean.meanNll().mul(nets), mean.kl(), mean.rows());
        };
    RegressorBuilder<?> how = shared.common;
    W initial = shared.initial(first.width(), nets);
    try (var data = RegressionData.on(how.place(), own, how.seed, BayesianNet.Batch::new);
        var trainer = new Trainer<>(sum, initial, data, shared.training(first.rows()))) {
      Nets.fit(
          trainer,
          own,
          how.listener,
          all.stream().map(r -> r.served).toList(),
          (k, weights) -> all.get(k).predictive(own.get(k), weights));
    }
  }

  /**
   * The predictive distribution of some rows.
   *
   * @param x inputs, one row each, as wide as those of the fit
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, or a
   *     number is not finite
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public Prediction predict(float[][] x) {
    return predict(x, 0);
  }

  /**
   * The predictive distribution of some rows of a longer table, the same that predicting the whole
   * table at once would give.
   *
   * @param firstRow which row of the table the first one is; it matters only where each row has
   *     noise of its own, under local sampling
   */
  public Prediction predict(float[][] x, int firstRow) {
    return served.ask(now -> now.predict(x, firstRow, common.draws));
  }

  /**
   * What a single draw says of some rows: the t-th of those that {@link #predict} averages, the
   * same bits, or one beyond them.
   *
   * @param t which draw, from 0
   */
  public Prediction draw(float[][] x, int t) {
    return served.ask(now -> now.draw(x, 0, t));
  }

  /** What one pass with the weights' means says of some rows: weight averaging. */
  public Prediction average(float[][] x) {
    return served.ask(now -> now.average(x));
  }

  /**
   * How the last fit went; nll is in nats of the target's own unit.
   *
   * @throws IllegalStateException before the first fit has ended
   */
  public FitSummary summary() {
    return served.summary();
  }

  /** Ends a fit that goes on in another thread after its epoch, and gives all memory back. */
  @Override
  public void close() {
    served.close();
  }
}
