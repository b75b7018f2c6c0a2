package dev.credence.train;

/**
 * How a fit went.
 *
 * @param epochs passes over the data
 * @param steps steps of the optimizer
 * @param seconds how long it took, compiling included
 * @param stepMicros median over the epochs of how long a step took, in microseconds
 * @param nll the data set's negative log likelihood in nats, summed over its rows, in the last
 *     epoch
 * @param kl KL(q || prior) in nats, summed over all weights, in the last epoch
 */
public record FitSummary(
    int epochs, long steps, double seconds, double stepMicros, double nll, double kl) {}
