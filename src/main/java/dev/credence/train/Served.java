package dev.credence.train;

import dev.credence.run.State;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an estimator predicts with, served to other threads while a fit goes on: the weights of the
 * last epoch that has ended.
 *
 * @param <W> the tree of weights
 * @param <P> what predicts
 */
final class Served<W, P extends Served.Predictor<W>> implements AutoCloseable {
  /** Predicts with weights of its own. */
  interface Predictor<W> extends AutoCloseable {
    /** Takes over the weights as they are now. */
    void adopt(State<W> weights);

    @Override
    void close();
  }

  /** Cuts a fit off. */
  private static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final String name;
  private final Object fitting = new Object();
  private volatile @Nullable P now;
  private volatile @Nullable FitSummary summary;
  private volatile boolean closed;

  /**
   * Nothing yet.
   *
   * @param name what errors call the estimator
   */
  Served(String name) {
    this.name = name;
  }

  /** One fit at a time. */
  void fit(Runnable body) {
    synchronized (fitting) {
      requireOpen();
      body.run();
    }
  }

  /**
   * Trains, and serves the weights of every epoch.
   *
   * @param next holds a copy of the trainer's weights; closed with this
   * @param listener of the caller
   * @param kept where the fit keeps its state
   * @param units turns the summary into the caller's
   */
  void train(
      Trainer<W, ?> trainer,
      P next,
      TrainingListener listener,
      @Nullable Checkpointing kept,
      UnaryOperator<FitSummary> units) {
    boolean[] published = {false};
    try {
      FitSummary last =
          trainer.fit(
              progress -> {
                next.adopt(trainer.weights());
                if (!published[0]) {
                  publish(next);
                  published[0] = true;
                }
                if (closed) {
                  throw new Closed();
                }
                return listener.onEpoch(progress);
              },
              kept);
      summary = units.apply(last);
    } catch (Closed e) {
      // The fit is cut off, not ended: what it keeps of itself stays.
    } finally {
      if (!published[0]) {
        next.close();
      }
    }
  }

  /** Serves what has been trained elsewhere; closed with this. */
  void serve(P next, FitSummary last) {
    publish(next);
    summary = last;
  }

  /** Serves what no fit of this estimator has led to; closed with this. */
  void serve(P next) {
    publish(next);
    summary = null;
  }

  private synchronized void publish(P next) {
    P before = now;
    now = next;
    if (before != null) {
      before.close();
    }
  }

  /**
   * Asks what is served.
   *
   * @param question answered with null by what has been closed meanwhile
   */
  <R> R ask(Function<P, @Nullable R> question) {
    while (true) {
      requireOpen();
      P serving = now;
      if (serving == null) {
        throw new IllegalStateException(
            "there is nothing to predict with until the first epoch of a fit has ended");
      }
      R said = question.apply(serving);
      if (said != null) {
        return said;
      }
      // Another fit has published its weights and closed these in between.
    }
  }

  /** How the last fit went. */
  FitSummary summary() {
    FitSummary last = summary;
    if (last == null) {
      throw new IllegalStateException(
          "no fit of this " + name + " has ended since it was made or loaded");
    }
    return last;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this " + name + " is closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    synchronized (fitting) {
      P last = now;
      now = null;
      if (last != null) {
        last.close();
      }
    }
  }
}
