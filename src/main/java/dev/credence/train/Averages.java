package dev.credence.train;

import dev.credence.tensor.Tensor;

/** What the optimizers have in common. */
final class Averages {
  private Averages() {}

  /** Refuses a factor outside [0, 1). */
  static void requireDecay(String what, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(what + " lies in [0, 1), but " + value + " was given");
    }
  }

  /** The running average d old + (1 - d) value. */
  static Tensor average(Tensor old, Tensor value, double decay) {
    return old.mul(decay).add(value.mul(1 - decay));
  }

  /** 1 - b^t, how far a running average that started at zero has come. */
  static Tensor correction(double beta, Tensor count) {
    return beta == 0 ? count.zerosLike().add(1) : count.mul(Math.log(beta)).expm1().neg();
  }
}
