package dev.credence.train;

import dev.credence.model.Examples;
import dev.credence.model.LeNet;
import dev.credence.model.Model;
import dev.credence.nn.ImageFormat;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * Classification of images with uncertainty: a {@link LeNet} with dropout that stays when it
 * predicts (Gal and Ghahramani 2015, "Bayesian Convolutional Neural Networks with Bernoulli
 * Approximate Variational Inference"), trained as there. {@link #predict} averages over draws of
 * the masks; {@link #average} is the usual single pass without them.
 *
 * <pre>{@code
 * try (var lenet = LeNetClassifier.builder(new ImageFormat(1, 28, 28)).build().fit(x, labels)) {
 *   ClassPrediction p = lenet.predict(test);
 *   float[] doubt = p.mutualInformation();
 * }
 * }</pre>
 */
public final class LeNetClassifier extends Classifier<LeNet> {
  private final Builder settings;

  private LeNetClassifier(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /**
   * Starts with the settings of the published experiments, dropout of a half after all layers but
   * the last, and 20 passes over the data.
   *
   * @param format how images stand in rows; pixels are best scaled to [0, 1)
   */
  public static Builder builder(ImageFormat format) {
    return new Builder(format);
  }

  /** Settings of a classifier. */
  public static final class Builder extends ImageBuilder<Builder> {
    private static final double GAMMA = 1e-4;
    private static final double POWER = 0.75;
    private static final double BIASES = 2;

    private LeNet.Rates rates = LeNet.Rates.all(0.5);
    private double weightDecay = 5e-4;

    private Builder(ImageFormat format) {
      super(format, 20, 64, 0.01, 50);
    }

    private Builder(Builder other) {
      super(other);
      rates = other.rates;
      weightDecay = other.weightDecay;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * The learning rate at the start, a; that of step t is a (1 + t / 10000)^-0.75, for biases
     * twice as much, and descent has a momentum of 0.9.
     */
    @Override
    public Builder learningRate(double lr) {
      return super.learningRate(lr);
    }

    /** Where to drop, and how much. */
    public Builder dropout(LeNet.Rates probabilities) {
      rates = probabilities;
      return this;
    }

    /** Without dropout: the deterministic baseline, for which one draw is as good as many. */
    public Builder deterministic() {
      return dropout(LeNet.Rates.NONE).draws(1);
    }

    /** A factor of half the sum of squared weights and biases, beside the mean loss of a row. */
    public Builder weightDecay(double decay) {
      require(decay >= 0, "a weight decay is not negative, but " + decay + " was given");
      weightDecay = decay;
      return this;
    }

    @Override
    LearningRate rate(int rows) {
      return LearningRate.inverse(learningRate, GAMMA, POWER);
    }

    @Override
    Trainer.Settings training(LearningRate rate) {
      return new Trainer.Settings(epochs, batchSize, seed, new Momentum(), rate)
          .with(RateFactor.biases(BIASES));
    }

    /** A classifier of these settings. */
    public LeNetClassifier build() {
      return new LeNetClassifier(new Builder(this));
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
  public LeNetClassifier fit(float[][] x, int[] labels) {
    learn(x, labels);
    return this;
  }

  /**
   * Learns from further images, starting from the weights as they are.
   *
   * @param x images, one row each, of the builder's format
   * @param labels from 0 to one less than the number of classes of the fit, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another format, a
   *     number is not finite, lengths differ, or a label is none of the fit's classes
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException before the first fit, and after closing
   */
  public LeNetClassifier update(float[][] x, int[] labels) {
    learnMore(x, labels);
    return this;
  }

  @Override
  Model<LeNet, Examples> model(int rows, int classes) {
    return new LeNet.Classification(rows, settings.rates, settings.weightDecay);
  }

  @Override
  LeNet initial(int width, int classes) {
    return LeNet.init(Key.ROOT.split("init"), settings.format, classes);
  }

  @Override
  Outputs<LeNet> outputs() {
    LeNet.Rates rates = settings.rates;
    return new Outputs<>() {
      @Override
      public Tensor draws(LeNet net, Tensor x, int samples, Key key) {
        return net.draws(x, rates, samples, key);
      }

      @Override
      public Tensor average(LeNet net, Tensor x) {
        return net.apply(x);
      }
    };
  }
}
