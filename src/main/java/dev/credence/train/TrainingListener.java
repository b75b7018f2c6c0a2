package dev.credence.train;

/** Hears how training goes on, and may end it. */
@FunctionalInterface
public interface TrainingListener {
  /**
   * An epoch has ended. Runs on the training thread, which waits.
   *
   * @return whether to go on
   */
  boolean onEpoch(Progress p);

  /**
   * How far training has come.
   *
   * @param epoch the epoch that has ended, counted from 1
   * @param epochs how many there will be
   * @param step steps so far
   * @param loss (nll + kl) / N, in nats a row: minus the mean bound over the epoch's batches
   * @param nll the data set's negative log likelihood in nats, summed over its N rows, each as its
   *     batch saw it
   * @param kl KL(q || prior) in nats, summed over all weights, averaged over the epoch
   */
  record Progress(int epoch, int epochs, long step, double loss, double nll, double kl) {
    /** With the likelihood of each of N rows less by some nats, as of a target in another unit. */
    Progress shifted(double nats, long rows) {
      return new Progress(epoch, epochs, step, loss + nats, nll + rows * nats, kl);
    }

    /** The mean over several nets, whose sums these are. */
    Progress shared(int nets) {
      return new Progress(epoch, epochs, step, loss / nets, nll / nets, kl / nets);
    }
  }
}
