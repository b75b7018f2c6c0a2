package dev.credence.train;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.model.BayesianNet;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

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
    super(settings);
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a classifier. */
  public static final class Builder extends ClassifierBuilder<Builder> {
    private Prior prior = Prior.normal(0.5);
    private KlWeight klWeight = KlWeight.UNIFORM;
    private double initialScale = 0.05;
    private Sampling sampling = Sampling.LOCAL;
    private int samples = 1;
    private Sampling predictiveSampling = Sampling.DIRECT;

    private Builder() {
      super(new int[] {20, 20}, 200, 64, 0.01, 64);
    }

    private Builder(Builder other) {
      super(other);
      prior = other.prior;
      klWeight = other.klWeight;
      initialScale = other.initialScale;
      sampling = other.sampling;
      samples = other.samples;
      predictiveSampling = other.predictiveSampling;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Standard deviation of the weights' prior, which then is normal. */
    public Builder priorScale(double scale) {
      return prior(Prior.normal(scale));
    }

    /**
     * What is believed of the weights before any data; normal unless said otherwise. Of one without
     * a closed divergence, such as {@link Prior#scaleMixture}, that is estimated from the draws of
     * each step.
     */
    public Builder prior(Prior weights) {
      this.prior = weights;
      return this;
    }

    /** How much of the divergence each batch carries; equal parts unless said otherwise. */
    public Builder klWeight(KlWeight weight) {
      this.klWeight = weight;
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

    /** Draws of the weights in each step of training, whose mean is the bound; one at first. */
    public Builder samples(int n) {
      require(n > 0, "a step draws the weights once at least, but " + n + " was given");
      this.samples = n;
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
  MeanField<Mlp> initial(int width, int classes) {
    int[] widths = settings.widths(width, classes);
    return MeanField.init(
        Mlp.init(Key.ROOT.split("init"), Activation.RELU, widths), settings.initialScale);
  }

  @Override
  Prior prior() {
    return settings.prior;
  }

  @Override
  Model<MeanField<Mlp>, Rows> model(int rows, int classes, Prior prior) {
    var likelihood = new Likelihood.Labels(classes);
    var model = new BayesianNet<Mlp>(rows, likelihood, prior, settings.sampling, settings.samples);
    return (q, batch, key) -> model.elbo(q, new BayesianNet.Batch(batch.x(), batch.labels()), key);
  }

  @Override
  KlWeight klWeight() {
    return settings.klWeight;
  }

  @Override
  Tensor draws(MeanField<Mlp> q, Tensor x, int samples, Key key) {
    return settings.predictiveSampling.apply(q, x, samples, key);
  }
}
