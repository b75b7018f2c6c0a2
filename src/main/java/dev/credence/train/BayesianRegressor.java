package dev.credence.train;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.model.BayesianNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.LayeredNet;

/**
 * Regression with uncertainty on plain arrays: a dense {@link BayesianNet}, trained by the evidence
 * lower bound, whose noise depends on the input unless said otherwise.
 *
 * <pre>{@code
 * try (var regressor = BayesianRegressor.builder().seed(1).build().fit(x, y)) {
 *   Prediction p = regressor.predict(test);
 *   float[][] interval = p.interval(0.9);
 * }
 * }</pre>
 */
public final class BayesianRegressor extends Regressor<MeanField<LayeredNet>> {
  private final Builder settings;

  private BayesianRegressor(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a regressor. */
  public static final class Builder extends RegressorBuilder<Builder>
      implements VariationalBuilder<Builder> {
    private Variational variational = Variational.of(0.5, 0.05);

    private Builder() {
      super(new int[] {20, 20}, 300, 64, 0.01, 128);
    }

    private Builder(Builder other) {
      super(other);
      variational = other.variational;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public Variational variational() {
      return variational;
    }

    @Override
    public Builder variational(Variational settings) {
      this.variational = settings;
      return this;
    }

    @Override
    boolean trainsAs(NetBuilder<?> other) {
      return super.trainsAs(other)
          && other instanceof Builder builder
          && variational.trainsAs(builder.variational);
    }

    /** A regressor of these settings. */
    public BayesianRegressor build() {
      return new BayesianRegressor(new Builder(this));
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
  public BayesianRegressor fit(float[][] x, float[] y) {
    learn(x, y);
    return this;
  }

  /**
   * Learns from further rows without those before: what is known of the weights becomes their prior
   * (Nguyen et al. 2018, "Variational Continual Learning", equation 2). Until its first epoch has
   * ended, predictions are those before.
   *
   * @param x inputs, as wide as those of the fit, and standardised as they were
   * @param y targets, one a row, standardised as those of the fit were
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, a
   *     number is not finite, or lengths differ
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public BayesianRegressor update(float[][] x, float[] y) {
    learnMore(
        x,
        y,
        (known, further) ->
            (data, how) -> Trainer.after(known, prior -> model(further, prior), data, how));
    return this;
  }

  private BayesianNet<LayeredNet> model(RegressionData data, Prior prior) {
    return new BayesianNet<>(
        data.rows(),
        settings.likelihood(data.target()),
        prior,
        settings.variational.sampling(),
        settings.variational.samples());
  }

  @Override
  Model<MeanField<LayeredNet>, Examples> model(RegressionData data) {
    return model(data, settings.variational.prior());
  }

  @Override
  MeanField<LayeredNet> initial(int width, int... nets) {
    return MeanField.init(
        settings.net(width, nets), settings.variational.initialScale(), settings::isOfLayer);
  }

  @Override
  Likelihood.Normals likelihood(Standardiser target) {
    return settings.likelihood(target);
  }

  @Override
  Trainer.Settings training(int rows) {
    return settings.training(settings.rate(rows)).with(settings.variational.klWeight());
  }

  @Override
  Outputs<MeanField<LayeredNet>> outputs() {
    return Outputs.normal(settings.variational.predictiveSampling());
  }
}
