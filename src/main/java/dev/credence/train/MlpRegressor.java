package dev.credence.train;

import dev.credence.model.DeterministicNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.LayeredNet;

/**
 * Regression by a plain dense net on plain arrays, to measure others against and to build a {@link
 * RegressorEnsemble} of: its predictions know the noise of the data and have no doubt of their own.
 *
 * <pre>{@code
 * try (var regressor = MlpRegressor.builder().seed(1).build().fit(x, y)) {
 *   float[] mean = regressor.predict(test).mean();
 * }
 * }</pre>
 */
public final class MlpRegressor extends Regressor<LayeredNet> {
  private final Builder settings;

  private MlpRegressor(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a regressor. */
  public static final class Builder extends RegressorBuilder<Builder> {
    private double weightDecay;

    private Builder() {
      super(new int[] {20, 20}, 100, 64, 0.01, 1);
    }

    private Builder(Builder other) {
      super(other);
      weightDecay = other.weightDecay;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * What half the sum of squared weights costs in nats, beside the negative log likelihood of all
     * rows: one over the variance of a normal prior. None unless said otherwise.
     */
    public Builder weightDecay(double nats) {
      require(nats >= 0, "a weight decay is not negative, but " + nats + " was given");
      this.weightDecay = nats;
      return this;
    }

    @Override
    boolean trainsAs(NetBuilder<?> other) {
      return super.trainsAs(other)
          && other instanceof Builder builder
          && weightDecay == builder.weightDecay;
    }

    /** A regressor of these settings. */
    public MlpRegressor build() {
      return new MlpRegressor(new Builder(this));
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
  public MlpRegressor fit(float[][] x, float[] y) {
    learn(x, y);
    return this;
  }

  @Override
  Model<LayeredNet, Examples> model(RegressionData data) {
    return new DeterministicNet<>(
        data.rows(), settings.likelihood(data.target()), settings.weightDecay);
  }

  @Override
  LayeredNet initial(int width, int... nets) {
    return settings.net(width, nets);
  }

  @Override
  Likelihood.Normals likelihood(Standardiser target) {
    return settings.likelihood(target);
  }

  @Override
  Trainer.Settings training(int rows) {
    return settings.training(settings.rate(rows));
  }

  @Override
  Outputs<LayeredNet> outputs() {
    return Outputs.plain();
  }
}
