package dev.credence.train;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;

/**
 * Settings of estimators whose weights are normal.
 *
 * @param <S> the estimator's own settings
 */
public interface VariationalBuilder<S> {
  /** What has been set of the normals. */
  Variational variational();

  /** Sets all of it at once. */
  S variational(Variational settings);

  /** Standard deviation of the weights' prior, which then is normal. */
  default S priorScale(double scale) {
    return prior(Prior.normal(scale));
  }

  /**
   * What is believed of the weights before any data; normal unless said otherwise. Of one without a
   * closed divergence, such as {@link Prior#scaleMixture}, that is estimated from draws.
   */
  default S prior(Prior weights) {
    Variational v = variational();
    return variational(
        new Variational(
            weights,
            v.klWeight(),
            v.initialScale(),
            v.sampling(),
            v.samples(),
            v.predictiveSampling()));
  }

  /** How much of the divergence each batch carries; equal parts unless said otherwise. */
  default S klWeight(KlWeight weight) {
    Variational v = variational();
    return variational(
        new Variational(
            v.prior(),
            weight,
            v.initialScale(),
            v.sampling(),
            v.samples(),
            v.predictiveSampling()));
  }

  /** Standard deviation of the weights' posterior when training starts. */
  default S initialScale(double scale) {
    Variational v = variational();
    return variational(
        new Variational(
            v.prior(), v.klWeight(), scale, v.sampling(), v.samples(), v.predictiveSampling()));
  }

  /** Where training draws; local unless said otherwise. */
  default S sampling(Sampling training) {
    Variational v = variational();
    return variational(
        new Variational(
            v.prior(),
            v.klWeight(),
            v.initialScale(),
            training,
            v.samples(),
            v.predictiveSampling()));
  }

  /** Draws of the weights in each step of training, whose mean is the bound; one at first. */
  default S samples(int n) {
    Variational v = variational();
    return variational(
        new Variational(
            v.prior(), v.klWeight(), v.initialScale(), v.sampling(), n, v.predictiveSampling()));
  }

  /**
   * Where predictions draw. Unless said otherwise directly: a draw is then a function, the same for
   * all rows, and curves over a grid are smooth. Otherwise each row has noise of its own.
   */
  default S predictiveSampling(Sampling prediction) {
    Variational v = variational();
    return variational(
        new Variational(
            v.prior(), v.klWeight(), v.initialScale(), v.sampling(), v.samples(), prediction));
  }
}
