package dev.credence.train;

import dev.credence.model.McDropoutMlp;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

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
    Tables.requireLearnable(x, y);
    Standardiser inputs =
        settings.constantColumns ? Standardiser.lenient(x) : Standardiser.of("x", x);
    Standardiser target = Standardiser.of("y", column(y));
    served.fit(() -> train(x, y, inputs, target));
    return this;
  }

  private static float[][] column(float[] y) {
    float[][] column = new float[y.length][1];
    for (int i = 0; i < y.length; i++) {
      column[i][0] = y[i];
    }
    return column;
  }

  private void train(float[][] x, float[] y, Standardiser inputs, Standardiser target) {
    int rows = x.length;
    int width = x[0].length;
    double unit = target.unit()[0];
    var model =
        new McDropoutMlp.Regression(
            rows, settings.rates(), settings.lengthScale, settings.tau(unit), unit);
    var empty =
        new McDropoutMlp.Regression.Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, width)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows)));
    Mlp initial =
        McDropoutMlp.init(Key.ROOT.split("init"), Activation.RELU, settings.widths(width, 1));
    var how = settings.training(LearningRate.constant(settings.learningRate));
    double shift = Math.log(unit);
    try (var data = State.of(settings.place(), 0, empty)) {
      data.write(data.tree().x(), inputs.apply(x, 0, rows, rows));
      data.write(data.tree().y(), target.apply(column(y), 0, rows, rows));
      try (var trainer = new Trainer<>(model, initial, data, how)) {
        var next =
            new DropoutPredictive(
                trainer.weights().snapshot(), inputs, target, model, settings.seed);
        // A density of the standardised target is that of the target times its unit.
        served.train(
            trainer,
            next,
            p ->
                settings.listener.onEpoch(
                    new TrainingListener.Progress(
                        p.epoch(),
                        p.epochs(),
                        p.step(),
                        p.loss() + shift,
                        p.nll() + rows * shift,
                        p.kl())),
            s ->
                new FitSummary(
                    s.epochs(),
                    s.steps(),
                    s.seconds(),
                    s.stepMicros(),
                    s.nll() + rows * shift,
                    s.kl()));
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
