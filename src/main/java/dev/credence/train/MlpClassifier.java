package dev.credence.train;

import dev.credence.model.DeterministicNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;

/**
 * Classification by a plain dense net with a softmax on plain arrays, or by logistic regression
 * where there are no hidden layers: to measure others against, and to build a {@link
 * ClassifierEnsemble} of. It starts as the other classifiers with dense nets do.
 *
 * <pre>{@code
 * try (var classifier = MlpClassifier.builder().seed(1).build().fit(x, labels)) {
 *   int[] labels = classifier.predict(test).labels();
 * }
 * }</pre>
 */
public final class MlpClassifier extends Classifier<Mlp> {
  private final Builder settings;

  private MlpClassifier(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a classifier. */
  public static final class Builder extends ClassifierBuilder<Builder> {
    private double weightDecay;

    private Builder() {
      super(new int[] {64, 64}, 100, 64, 1e-3, 1);
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

    /** A classifier of these settings. */
    public MlpClassifier build() {
      return new MlpClassifier(new Builder(this));
    }
  }

  /**
   * Learns from rows, from scratch. Until its first epoch has ended, predictions are those of the
   * fit before, if any.
   *
   * @param x inputs, one row each, all of one width
   * @param labels from 0 to one less than the number of classes, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged, a number is not finite,
   *     lengths differ, a label is negative, all are 0, or a column to be standardised is constant
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException if this is closed
   */
  public MlpClassifier fit(float[][] x, int[] labels) {
    learn(x, labels);
    return this;
  }

  /**
   * Learns from further rows, starting from the weights as they are. Nothing holds them there: what
   * was learned before is forgotten as far as the rows differ, which {@link
   * BayesianClassifier#update} avoids.
   *
   * @param x inputs, as wide as those of the fit, and standardised as they were
   * @param labels from 0 to one less than the number of classes of the fit, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, a
   *     number is not finite, lengths differ, or a label is none of the fit's classes
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException before the first fit, and after closing
   */
  public MlpClassifier update(float[][] x, int[] labels) {
    learnMore(x, labels);
    return this;
  }

  @Override
  Model<Mlp, Examples> model(int rows, int classes) {
    return new DeterministicNet<>(rows, new Likelihood.Labels(classes), settings.weightDecay);
  }

  @Override
  Mlp initial(int width, int classes) {
    return Mlp.init(Key.ROOT.split("init"), Activation.RELU, settings.widths(width, classes));
  }

  @Override
  Outputs<Mlp> outputs() {
    return Outputs.plain();
  }
}
