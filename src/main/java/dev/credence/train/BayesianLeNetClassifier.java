package dev.credence.train;

import dev.credence.model.BayesianNet;
import dev.credence.model.LeNet;
import dev.credence.nn.ImageFormat;
import dev.credence.tensor.Key;

/**
 * Classification of images with uncertainty by a Bayesian convolutional net: a {@link BayesianNet}
 * around {@link LeNet}, every weight of which is normal, filters included. What is known of them is
 * told by {@link #posterior()}.
 */
public final class BayesianLeNetClassifier extends MeanFieldClassifier<LeNet> {
  private final Builder settings;

  private BayesianLeNetClassifier(Builder settings) {
    super(settings, settings.variational);
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
  public static final class Builder extends ImageBuilder<Builder>
      implements VariationalBuilder<Builder> {
    private Variational variational = Variational.of(0.1, 0.02);

    private Builder(ImageFormat format) {
      super(format, 20, 64, 1e-3, 50);
    }

    private Builder(Builder other) {
      super(other);
      variational = other.variational;
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
  LeNet net(int width, int classes) {
    return LeNet.init(Key.ROOT.split("init"), settings.format, classes);
  }
}
