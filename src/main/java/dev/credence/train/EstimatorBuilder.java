package dev.credence.train;

/**
 * Settings that estimators have in common, whatever their nets are.
 *
 * @param <S> the estimator's own settings
 */
public abstract class EstimatorBuilder<S extends EstimatorBuilder<S>> extends FitBuilder<S> {
  double learningRate;
  int draws;

  EstimatorBuilder(int epochs, int batchSize, double learningRate, int draws) {
    super(epochs, batchSize);
    this.learningRate = learningRate;
    this.draws = draws;
  }

  EstimatorBuilder(EstimatorBuilder<S> other) {
    super(other);
    learningRate = other.learningRate;
    draws = other.draws;
  }

  /** Adam's learning rate. */
  public S learningRate(double lr) {
    this.learningRate = requireRate(lr);
    return self();
  }

  /** Draws of a prediction, T. */
  public S draws(int n) {
    require(n > 0, "a prediction needs draws, but " + n + " was given");
    this.draws = n;
    return self();
  }

  /** The learning rate of every step of a fit of some rows. */
  LearningRate rate(int rows) {
    return falling(learningRate, rows);
  }

  /** What happens to inputs: nothing. */
  Standardiser inputs(float[][] x) {
    return Standardiser.none(x[0].length);
  }

  /** The most rows of a prediction that go through a program at once, times a few draws. */
  int block() {
    return 512;
  }
}
