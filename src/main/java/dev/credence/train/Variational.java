package dev.credence.train;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.Prior;
import dev.credence.bayes.Sampling;

/**
 * How normals over the weights of a net are learned and drawn.
 *
 * @param prior what is believed of the weights before any data
 * @param klWeight how much of the divergence each batch carries
 * @param initialScale standard deviation of the weights' posterior when training starts, positive
 * @param sampling where training draws
 * @param samples draws of the weights in each step of training, whose mean is the bound
 * @param predictiveSampling where predictions draw
 */
public record Variational(
    Prior prior,
    KlWeight klWeight,
    double initialScale,
    Sampling sampling,
    int samples,
    Sampling predictiveSampling) {
  /** Refuses a scale that is none, and steps without draws. */
  public Variational {
    FitBuilder.require(
        initialScale > 0, "a standard deviation is positive, but " + initialScale + " was given");
    FitBuilder.require(
        samples > 0, "a step draws the weights once at least, but " + samples + " was given");
  }

  /** Training that draws locally, once a step, and predictions that draw directly. */
  static Variational of(double priorScale, double initialScale) {
    return new Variational(
        Prior.normal(priorScale),
        KlWeight.UNIFORM,
        initialScale,
        Sampling.LOCAL,
        1,
        Sampling.DIRECT);
  }

  /** Whether other settings train alike, whatever is predicted with. */
  boolean trainsAs(Variational other) {
    return equals(
        new Variational(
            other.prior,
            other.klWeight,
            other.initialScale,
            other.sampling,
            other.samples,
            predictiveSampling));
  }
}
