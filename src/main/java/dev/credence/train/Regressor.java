package dev.credence.train;

import dev.credence.model.BayesianNet;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

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

  /** Prepares to learn from rows. */
  @FunctionalInterface
  interface Start<W> {
    Trainer<W, BayesianNet.Batch> trainer(State<BayesianNet.Batch> data, Trainer.Settings how);
  }

  /** How to learn some rows of some width from scratch. */
  abstract Start<W> fresh(int rows, int width, Standardiser target);

  /** How raw outputs are drawn. */
  abstract RegressionPredictive.Draws<W> draws();

  /** How to train on some rows. */
  abstract Trainer.Settings training(int rows);

  /** Learns from rows, from scratch. */
  void learn(float[][] x, float[] y) {
    Tables.requireLearnable(x, y);
    Standardiser inputs = Standardiser.of("x", x);
    Standardiser target = Standardiser.of("y", Tables.column(y));
    served.fit(() -> train(x, y, inputs, target, fresh(x.length, x[0].length, target)));
  }

  /** Says how to learn some rows where the last fit has left the weights. */
  @FunctionalInterface
  interface Further<W> {
    Start<W> start(State<W> known, int rows, Standardiser target);
  }

  /** Learns further rows of the same columns. */
  void learnMore(float[][] x, float[] y, Further<W> further) {
    served.fit(
        () -> {
          Standardiser inputs = served.ask(RegressionPredictive::inputs);
          Standardiser target = served.ask(RegressionPredictive::target);
          Tables.requireRows(x, inputs.centre().length);
          Tables.requireTargets(x, y);
          try (State<W> known = served.ask(RegressionPredictive::weights)) {
            train(x, y, inputs, target, further.start(known, x.length, target));
          }
        });
  }

  private void train(
      float[][] x, float[] y, Standardiser inputs, Standardiser target, Start<W> start) {
    int rows = x.length;
    var empty =
        new BayesianNet.Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, x[0].length)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows)));
    // A density of the standardised target is that of the target times its unit.
    double shift = Math.log(target.unit()[0]);
    try (var data = State.of(common.place(), 0, empty)) {
      data.write(data.tree().x(), inputs.apply(x, 0, rows, rows));
      data.write(data.tree().y(), target.apply(Tables.column(y), 0, rows, rows));
      try (var trainer = start.trainer(data, training(rows))) {
        var next =
            new RegressionPredictive<>(
                trainer.weights().snapshot(),
                inputs,
                target,
                common.likelihood(target),
                draws(),
                common.seed);
        served.train(
            trainer,
            next,
            p -> common.listener.onEpoch(p.shifted(shift, rows)),
            s -> s.shifted(shift, rows));
      }
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
