package dev.credence.train;

import dev.credence.bayes.LearnedDropout;
import dev.credence.model.ConcreteDropoutNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.LayeredNet;
import java.util.List;
import java.util.Map;

/**
 * Regression with uncertainty by dropout that learns how much to drop (Gal, Hron and Kendall 2017,
 * "Concrete Dropout"): a {@link ConcreteDropoutNet} whose masks stay when it predicts. No rate has
 * to be searched; more data make it fall. The noise of the target is learned, too, or known.
 *
 * <pre>{@code
 * try (var regressor = ConcreteDropoutRegressor.builder().seed(1).build().fit(x, y)) {
 *   Prediction p = regressor.predict(test);
 *   Map<String, Double> rates = regressor.dropout();
 * }
 * }</pre>
 */
public final class ConcreteDropoutRegressor extends Regressor<LearnedDropout<LayeredNet>> {
  private final Builder settings;

  private ConcreteDropoutRegressor(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a regressor. */
  public static final class Builder extends RegressorBuilder<Builder>
      implements ConcreteBuilder<Builder> {
    private Concrete concrete = new Concrete(0.1, 1);

    private Builder() {
      super(new int[] {50, 50}, 300, 64, 0.01, 128);
    }

    private Builder(Builder other) {
      super(other);
      concrete = other.concrete;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public Concrete concrete() {
      return concrete;
    }

    @Override
    public Builder concrete(Concrete settings) {
      this.concrete = settings;
      return this;
    }

    /** A regressor of these settings. */
    public ConcreteDropoutRegressor build() {
      return new ConcreteDropoutRegressor(new Builder(this));
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
  public ConcreteDropoutRegressor fit(float[][] x, float[] y) {
    learn(x, y);
    return this;
  }

  /**
   * The probabilities of dropping that have been learned, each in (0, 1), by the paths of the
   * layers they stand before.
   *
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public Map<String, Double> dropout() {
    return weights(Concrete::learned);
  }

  @Override
  Model<LearnedDropout<LayeredNet>, Examples> model(RegressionData data) {
    return new ConcreteDropoutNet<>(
        data.rows(), likelihood(data.target()), settings.concrete.lengthScale());
  }

  @Override
  Model<LearnedDropout<LayeredNet>, Examples> together(
      List<Model<LearnedDropout<LayeredNet>, Examples>> models) {
    throw new IllegalArgumentException(
        "regressors that learn how much to drop are fitted one after the other, not at once");
  }

  @Override
  LearnedDropout<LayeredNet> initial(int width, int... nets) {
    return LearnedDropout.init(settings.net(width, nets), settings.concrete.p());
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
  Outputs<LearnedDropout<LayeredNet>> outputs() {
    return Outputs.learnedDropout();
  }
}
