package dev.credence.train;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import org.jspecify.annotations.Nullable;

/**
 * Settings that estimators with dense nets have in common.
 *
 * @param <S> the estimator's own settings
 */
public abstract class NetBuilder<S extends NetBuilder<S>> {
  int[] hidden;
  int epochs;
  int batchSize;
  double learningRate;
  int draws;
  long seed;
  @Nullable Device device;
  TrainingListener listener = progress -> true;

  NetBuilder(int[] hidden, int epochs, int batchSize, double learningRate, int draws) {
    this.hidden = hidden;
    this.epochs = epochs;
    this.batchSize = batchSize;
    this.learningRate = learningRate;
    this.draws = draws;
  }

  NetBuilder(NetBuilder<S> other) {
    this(other.hidden, other.epochs, other.batchSize, other.learningRate, other.draws);
    seed = other.seed;
    device = other.device;
    listener = other.listener;
  }

  abstract S self();

  /** Widths of the hidden layers; none makes the model linear. */
  public S hidden(int... widths) {
    for (int width : widths) {
      require(width > 0, "a hidden layer has units, but " + width + " was given");
    }
    this.hidden = widths.clone();
    return self();
  }

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

  /** Input, hidden layers, output. */
  int[] widths(int in, int out) {
    int[] widths = new int[hidden.length + 2];
    widths[0] = in;
    System.arraycopy(hidden, 0, widths, 1, hidden.length);
    widths[widths.length - 1] = out;
    return widths;
  }

  /** How many steps a fit of some rows takes. */
  long steps(int rows) {
    return (long) epochs * Math.ceilDiv(rows, batchSize);
  }

  /** How to train. */
  Trainer.Settings training(LearningRate rate) {
    return new Trainer.Settings(epochs, batchSize, seed, new Adam(), rate);
  }
}
