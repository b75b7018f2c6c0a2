package dev.credence.train;

import dev.credence.model.BayesianNet;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;

/**
 * Classification with uncertainty on plain arrays: a dense {@link BayesianNet} whose weights are
 * normal, trained by the evidence lower bound.
 *
 * <pre>{@code
 * try (var classifier = BayesianClassifier.builder().seed(1).build().fit(x, labels)) {
 *   ClassPrediction p = classifier.predict(test);
 *   float[] doubt = p.mutualInformation();
 * }
 * }</pre>
 */
public final class BayesianClassifier extends MeanFieldClassifier<Mlp> {
  private final Builder settings;

  private BayesianClassifier(Builder settings) {
    super(settings, settings.variational);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a classifier. */
  public static final class Builder extends ClassifierBuilder<Builder>
      implements VariationalBuilder<Builder> {
    private Variational variational = Variational.of(0.5, 0.05);

    private Builder() {
      super(new int[] {20, 20}, 200, 64, 0.01, 64);
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

    /** A classifier of these settings. */
    public BayesianClassifier build() {
      return new BayesianClassifier(new Builder(this));
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
  public BayesianClassifier fit(float[][] x, int[] labels) {
    learn(x, labels);
    return this;
  }

  /**
   * Learns from further rows without those before: what is known of the weights becomes their prior
   * (Nguyen et al. 2018, "Variational Continual Learning", equation 2). Until its first epoch has
   * ended, predictions are those before.
   *
   * @param x inputs, as wide as those of the fit, and standardised as they were
   * @param labels from 0 to one less than the number of classes of the fit, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, a
   *     number is not finite, lengths differ, or a label is none of the fit's classes
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException before the first fit, after closing, and after weights have been
   *     pruned
   */
  public BayesianClassifier update(float[][] x, int[] labels) {
    learnMore(x, labels);
    return this;
  }

  /**
   * Removes weights of least signal to noise, |mean| / standard deviation: they become 0 for sure
   * (Blundell et al. 2015, section 5.1). Of weights that have been removed already none comes back.
   *
   * @param part of all weights, from 0 to 1
   * @return this
   * @throws IllegalArgumentException if the part is outside [0, 1]
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public BayesianClassifier prune(double part) {
    removeLeast(part);
    return this;
  }

  @Override
  Mlp net(int width, int classes) {
    int[] widths = settings.widths(width, classes);
    return Mlp.init(Key.ROOT.split("init"), Activation.RELU, widths);
  }
}
