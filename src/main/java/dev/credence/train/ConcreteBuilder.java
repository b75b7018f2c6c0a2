package dev.credence.train;

/**
 * Settings of estimators that learn how much to drop.
 *
 * @param <S> the estimator's own settings
 */
public interface ConcreteBuilder<S> {
  /** What has been set of it. */
  Concrete concrete();

  /** Sets all of it at once. */
  S concrete(Concrete settings);

  /** Probability of dropping before every layer that learning starts with, in (0, 1). */
  default S dropout(double probability) {
    return concrete(new Concrete(probability, concrete().lengthScale()));
  }

  /** The length scale l of the weights' prior N(0, 1 / l^2); 1 unless said otherwise. */
  default S lengthScale(double l) {
    return concrete(new Concrete(concrete().p(), l));
  }
}
