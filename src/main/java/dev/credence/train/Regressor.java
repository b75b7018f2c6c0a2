package dev.credence.train;

import dev.credence.bayes.Elbo;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.run.Checkpoint;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What regressors have in common: fitting, predicting while another thread fits, and closing.
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
    permits BayesianRegressor, ConcreteDropoutRegressor, McDropoutRegressor, MlpRegressor {
  private final NetBuilder<?> common;
  private final Served<W, RegressionPredictive<W>> served = new Served<>("regressor");

  Regressor(NetBuilder<?> common) {
    this.common = common;
  }

  /** What is learned from some rows. */
  abstract Model<W, Examples> model(RegressionData data);

  /**
   * The weights to start with.
   *
   * @param width numbers of a row
   * @param nets none for one net; K for K nets along a new first axis
   */
  abstract W initial(int width, int... nets);

  /** What the net's raw outputs say of the standardised target. */
  abstract Likelihood.Normals likelihood(Standardiser target);

  /** How raw outputs are drawn. */
  abstract Outputs<W> outputs();

  /** How to train on some rows. */
  abstract Trainer.Settings training(int rows);

  /**
   * What K nets learn together, whose weights have a first axis for them and whose inputs and
   * targets a second.
   *
   * @param models of each net
   */
  Model<W, Examples> together(List<Model<W, Examples>> models) {
    NetBuilder.require(
        models.stream().distinct().count() == 1,
        "the noise of regressors that are fitted at once is the same beside the spread of their"
            + " targets, but theirs is fixed and their targets' spreads differ");
    int nets = models.size();
    // The mean over the rows of all K nets, K times, is the sum of the nets' means.
    return (weights, batch, key) -> {
      Tensor inputs = batch.x().permute(1, 0, 2);
      Tensor targets = batch.y().transpose().unsqueeze(-1);
      Elbo mean = models.getFirst().elbo(weights, new Examples(inputs, targets), key);
      return new Elbo(mean.meanNll().mul(nets), mean.kl(), mean.rows());
    };
  }

  /**
   * What predictions are worth on rows whose targets are known, without any draw kept.
   *
   * @param mean over the draws, in the target's unit
   * @param epistemicStd standard deviation over the draws
   * @param std of both kinds: the root of the draws' variance plus the mean variance of the noise
   * @param logDensity of each target in nats: the logsumexp over the draws of their log densities,
   *     minus log T
   */
  public record Evaluation(float[] mean, float[] epistemicStd, float[] std, double[] logDensity) {}

  /** Prepares to learn from rows. */
  @FunctionalInterface
  interface Start<W> {
    Trainer<W, Examples> trainer(State<Examples> data, Trainer.Settings how);
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
          try (State<W> known = weights(State::snapshot)) {
            train(own, further.start(known, own));
          }
        });
  }

  private void train(RegressionData own, Start<W> start) {
    try (var data = own.on(common.place(), Examples::new);
        var trainer = start.trainer(data, training(own.rows()))) {
      served.train(
          trainer,
          predictive(trainer.weights().snapshot(), own.inputs(), own.target()),
          p -> common.listener.onEpoch(p.shifted(own.shift(), own.rows())),
          common.checkpoint,
          s -> s.shifted(own.shift(), own.rows()));
    }
  }

  /** Asks the weights of the last epoch. */
  <R> R weights(Function<State<W>, R> question) {
    return served.ask(now -> now.weights(question));
  }

  private RegressionPredictive<W> predictive(
      State<W> weights, Standardiser inputs, Standardiser target) {
    return new RegressionPredictive<>(
        weights, inputs, target, likelihood(target), outputs(), common.seed);
  }

  /**
   * Saves what has been learned to a file of the safetensors format: the weights as they were when
   * the last epoch ended, and how inputs and target are standardised.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file cannot be written; what
   *     was there stays
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public void save(Path file) {
    save(file, Map.of());
  }

  /**
   * Saves what has been learned as {@link #save(Path)} does, and what there is to say about it,
   * such as what the columns are called.
   *
   * @param about texts by names, see {@link #about}
   */
  public void save(Path file, Map<String, String> about) {
    served.ask(
        now ->
            now.weights(
                weights -> {
                  Checkpoint.Writer writer = Saved.of(this, weights);
                  Saved.with(writer, Saved.INPUTS, now.inputs());
                  Saved.with(writer, Saved.TARGET, now.target());
                  Saved.with(writer, about).write(file);
                  return now;
                }));
  }

  /**
   * Predicts from now on with what a regressor of the same settings has saved. Settings are not in
   * the file: a noise that is fixed, rates of dropping, how many draws there are, where they are
   * made and by which seed is this regressor's.
   *
   * @throws dev.credence.data.DataException in one sentence, if the file is missing, damaged, or
   *     not that of such a regressor; then this stays as it was
   * @throws IllegalStateException after closing
   */
  public void load(Path file) {
    served.fit(
        () -> {
          Saved saved = Saved.read(file, getClass());
          Standardiser inputs = saved.standardiser(Saved.INPUTS);
          Standardiser target = saved.standardiser(Saved.TARGET);
          State<W> weights = saved.weights(common.place(), initial(inputs.centre().length));
          served.serve(predictive(weights, inputs, target));
        });
  }

  /**
   * What was said about a regressor when it was saved.
   *
   * @return texts by names, in alphabetical order
   * @throws dev.credence.data.DataException in one sentence, if the file is missing or damaged
   */
  public static Map<String, String> about(Path file) {
    return Saved.about(file);
  }

  /**
   * Fits several regressors of one kind at once, each to data of its own: the splits of a
   * cross-validation, the points of a grid, an ensemble. Their nets are trained by one program,
   * which takes less time than one fit after the other. They share their settings and the number of
   * rows and columns; only regressors by dropout may differ in their rates, precisions and length
   * scales. Everything is drawn by the first regressor's seed, differently for each net, and only
   * its listener hears, of the mean over the nets, and its checkpoint is kept. Predictions are
   * served once training has ended.
   *
   * @param x the inputs of each regressor, one row each, equally many rows and columns for all
   * @param y the targets of each regressor
   * @throws IllegalArgumentException in one sentence, as the regressors' own fit, or if what they
   *     share differs
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
    Model<W, Examples> model =
        shared.together(
            IntStream.range(0, nets).mapToObj(k -> all.get(k).model(own.get(k))).toList());
    NetBuilder<?> how = shared.common;
    W initial = shared.initial(first.width(), nets);
    try (var data = RegressionData.on(how.place(), own, how.seed, Examples::new);
        var trainer = new Trainer<>(model, initial, data, shared.training(first.rows()))) {
      Nets.fit(
          trainer,
          own,
          how,
          all.stream().map(r -> r.served).toList(),
          (k, weights) -> all.get(k).predictive(weights, own.get(k).inputs(), own.get(k).target()));
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
   * @param firstRow which row of the table the first one is: noise of a row of its own, such as a
   *     mask, follows its number
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
   * Mean, spread and log density by any number of draws, which are reduced as they are made: memory
   * does not grow with their number.
   *
   * @param x inputs, one row each
   * @param y their targets
   * @param draws how many, T
   * @throws IllegalArgumentException in one sentence, as {@link #predict}, or if lengths differ
   */
  public Evaluation evaluate(float[][] x, float[] y, int draws) {
    NetBuilder.require(draws > 0, "a prediction needs draws, but " + draws + " was given");
    return served.ask(now -> now.evaluate(x, y, draws));
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
