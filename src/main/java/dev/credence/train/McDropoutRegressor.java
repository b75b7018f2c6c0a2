package dev.credence.train;

import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.McDropoutMlp;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
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
public final class McDropoutRegressor extends Regressor<Mlp> {
  private static final Key INIT = Key.ROOT.split("init");

  /** Noise of a tenth of the target's variance, unless said otherwise. */
  private static final double USUAL_PRECISION = 10;

  private final Builder settings;

  private McDropoutRegressor(Builder settings) {
    super(settings);
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

    private double tau(double unit) {
      return Double.isNaN(precision) ? USUAL_PRECISION / (unit * unit) : precision;
    }
  }

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
    learn(x, y);
    return this;
  }

  @Override
  McDropoutMlp.Regression model(RegressionData data) {
    double unit = data.target().unit()[0];
    return new McDropoutMlp.Regression(
        data.rows(), settings.rates(), settings.lengthScale, settings.tau(unit), unit);
  }

  @Override
  Model<Mlp, Examples> together(List<Model<Mlp, Examples>> models) {
    return new McDropoutMlp.Regressions(
        models.stream().map(McDropoutMlp.Regression.class::cast).toList());
  }

  @Override
  Mlp initial(int width, int... nets) {
    return McDropoutMlp.init(INIT, nets, Activation.RELU, settings.widths(width, 1));
  }

  @Override
  Likelihood.Normals likelihood(Standardiser target) {
    double unit = target.unit()[0];
    return new Likelihood.Gaussian(1 / (Math.sqrt(settings.tau(unit)) * unit));
  }

  @Override
  Trainer.Settings training(int rows) {
    return settings.training(LearningRate.constant(settings.learningRate));
  }

  @Override
  Outputs<Mlp> outputs() {
    return Outputs.dropout(settings.rates());
  }
}
