package dev.credence.train;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.model.BayesianNet;
import dev.credence.model.LeNet;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.ImageFormat;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * Classification of images with uncertainty by a Bayesian convolutional net: a {@link BayesianNet}
 * around {@link LeNet}, every weight of which is normal, filters included. What is known of them is
 * told by {@link #posterior()}.
 */
public final class BayesianLeNetClassifier extends MeanFieldClassifier<LeNet> {
  private final Builder settings;

  private BayesianLeNetClassifier(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /**
   * Starts with settings that suit some ten thousand digits.
   *
   * @param format how images stand in rows; pixels are best scaled to [0, 1)
   */
  public static Builder builder(ImageFormat format) {
    return new Builder(format);
  }

  /** Settings of a classifier. */
  public static final class Builder extends ImageBuilder<Builder> {
    private Prior prior = Prior.normal(0.1);
    private double initialScale = 0.02;
    private Sampling sampling = Sampling.LOCAL;
    private Sampling predictiveSampling = Sampling.DIRECT;

    private Builder(ImageFormat format) {
      super(format, 20, 64, 1e-3, 50);
    }

    private Builder(Builder other) {
      super(other);
      prior = other.prior;
      initialScale = other.initialScale;
      sampling = other.sampling;
      predictiveSampling = other.predictiveSampling;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Adam's learning rate at the start; it falls to zero along half a cosine. */
    @Override
    public Builder learningRate(double lr) {
      return super.learningRate(lr);
    }

    /** Standard deviation of the weights' prior, which then is normal. */
    public Builder priorScale(double scale) {
      return prior(Prior.normal(scale));
    }

    /** What is believed of the weights before any data; normal unless said otherwise. */
    public Builder prior(Prior weights) {
      this.prior = weights;
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
    public BayesianLeNetClassifier build() {
      return new BayesianLeNetClassifier(new Builder(this));
    }
  }

  /**
   * Learns from images, from scratch. Until its first epoch has ended, predictions are those of the
   * fit before, if any.
   *
   * @param x images, one row each, of the builder's format
   * @param labels from 0 to one less than the number of classes, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another format, a
   *     number is not finite, lengths differ, a label is negative, or all are 0
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException if this is closed
   */
  public BayesianLeNetClassifier fit(float[][] x, int[] labels) {
    learn(x, labels);
    return this;
  }

  /**
   * Learns from further images without those before: what is known of the weights becomes their
   * prior (Nguyen et al. 2018, "Variational Continual Learning", equation 2).
   *
   * @param x images, one row each, of the builder's format
   * @param labels from 0 to one less than the number of classes of the fit, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another format, a
   *     number is not finite, lengths differ, or a label is none of the fit's classes
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException before the first fit, and after closing
   */
  public BayesianLeNetClassifier update(float[][] x, int[] labels) {
    learnMore(x, labels);
    return this;
  }

  @Override
  MeanField<LeNet> initial(int width, int classes) {
    return MeanField.init(
        LeNet.init(Key.ROOT.split("init"), settings.format, classes), settings.initialScale);
  }

  @Override
  Prior prior() {
    return settings.prior;
  }

  @Override
  Model<MeanField<LeNet>, Rows> model(int rows, int classes, Prior prior) {
    var likelihood = new Likelihood.Labels(classes);
    var model = new BayesianNet<LeNet>(rows, likelihood, prior, settings.sampling, 1);
    return (q, batch, key) -> model.elbo(q, new BayesianNet.Batch(batch.x(), batch.labels()), key);
  }

  @Override
  Tensor draws(MeanField<LeNet> q, Tensor x, int samples, Key key) {
    return settings.predictiveSampling.apply(q, x, samples, key);
  }
}
