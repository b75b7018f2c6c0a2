package dev.credence.train;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Settings of everything that learns from rows in epochs.
 *
 * @param <S> the estimator's own settings
 */
public abstract class FitBuilder<S extends FitBuilder<S>> {
  int epochs;
  int batchSize;
  long seed;
  @Nullable Device device;
  TrainingListener listener = progress -> true;
  @Nullable Checkpointing checkpoint;

  FitBuilder(int epochs, int batchSize) {
    this.epochs = epochs;
    this.batchSize = batchSize;
  }

  FitBuilder(FitBuilder<S> other) {
    this(other.epochs, other.batchSize);
    seed = other.seed;
    device = other.device;
    listener = other.listener;
    checkpoint = other.checkpoint;
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

  /** Decides everything that is drawn. */
  public S seed(long s) {
    this.seed = s;
    return self();
  }

  /** Where to compute; the most preferred device present if null, or not said. */
  public S device(@Nullable Device d) {
    this.device = d;
    return self();
  }

  /** Hears how training goes on, and may stop it. */
  public S listener(TrainingListener l) {
    this.listener = l;
    return self();
  }

  /**
   * Keeps the state of a fit in a file while it goes on, at the ends of epochs and at most once a
   * minute. A fit that finds the file goes on from it, to the same bits as if it had never stopped,
   * and its listener first hears of the epoch after. The file is deleted once the fit has ended,
   * also where its listener has ended it: what an error, closing in another thread, or the end of
   * the process cuts off is what can be gone on with. What has been learned is saved elsewhere.
   *
   * <p>Each fit needs a file of its own, so members of an ensemble, and what is learned further,
   * need different ones or {@link Checkpointing#sideBySide}; of regressors that are fitted at once
   * the first one's is taken. A fit refuses a file that differs in seed, settings, data or weights
   * to start with ({@link IllegalArgumentException}) or cannot be read, and a place that cannot be
   * written to ({@link dev.credence.data.DataException}).
   */
  public S checkpoint(Path file) {
    return checkpoint(new Checkpointing(file));
  }

  /** Keeps the state of a fit while it goes on, as is said there; nowhere if null. */
  public S checkpoint(@Nullable Checkpointing kept) {
    this.checkpoint = kept;
    return self();
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  /** Refuses what is no learning rate. */
  static double requireRate(double lr) {
    require(lr > 0, "a learning rate is positive, but " + lr + " was given");
    return lr;
  }

  /** Refuses hidden layers without units. */
  static int[] requireWidths(int... widths) {
    for (int width : widths) {
      require(width > 0, "a hidden layer has units, but " + width + " was given");
    }
    return widths.clone();
  }

  /** The device chosen. */
  Device place() {
    return device == null ? Devices.best() : device;
  }

  /** A learning rate that falls to zero along half a cosine over a fit of some rows. */
  LearningRate falling(double start, int rows) {
    return LearningRate.cosine(start, 0, (long) epochs * Math.ceilDiv(rows, batchSize));
  }

  /** How to train by Adam. */
  Trainer.Settings training(LearningRate rate) {
    return new Trainer.Settings(epochs, batchSize, seed, new Adam(), rate);
  }
}
