package dev.credence.train;

/**
 * Settings that classifiers with dense nets have in common.
 *
 * @param <S> the classifier's own settings
 */
public abstract class ClassifierBuilder<S extends ClassifierBuilder<S>> extends NetBuilder<S> {
  boolean standardise = true;

  ClassifierBuilder(int[] hidden, int epochs, int batchSize, double learningRate, int draws) {
    super(hidden, epochs, batchSize, learningRate, draws);
  }

  ClassifierBuilder(ClassifierBuilder<S> other) {
    super(other);
    standardise = other.standardise;
  }

  /** Adam's learning rate at the start; it falls to zero along half a cosine. */
  @Override
  public S learningRate(double lr) {
    return super.learningRate(lr);
  }

  /**
   * Whether every column of the inputs is standardised inside; it is unless said otherwise. Pixels,
   * some of which never change, are better scaled by hand.
   */
  public S standardise(boolean inputs) {
    this.standardise = inputs;
    return self();
  }

  /** Standardised, or what they are. */
  @Override
  Standardiser inputs(float[][] x) {
    return standardise ? standardiser(x) : super.inputs(x);
  }
}
