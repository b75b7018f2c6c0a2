package dev.credence.train;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;
import dev.credence.device.Device;
import dev.credence.device.Devices;
import dev.credence.model.BayesianMlp;
import dev.credence.nn.Mlp;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Regression with uncertainty on plain arrays: a {@link BayesianMlp} whose weights are normal and
 * whose noise depends on the input, trained by the evidence lower bound.
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
  private final Object fitting = new Object();
  private volatile @Nullable RegressionPredictive predictive;
  private volatile @Nullable FitSummary summary;
  private volatile boolean closed;

  private BayesianRegressor(Builder settings) {
    this.settings = settings;
  }

  /** Starts with settings that suit tables of some hundred to some ten thousand rows. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a regressor. */
  public static final class Builder {
    private int[] hidden = {20, 20};
    private int epochs = 300;
    private int batchSize = 64;
    private double learningRate = 0.01;
    private double priorScale = 0.5;
    private double initialScale = 0.05;
    private Sampling sampling = Sampling.LOCAL;
    private Sampling predictiveSampling = Sampling.DIRECT;
    private int draws = 128;
    private long seed;
    private @Nullable Device device;
    private TrainingListener listener = progress -> true;

    private Builder() {}

    private Builder(Builder other) {
      hidden = other.hidden;
      epochs = other.epochs;
      batchSize = other.batchSize;
      learningRate = other.learningRate;
      priorScale = other.priorScale;
      initialScale = other.initialScale;
      sampling = other.sampling;
      predictiveSampling = other.predictiveSampling;
      draws = other.draws;
      seed = other.seed;
      device = other.device;
      listener = other.listener;
    }

    /** Widths of the hidden layers; none makes the model linear. */
    public Builder hidden(int... widths) {
      for (int width : widths) {
        require(width > 0, "a hidden layer has units, but " + width + " was given");
      }
      this.hidden = widths.clone();
      return this;
    }

    /** Passes over the data. */
    public Builder epochs(int n) {
      require(n > 0, "training needs epochs, but " + n + " was given");
      this.epochs = n;
      return this;
    }

    /** Rows of a step. */
    public Builder batchSize(int n) {
      require(n > 0, "a batch has rows, but " + n + " was given");
      this.batchSize = n;
      return this;
    }

    /** Adam's learning rate at the start; it falls to zero along half a cosine. */
    public Builder learningRate(double lr) {
      require(lr > 0, "a learning rate is positive, but " + lr + " was given");
      this.learningRate = lr;
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

    /**
     * Where predictions draw. Unless said otherwise directly: a draw is then a function, the same
     * for all rows, and curves over a grid are smooth. Locally, each row has noise of its own.
     */
    public Builder predictiveSampling(Sampling prediction) {
      this.predictiveSampling = prediction;
      return this;
    }

    /** Draws of a prediction, T, a multiple of 32. */
    public Builder draws(int n) {
      require(
          n > 0 && n % RegressionPredictive.LEAF == 0,
          "draws come in multiples of 32, but " + n + " was given");
      this.draws = n;
      return this;
    }

    /** Decides everything that is drawn. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** Where to compute; the most preferred device present unless said otherwise. */
    public Builder device(Device d) {
      this.device = d;
      return this;
    }

    /** Hears how training goes on. */
    public Builder listener(TrainingListener l) {
      this.listener = l;
      return this;
    }

    /** A regressor of these settings. */
    public BayesianRegressor build() {
      return new BayesianRegressor(new Builder(this));
    }

    private static void require(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
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
    Standardiser target = Standardiser.of("y", column(y));
    synchronized (fitting) {
      requireOpen();
      fit(x, y, inputs, target);
    }
    return this;
  }

  private static float[][] column(float[] y) {
    float[][] column = new float[y.length][1];
    for (int i = 0; i < y.length; i++) {
      column[i][0] = y[i];
    }
    return column;
  }

  private void fit(float[][] x, float[] y, Standardiser inputs, Standardiser target) {
    int rows = x.length;
    long steps = (long) settings.epochs * Math.ceilDiv(rows, settings.batchSize);
    LearningRate rate = LearningRate.cosine(settings.learningRate, 0, steps);
    var how =
        new Trainer.Settings(settings.epochs, settings.batchSize, settings.seed, new Adam(), rate);
    var model = new BayesianMlp(rows, Prior.normal(settings.priorScale), settings.sampling);
    MeanField<Mlp> initial =
        BayesianMlp.init(
            Key.ROOT.split("init"), settings.initialScale, x[0].length, settings.hidden);
    try (State<BayesianMlp.Batch> data = data(x, y, inputs, target);
        var trainer = new Trainer<>(model, initial, data, how)) {
      var next =
          new RegressionPredictive(
              trainer.weights().snapshot(),
              inputs,
              target,
              settings.predictiveSampling,
              settings.seed);
      boolean[] published = {false};
      try {
        summary =
            inUnits(
                trainer.fit(
                    progress -> {
                      next.adopt(trainer.weights());
                      if (!published[0]) {
                        publish(next);
                        published[0] = true;
                      }
                      return !closed && settings.listener.onEpoch(inUnits(progress, rows, target));
                    }),
                rows,
                target);
      } finally {
        if (!published[0]) {
          next.close();
        }
      }
    }
  }

  /** A density of the standardised target is that of the target times its unit. */
  private static TrainingListener.Progress inUnits(
      TrainingListener.Progress p, int rows, Standardiser target) {
    double shift = Math.log(target.unit()[0]);
    return new TrainingListener.Progress(
        p.epoch(), p.epochs(), p.step(), p.loss() + shift, p.nll() + rows * shift, p.kl());
  }

  private static FitSummary inUnits(FitSummary s, int rows, Standardiser target) {
    double shift = rows * Math.log(target.unit()[0]);
    return new FitSummary(
        s.epochs(), s.steps(), s.seconds(), s.stepMicros(), s.nll() + shift, s.kl());
  }

  private State<BayesianMlp.Batch> data(
      float[][] x, float[] y, Standardiser inputs, Standardiser target) {
    int rows = x.length;
    var empty =
        new BayesianMlp.Batch(
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows, x[0].length)),
            Tensor.zeros(TensorType.of(DType.FLOAT32, rows)));
    Device device = settings.device == null ? Devices.best() : settings.device;
    State<BayesianMlp.Batch> data = State.of(device, 0, empty);
    data.write(data.tree().x(), inputs.apply(x, 0, rows, rows));
    data.write(data.tree().y(), target.apply(column(y), 0, rows, rows));
    return data;
  }

  private synchronized void publish(RegressionPredictive next) {
    RegressionPredictive before = predictive;
    predictive = next;
    if (before != null) {
      before.close();
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
    return ready(now -> now.predict(x, firstRow, settings.draws));
  }

  /**
   * What a single draw of the weights says of some rows: the t-th of those that {@link #predict}
   * averages, the same bits, or one beyond them.
   *
   * @param t which draw, from 0
   */
  public Prediction draw(float[][] x, int t) {
    return ready(now -> now.draw(x, 0, t));
  }

  private Prediction ready(Function<RegressionPredictive, @Nullable Prediction> ask) {
    while (true) {
      requireOpen();
      RegressionPredictive now = predictive;
      if (now == null) {
        throw new IllegalStateException(
            "there is nothing to predict with until the first epoch of a fit has ended");
      }
      Prediction said = ask.apply(now);
      if (said != null) {
        return said;
      }
      // Another fit has published its weights and closed these in between.
    }
  }

  /**
   * How the last fit went; nll is in nats of the target's own unit.
   *
   * @throws IllegalStateException before the first fit has ended
   */
  public FitSummary summary() {
    FitSummary last = summary;
    if (last == null) {
      throw new IllegalStateException("no fit has ended yet");
    }
    return last;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this regressor is closed");
    }
  }

  /** Ends a fit that goes on in another thread after its epoch, and gives all memory back. */
  @Override
  public void close() {
    closed = true;
    synchronized (fitting) {
      RegressionPredictive last = predictive;
      predictive = null;
      if (last != null) {
        last.close();
      }
    }
  }
}
