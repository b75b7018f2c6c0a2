package dev.credence.train;

import dev.credence.model.McDropoutMlp;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import java.util.List;
import java.util.stream.IntStream;

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

    private Builder() {
      super(new int[] {50}, 400, 32, 1e-3, 256);
    }

    private Builder(Builder other) {
      super(other);
      p = other.p;
      inputP = other.inputP;
      lengthScale = other.lengthScale;
      precision = other.precision;
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
    RegressionData own = RegressionData.of(x, y, settings);
    var model = model(own);
    Mlp initial = McDropoutMlp.init(INIT, Activation.RELU, settings.widths(own.width(), 1));
    served.fit(
        () -> {
          try (var data = own.on(settings.place(), McDropoutMlp.Regression.Batch::new);
              var trainer = new Trainer<>(model, initial, data, settings.training())) {
            served.train(
                trainer,
                predictive(own, trainer.weights().snapshot()),
                p -> settings.listener.onEpoch(p.shifted(own.shift(), own.rows())),
                s -> s.shifted(own.shift(), own.rows()));
          }
        });
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
    List<RegressionData> own =
        RegressionData.all(x, y, regressors.stream().map(r -> r.settings).toList());
    int nets = own.size();
    Builder shared = regressors.getFirst().settings;
    var model =
        new McDropoutMlp.Regressions(
            IntStream.range(0, nets).mapToObj(k -> regressors.get(k).model(own.get(k))).toList());
    int[] widths = shared.widths(own.getFirst().width(), 1);
    Mlp initial = McDropoutMlp.init(INIT, new int[] {nets}, Activation.RELU, widths);
    try (var data =
            RegressionData.on(
                shared.place(), own, shared.seed, McDropoutMlp.Regression.Batch::new);
        var trainer = new Trainer<>(model, initial, data, shared.training())) {
      Nets.fit(
          trainer,
          own,
          shared.listener,
          regressors.stream().map(r -> r.served).toList(),
          (k, weights) -> regressors.get(k).predictive(own.get(k), weights));
    }
  }

  private McDropoutMlp.Regression model(RegressionData data) {
    double unit = data.target().unit()[0];
    return new McDropoutMlp.Regression(
        data.rows(), settings.rates(), settings.lengthScale, settings.tau(unit), unit);
  }

  private DropoutPredictive predictive(RegressionData data, State<Mlp> weights) {
    return new DropoutPredictive(weights, data.inputs(), data.target(), model(data), settings.seed);
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
