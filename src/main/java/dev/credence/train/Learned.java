package dev.credence.train;

import dev.credence.run.State;
import org.jspecify.annotations.Nullable;

/**
 * The weights that an estimator has learned: none at first, those of the epoch that has just ended
 * while a fit goes on, and then the last ones.
 *
 * @param <W> the tree of weights
 */
final class Learned<W> implements AutoCloseable {
  private @Nullable State<W> weights;
  private @Nullable FitSummary summary;

  /** Trains as settings say; what was known before is given back. */
  void train(Trainer<W, ?> trainer, FitBuilder<?> settings) {
    close();
    weights = trainer.weights();
    try {
      FitSummary last = trainer.fit(settings.listener, settings.checkpoint);
      weights = trainer.weights().snapshot();
      summary = last;
    } finally {
      if (summary == null) {
        weights = null;
      }
    }
  }

  /** Takes over weights that have been learned elsewhere; closed with this. */
  void load(State<W> elsewhere) {
    close();
    weights = elsewhere;
  }

  /** The weights, which stay here. */
  State<W> weights() {
    if (weights == null) {
      throw new IllegalStateException("nothing has been fitted yet");
    }
    return weights;
  }

  /** How the last fit went. */
  FitSummary summary() {
    if (summary == null) {
      throw new IllegalStateException("no fit has ended yet");
    }
    return summary;
  }

  @Override
  public void close() {
    summary = null;
    if (weights != null) {
      weights.close();
      weights = null;
    }
  }
}
