package dev.credence.train;

import dev.credence.model.McDropoutMlp;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Regression with uncertainty by Monte Carlo dropout on plain arrays: a {@link McDropoutMlp} whose
 * masks stay when it predicts (Gal and Ghahramani 2016). The noise is one and the same for all
 * rows, of precision tau.
 *
 * <pre>{@code
 * try (var regressor = McDropoutRegressor.builder().precision(0.16).build().fit(x, y)) {
 *   Prediction p = regressor.predict(test);
 *   double ll = Metrics.mean(regressor.evaluate(test, truth, 10_000).logDensity());
 * }
 * }</pre>
 *
 * <p>Inputs and target are standardised inside, and predictions are in the target's unit. The same
 * seed, data and settings give the same weights and predictions, bit for bit.
 *
 * <p>Thread-safe. {@link #predict} may be called while {@link #fit} goes on in another thread: it
 * sees the weights as they were when the last epoch ended.
 */
public final class McDropoutRegressor implements AutoCloseable {
  private static final Key INIT = Key.ROOT.split("init");

  /** Noise of a tenth of the target's variance, unless said otherwise. */
  private static final double USUAL_PRECISION = 10;

  private final Builder settings;
  private final Served<Mlp, DropoutPredictive> served = new Served<>("regressor");

  private McDropoutRegressor(Builder settings) {
    this.settings = settings;
  }

  /** Starts with the settings of the published tables: one layer of 50 units, 400 epochs. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a regressor. */
  public static final class Builder extends NetBuilder<Builder> {
    private double p = 0.05;
    private double inputP = Double.NaN;
    private double lengthScale = 1e-2;
    private double precision = Double.NaN;
    private boolean constantColumns;

    private Builder() {
      super(new int[] {50}, 400, 32, 1e-3, 256);
    }

    private Builder(Builder other) {
      super(other);
      p = other.p;
      inputP = other.inputP;
      lengthScale = other.lengthScale;
      precision = other.precision;
      constantColumns = other.constantColumns;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Probability of dropping, before every layer. */
    public Builder dropout(double probability) {
      p = McDropoutMlp.Rates.of(probability).hidden();
      return this;
    }

    /** Probability of dropping an input, if not that of all layers. */
    public Builder inputDropout(double probability) {
      inputP = McDropoutMlp.Rates.of(probability).inputs();
      return this;
    }

    /** The prior's length scale l, from which the weight decay follows. */
    public Builder lengthScale(double l) {
      require(l >= 0, "a length scale is not negative, but " + l + " was given");
      lengthScale = l;
      return this;
    }

    /**
     * One over the variance of the noise, tau, in the target's own unit; unless said otherwise ten
     * over the variance of the targets.
     */
    public Builder precision(double tau) {
      require(tau > 0, "a precision is positive, but " + tau + " was given");
      precision = tau;
      return this;
    }

    /**
     * Whether a column of the inputs may hold one value in every row. Unless said otherwise it is
     * refused, since it is usually a mistake; allowed, it is shifted to 0, as in the published
     * experiments.
     */
    public Builder constantColumns(boolean allowed) {
      constantColumns = allowed;
      return this;
    }

    /** A regressor of these settings. */
    public McDropoutRegressor build() {
      return new McDropoutRegressor(new Builder(this));
    }

    private McDropoutMlp.Rates rates() {
      return new McDropoutMlp.Rates(Double.isNaN(inputP) ? p : inputP, p);
    }

    private Trainer.Settings training() {
      return training(LearningRate.constant(learningRate));
    }

    private boolean trainsAs(Builder other) {
      return Arrays.equals(hidden, other.hidden)
          && epochs == other.epochs
          && batchSize == other.batchSize
          && learningRate == other.learningRate;
    }

    private double tau(double unit) {
      return Double.isNaN(precision) ? USUAL_PRECISION / (unit * unit) : precision;
    }
  }

  /**
   * What predictions are worth on rows whose targets are known, without any draw kept.
   *
   * @param mean over the draws, in the target's unit
   * @param epistemicStd standard deviation over the draws
   * @param std of both kinds: the root of the draws' variance plus 1 / tau
   * @param logDensity of each target in nats: the logsumexp over the draws of their log densities,
   *     minus log T
   */
  public record Evaluation(float[] mean, float[] epistemicStd, float[] std, double[] logDensity) {}

  /**
   * Learns from rows, from scratch. Until its first epoch has ended, predictions are those of the
   * fit before, if any.
   *
   * @param x inputs, one row each, all of one width
   * @param y targets, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged, a number is not finite,
   *     lengths differ, there are fewer rows than features, or a column or the target is constant
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException if this is closed
   */
  public McDropoutRegressor fit(float[][] x, float[] y) {
    Task task = task(x, y);
    served.fit(() -> train(task));
    return this;
  }

  /**
   * Fits several regressors at once, each to data of its own: the splits of a cross-validation, the
   * points of a grid, an ensemble. Their nets are trained by one program, which takes less time
   * than one fit after the other. A net's data, rates, precision and length scale are its own; they
   * share the number of rows and columns, the layers, epochs, batch size and learning rate. Masks
   * and first weights are drawn by the first regressor's seed, differently for each net, and only
   * its listener hears, of the mean over the nets. Predictions are served once training has ended.
   *
   * @param x the inputs of each regressor, one row each
   * @param y the targets of each regressor
   * @throws IllegalArgumentException in one sentence, as {@link #fit}, or if what is shared differs
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException if a regressor is closed
   */
  public static void fitAll(
      List<McDropoutRegressor> regressors, List<float[][]> x, List<float[]> y) {
    if (regressors.isEmpty() || x.size() != regressors.size() || y.size() != regressors.size()) {
      throw new IllegalArgumentException(
          "each regressor has data of its own, but "
              + x.size()
              + " inputs and "
              + y.size()
              + " targets were given for "
              + regressors.size()
              + " regressors");
    }
    List<Task> tasks = new ArrayList<>();
    for (int k = 0; k < regressors.size(); k++) {
      tasks.add(regressors.get(k).task(x.get(k), y.get(k)));
    }
    Builder shared = regressors.getFirst().settings;
    for (int k = 1; k < regressors.size(); k++) {
      NetBuilder.require(
          shared.trainsAs(regressors.get(k).settings),
          "regressors that are fitted at once have the same layers, epochs, batch size and learning"
              + " rate, but those of number "
              + k
              + " differ from those of number 0");
      NetBuilder.require(
          x.get(k).length == x.getFirst().length && x.get(k)[0].length == x.getFirst()[0].length,
          "regressors that are fitted at once have equally many rows and columns, but number "
              + k
              + " has "
              + x.get(k).length
              + " rows of "
              + x.get(k)[0].length
              + " and number 0 has "
              + x.getFirst().length
              + " of "
              + x.getFirst()[0].length);
    }
    trainAll(regressors, tasks, shared);
  }

  private static void trainAll(
      List<McDropoutRegressor> regressors, List<Task> tasks, Builder shared) {
    int nets = tasks.size();
    int rows = tasks.getFirst().x.length;
    int width = tasks.getFirst().x[0].length;
    var model = new McDropoutMlp.Regressions(tasks.stream().map(Task::model).toList());
    var empty =
        new McDropoutMlp.Regression.Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, nets, width)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, nets)));
    Mlp initial = McDropoutMlp.initMany(INIT, nets, Activation.RELU, shared.widths(width, 1));
    double shift = tasks.stream().mapToDouble(Task::shift).average().orElseThrow();
    try (var data = State.of(shared.place(), 0, empty)) {
      data.write(
          data.tree().x(),
          Nets.interleave(
              tasks.stream().map(Task::x).toList(),
              tasks.stream().map(Task::inputs).toList(),
              shared.seed));
      data.write(
          data.tree().y(),
          Nets.interleave(
              tasks.stream().map(task -> Tables.column(task.y)).toList(),
              tasks.stream().map(Task::target).toList(),
              shared.seed));
      try (var trainer = new Trainer<>(model, initial, data, shared.training())) {
        FitSummary last =
            trainer.fit(p -> shared.listener.onEpoch(p.shared(nets).shifted(shift, rows)));
        FitSummary each = last.shared(nets);
        for (int k = 0; k < nets; k++) {
          Task task = tasks.get(k);
          McDropoutRegressor regressor = regressors.get(k);
          int net = k;
          regressor.served.fit(
              () ->
                  regressor.served.serve(
                      regressor.predictive(task, Nets.one(trainer.weights(), net)),
                      each.shifted(task.shift(), rows)));
        }
      }
    }
  }

  /** What is to be learned. */
  private record Task(
      float[][] x,
      float[] y,
      Standardiser inputs,
      Standardiser target,
      McDropoutMlp.Regression model) {
    /** A density of the standardised target is that of the target times its unit. */
    double shift() {
      return Math.log(target.unit()[0]);
    }
  }

  private Task task(float[][] x, float[] y) {
    Tables.requireLearnable(x, y);
    Standardiser inputs =
        settings.constantColumns ? Standardiser.lenient(x) : Standardiser.of("x", x);
    Standardiser target = Standardiser.of("y", Tables.column(y));
    double unit = target.unit()[0];
    var model =
        new McDropoutMlp.Regression(
            x.length, settings.rates(), settings.lengthScale, settings.tau(unit), unit);
    return new Task(x, y, inputs, target, model);
  }

  private DropoutPredictive predictive(Task task, State<Mlp> weights) {
    return new DropoutPredictive(weights, task.inputs, task.target, task.model, settings.seed);
  }

  private void train(Task task) {
    int rows = task.x.length;
    int width = task.x[0].length;
    var empty =
        new McDropoutMlp.Regression.Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, width)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows)));
    Mlp initial = McDropoutMlp.init(INIT, Activation.RELU, settings.widths(width, 1));
    double shift = task.shift();
    try (var data = State.of(settings.place(), 0, empty)) {
      data.write(data.tree().x(), task.inputs.apply(task.x, 0, rows, rows));
      data.write(data.tree().y(), task.target.apply(Tables.column(task.y), 0, rows, rows));
      try (var trainer = new Trainer<>(task.model, initial, data, settings.training())) {
        served.train(
            trainer,
            predictive(task, trainer.weights().snapshot()),
            p -> settings.listener.onEpoch(p.shifted(shift, rows)),
            s -> s.shifted(shift, rows));
      }
    }
  }

  /**
   * The predictive distribution of some rows: an equal mixture of T normals of variance 1 / tau,
   * around the draws, which are kept.
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
   * @param firstRow which row of the table the first one is: masks follow a row's number
   */
  public Prediction predict(float[][] x, int firstRow) {
    return served.ask(now -> now.predict(x, firstRow, settings.draws));
  }

  /**
   * What a single draw of the masks says of some rows: the t-th of those that {@link #predict}
   * averages, the same bits, or one beyond them.
   *
   * @param t which draw, from 0
   */
  public Prediction draw(float[][] x, int t) {
    return served.ask(now -> now.draw(x, 0, t));
  }

  /** What one pass without masks says of some rows: weight averaging. */
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
   * How the last fit went; nll is in nats of the target's own unit, kl the weight decay in nats.
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
