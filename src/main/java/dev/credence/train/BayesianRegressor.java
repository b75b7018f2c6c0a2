package dev.credence.train;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.model.BayesianNet;
import dev.credence.model.Likelihood;
import dev.credence.model.SharedNoise;
import dev.credence.nn.Activation;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

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
 *
 * <p>Inputs and target are standardised inside, and predictions are in the target's unit. The same
 * seed, data and settings give the same weights and predictions, bit for bit.
 *
 * <p>Thread-safe. {@link #predict} may be called while {@link #fit} goes on in another thread: it
 * sees the weights as they were when the last epoch ended.
 */
public final class BayesianRegressor implements AutoCloseable {
  private final Builder settings;
  private final Served<MeanField<LayeredNet>, RegressionPredictive> served =
      new Served<>("regressor");

  private BayesianRegressor(Builder settings) {
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  private enum Noise {
    OF_INPUT,
    LEARNED,
    FIXED
  }

  /** Settings of a regressor. */
  public static final class Builder extends NetBuilder<Builder> {
    /** Targets that can be told exactly would drive the noise to zero. */
    private static final double LEAST_NOISE = 1e-3;

    private Prior prior = Prior.normal(0.5);
    private KlWeight klWeight = KlWeight.UNIFORM;
    private double initialScale = 0.05;
    private Sampling sampling = Sampling.LOCAL;
    private int samples = 1;
    private Sampling predictiveSampling = Sampling.DIRECT;
    private Noise noise = Noise.OF_INPUT;
    private double noiseStd;

    private Builder() {
      super(new int[] {20, 20}, 300, 64, 0.01, 128);
    }

    private Builder(Builder other) {
      super(other);
      prior = other.prior;
      klWeight = other.klWeight;
      initialScale = other.initialScale;
      sampling = other.sampling;
      samples = other.samples;
      predictiveSampling = other.predictiveSampling;
      noise = other.noise;
      noiseStd = other.noiseStd;
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

    /**
     * What is believed of the weights before any data; normal unless said otherwise. Of one without
     * a closed divergence, such as {@link Prior#scaleMixture}, that is estimated from draws.
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

    /**
     * Where predictions draw. Unless said otherwise directly: a draw is then a function, the same
     * for all rows, and curves over a grid are smooth. Otherwise each row has noise of its own.
     */
    public Builder predictiveSampling(Sampling prediction) {
      this.predictiveSampling = prediction;
      return this;
    }

    /** The noise of the target is learned and depends on the inputs, as it does at first. */
    public Builder inputDependentNoise() {
      this.noise = Noise.OF_INPUT;
      return this;
    }

    /** The noise of the target is learned, one number for all rows. */
    public Builder learnedNoise() {
      this.noise = Noise.LEARNED;
      return this;
    }

    /**
     * The noise of the target is known.
     *
     * @param std its standard deviation in the target's unit, positive
     */
    public Builder fixedNoise(double std) {
      require(std > 0, "a standard deviation is positive, but " + std + " was given");
      this.noise = Noise.FIXED;
      this.noiseStd = std;
      return this;
    }

    /** A regressor of these settings. */
    public BayesianRegressor build() {
      return new BayesianRegressor(new Builder(this));
    }

    private Likelihood.Normals likelihood(Standardiser target) {
      return noise == Noise.FIXED
          ? new Likelihood.Gaussian(noiseStd / target.unit()[0])
          : new Likelihood.SoftplusGaussian(LEAST_NOISE);
    }

    private MeanField<LayeredNet> initial(int width) {
      int outputs = noise == Noise.OF_INPUT ? 2 : 1;
      Mlp net = Mlp.init(Key.ROOT.split("init"), Activation.RELU, widths(width, outputs));
      return noise == Noise.LEARNED
          ? MeanField.init(SharedNoise.init(net, 1, 0), initialScale, SharedNoise::isOfNet)
          : MeanField.init(net, initialScale);
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
    Tables.requireLearnable(x, y);
    Standardiser inputs = Standardiser.of("x", x);
    Standardiser target = Standardiser.of("y", Tables.column(y));
    served.fit(
        () ->
            train(
                x,
                y,
                inputs,
                target,
                (data, how) -> {
                  var model = model(x.length, settings.prior, target);
                  return new Trainer<>(model, settings.initial(x[0].length), data, how);
                }));
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
    served.fit(
        () -> {
          Standardiser inputs = served.ask(RegressionPredictive::inputs);
          Standardiser target = served.ask(RegressionPredictive::target);
          Tables.requireRows(x, inputs.centre().length);
          Tables.requireTargets(x, y);
          try (State<MeanField<LayeredNet>> known = served.ask(RegressionPredictive::weights)) {
            train(
                x,
                y,
                inputs,
                target,
                (data, how) ->
                    Trainer.after(known, prior -> model(x.length, prior, target), data, how));
          }
        });
    return this;
  }

  private BayesianNet<LayeredNet> model(int rows, Prior prior, Standardiser target) {
    return new BayesianNet<>(
        rows, settings.likelihood(target), prior, settings.sampling, settings.samples);
  }

  @FunctionalInterface
  private interface Start {
    Trainer<MeanField<LayeredNet>, BayesianNet.Batch> trainer(
        State<BayesianNet.Batch> data, Trainer.Settings how);
  }

  private void train(
      float[][] x, float[] y, Standardiser inputs, Standardiser target, Start start) {
    int rows = x.length;
    var empty =
        new BayesianNet.Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, x[0].length)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows)));
    LearningRate rate = LearningRate.cosine(settings.learningRate, 0, settings.steps(rows));
    // A density of the standardised target is that of the target times its unit.
    double shift = Math.log(target.unit()[0]);
    try (var data = State.of(settings.place(), 0, empty)) {
      data.write(data.tree().x(), inputs.apply(x, 0, rows, rows));
      data.write(data.tree().y(), target.apply(Tables.column(y), 0, rows, rows));
      try (var trainer = start.trainer(data, settings.training(rate).with(settings.klWeight))) {
        var next =
            new RegressionPredictive(
                trainer.weights().snapshot(),
                inputs,
                target,
                settings.likelihood(target),
                settings.predictiveSampling,
                settings.seed);
        served.train(
            trainer,
            next,
            p -> settings.listener.onEpoch(p.shifted(shift, rows)),
            s -> s.shifted(shift, rows));
      }
    }
  }

  /**
   * The predictive distribution of some rows.
   *
   * @param x inputs, one row each, as wide as those of the fit
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, or a
   *     number is not finite
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public Prediction predict(float[][] x) {
    return predict(x, 0);
  }

  /**
   * The predictive distribution of some rows of a longer table, the same that predicting the whole
   * table at once would give.
   *
   * @param firstRow which row of the table the first one is; it matters only where each row has
   *     noise of its own, under local sampling
   */
  public Prediction predict(float[][] x, int firstRow) {
    return served.ask(now -> now.predict(x, firstRow, settings.draws));
  }

  /**
   * What a single draw of the weights says of some rows: the t-th of those that {@link #predict}
   * averages, the same bits, or one beyond them.
   *
   * @param t which draw, from 0
   */
  public Prediction draw(float[][] x, int t) {
    return served.ask(now -> now.draw(x, 0, t));
  }

  /** What one pass with the weights' means says of some rows: weight averaging. */
  public Prediction average(float[][] x) {
    return served.ask(now -> now.average(x));
  }

  /**
   * How the last fit went; nll is in nats of the target's own unit.
   *
   * @throws IllegalStateException before the first fit has ended
   */
  public FitSummary summary() {
    return served.summary();
  }

  /** Ends a fit that goes on in another thread after its epoch, and gives all memory back. */
  @Override
  public void close() {
    served.close();
  }
}
