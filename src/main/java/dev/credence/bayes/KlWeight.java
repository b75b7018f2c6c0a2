package dev.credence.bayes;

/**
 * How much of the divergence each batch of an epoch carries. The weights of an epoch's batches add
 * up to 1 unless the divergence is annealed, and then the costs of the batches add up to minus the
 * bound. What is reported as {@code kl} and {@code elbo} is not weighted.
 */
@FunctionalInterface
public interface KlWeight {
  /** 1 / M for each of M batches. */
  KlWeight UNIFORM = (epoch, batch, batches) -> 1.0 / batches;

  /**
   * 2^(M - i) / (2^M - 1) for batch i = 1 .. M of an epoch: the first batches follow the prior, the
   * last ones the data (Blundell et al. 2015, section 3.4, below equation 9).
   */
  KlWeight HALVING =
      (epoch, batch, batches) -> Math.scalb(1, -batch - 1) / -Math.expm1(-batches * Math.log(2));

  /**
   * The weight of a batch.
   *
   * @param epoch from 0
   * @param batch of the epoch, from 0
   * @param batches of an epoch, M
   */
  double of(int epoch, int batch, int batches);

  /**
   * These weights times a factor that rises with every batch, linearly from 0 to 1 (Bowman et al.
   * 2016, "Generating Sentences from a Continuous Space"; Sonderby et al. 2016, "warm-up"). Until
   * it ends the objective is no bound.
   *
   * @param epochs after which the factor is 1
   */
  default KlWeight annealed(double epochs) {
    return new Annealed(this, epochs);
  }

  /** See {@link #annealed}; equal where the weights and the epochs are. */
  record Annealed(KlWeight weights, double epochs) implements KlWeight {
    /** Refuses a rise that takes no time. */
    public Annealed {
      if (!(epochs > 0)) {
        throw new IllegalArgumentException(
            "annealing takes some epochs, but " + epochs + " was given");
      }
    }

    @Override
    public double of(int epoch, int batch, int batches) {
      double gone = epoch + (batch + 1.0) / batches;
      return weights.of(epoch, batch, batches) * Math.min(1, gone / epochs);
    }
  }
}
