package dev.credence.train;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import org.jspecify.annotations.Nullable;

/**
 * Settings that estimators have in common, whatever their nets are.
 *
 * @param <S> the estimator's own settings
 */
public abstract class EstimatorBuilder<S extends EstimatorBuilder<S>> {
  int epochs;
  int batchSize;
  double learningRate;
  int draws;
  long seed;
  @Nullable Device device;
  TrainingListener listener = progress -> true;

  EstimatorBuilder(int epochs, int batchSize, double learningRate, int draws) {
    this.epochs = epochs;
    this.batchSize = batchSize;
    this.learningRate = learningRate;
    this.draws = draws;
  }

  EstimatorBuilder(EstimatorBuilder<S> other) {
    this(other.epochs, other.batchSize, other.learningRate, other.draws);
    seed = other.seed;
    device = other.device;
    listener = other.listener;
  }

  abstract S self();

  /** Passes over the data. */
  public S epochs(int n) {
    require(n > 0, "training needs epochs, but " + n + " was given");
    this.epochs = n;
    return self();
  }

  /** Rows of a step. */
  public S batchSize(int n) {
    require(n > 0, "a batch has rows, but " + n + " was given");
    this.batchSize = n;
    return self();
  }

  /** Adam's learning rate. */
  public S learningRate(double lr) {
    require(lr > 0, "a learning rate is positive, but " + lr + " was given");
    this.learningRate = lr;
    return self();
  }

  /** Draws of a prediction, T. */
  public S draws(int n) {
    require(n > 0, "a prediction needs draws, but " + n + " was given");
    this.draws = n;
    return self();
  }

  /** Decides everything that is drawn. */
  public S seed(long s) {
    this.seed = s;
    return self();
  }

  /** Where to compute; the most preferred device present unless said otherwise. */
  public S device(Device d) {
    this.device = d;
    return self();
  }

  /** Hears how training goes on, and may stop it. */
  public S listener(TrainingListener l) {
    this.listener = l;
    return self();
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** The device chosen. */
  Device place() {
    return device == null ? Devices.best() : device;
  }

  /** How many steps a fit of some rows takes. */
  long steps(int rows) {
    return (long) epochs * Math.ceilDiv(rows, batchSize);
  }

  /** The learning rate of every step of a fit of some rows. */
  LearningRate rate(int rows) {
    return LearningRate.cosine(learningRate, 0, steps(rows));
  }

  /** What happens to inputs: nothing. */
  Standardiser inputs(float[][] x) {
    return Standardiser.none(x[0].length);
  }

  /** The most rows of a prediction that go through a program at once, times a few draws. */
  int block() {
    return 512;
  }

  /** How to train. */
  Trainer.Settings training(LearningRate rate) {
    return new Trainer.Settings(epochs, batchSize, seed, new Adam(), rate);
  }
}
