package dev.credence.train;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.model.BayesianMlpClassifier;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * Classification with uncertainty on plain arrays: a {@link BayesianMlpClassifier} whose weights
 * are normal, trained by the evidence lower bound.
 *
 * <pre>{@code
 * try (var classifier = BayesianClassifier.builder().seed(1).build().fit(x, labels)) {
 *   ClassPrediction p = classifier.predict(test);
 *   float[] doubt = p.mutualInformation();
 * }
 * }</pre>
 */
public final class BayesianClassifier extends Classifier<MeanField<Mlp>> {
  private final Builder settings;

  private BayesianClassifier(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a classifier. */
  public static final class Builder extends ClassifierBuilder<Builder> {
    private double priorScale = 0.5;
    private double initialScale = 0.05;
    private Sampling sampling = Sampling.LOCAL;
    private Sampling predictiveSampling = Sampling.DIRECT;

    private Builder() {
      super(new int[] {20, 20}, 200, 64, 0.01, 64);
    }

    private Builder(Builder other) {
      super(other);
      priorScale = other.priorScale;
      initialScale = other.initialScale;
      sampling = other.sampling;
      predictiveSampling = other.predictiveSampling;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Standard deviation of the weights' prior. */
    public Builder priorScale(double scale) {
      require(scale > 0, "a standard deviation is positive, but " + scale + " was given");
      this.priorScale = scale;
      return this;
    }

    /** Standard deviation of the weights' posterior when training starts. */
    public Builder initialScale(double scale) {
      require(scale > 0, "a standard deviation is positive, but " + scale + " was given");
      this.initialScale = scale;
      return this;
    }

    /** Where training draws; local unless said otherwise. */
    public Builder sampling(Sampling training) {
      this.sampling = training;
      return this;
    }

    /** Where predictions draw; directly unless said otherwise, so that a draw is a function. */
    public Builder predictiveSampling(Sampling prediction) {
      this.predictiveSampling = prediction;
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

  @Override
  Task<MeanField<Mlp>> task(int rows, int width, int classes) {
    var model =
        new BayesianMlpClassifier(rows, Prior.normal(settings.priorScale), settings.sampling);
    MeanField<Mlp> initial =
        BayesianMlpClassifier.init(
            Key.ROOT.split("init"), settings.initialScale, settings.widths(width, classes));
    return new Task<>(
        (q, batch, key) ->
            model.elbo(q, new BayesianMlpClassifier.Batch(batch.x(), batch.labels()), key),
        initial);
  }

  @Override
  ClassPredictive.Draws<MeanField<Mlp>> draws() {
    Sampling sampling = settings.predictiveSampling;
    return new ClassPredictive.Draws<>() {
      @Override
      public Tensor draws(MeanField<Mlp> q, Tensor x, int samples, Key key) {
        return sampling.apply(q, x, samples, key);
      }

      @Override
      public Tensor average(MeanField<Mlp> q, Tensor x) {
        return q.mean().apply(x);
      }
    };
  }
}
