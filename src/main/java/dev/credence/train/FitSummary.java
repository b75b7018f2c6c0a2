package dev.credence.train;

/**
 * How a fit went.
 *
 * @param epochs passes over the data
 * @param steps steps of the optimizer
 * @param seconds how long it took, compiling included; of a fit that was cut off and gone on with
 *     all runs together, but for what was lost
 * @param stepMicros median over the epochs of how long a step took, in microseconds
 * @param nll the data set's negative log likelihood in nats, summed over its rows, in the last
 *     epoch
 * @param kl KL(q || prior) in nats, summed over all weights, in the last epoch
 */
public record FitSummary(
    int epochs, long steps, double seconds, double stepMicros, double nll, double kl) {
  /** With the likelihood of each of N rows less by some nats, as of a target in another unit. */
  FitSummary shifted(double nats, long rows) {
    return new FitSummary(epochs, steps, seconds, stepMicros, nll + rows * nats, kl);
  }

  /** The mean over several nets, whose sums these are; times are those of all. */
  FitSummary shared(int nets) {
    return new FitSummary(epochs, steps, seconds, stepMicros, nll / nets, kl / nets);
  }
}
