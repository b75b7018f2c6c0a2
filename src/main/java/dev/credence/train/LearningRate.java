package dev.credence.train;

/** A learning rate for every step, a plain function on the host: programs read it as a number. */
@FunctionalInterface
public interface LearningRate {
  /**
   * The rate of a step.
   *
   * @param step counted from 0
   * @return the learning rate, positive
   */
  double at(long step);

  /** The same rate always. */
  static LearningRate constant(double rate) {
    require(rate > 0, "a learning rate is positive, but " + rate + " was given");
    return step -> rate;
  }

  /** rate factor^floor(step / every). */
  static LearningRate stepDecay(double rate, long every, double factor) {
    require(every > 0, "a rate decays every so many steps, not every " + every);
    return step -> rate * Math.pow(factor, Math.floorDiv(step, every));
  }

  /** rate factor^step. */
  static LearningRate exponential(double rate, double factor) {
    return step -> rate * Math.pow(factor, step);
  }

  /** rate (1 + gamma step)^-power, Caffe's inv. */
  static LearningRate inverse(double rate, double gamma, double power) {
    return step -> rate * Math.pow(1 + gamma * step, -power);
  }

  /**
   * Half a cosine from one rate to another, which stays from then on (Loshchilov and Hutter 2017,
   * equation 5, without restarts).
   *
   * @param rate at step 0
   * @param last at the step numbered steps
   */
  static LearningRate cosine(double rate, double last, long steps) {
    require(steps > 0, "a cosine falls over some steps, not over " + steps);
    return step -> {
      double done = Math.min(1, (double) step / steps);
      return last + 0.5 * (rate - last) * (1 + Math.cos(Math.PI * done));
    };
  }

  /** This rate, but rising in even steps over the first ones: by (step + 1) / steps. */
  default LearningRate warmUp(long steps) {
    return step -> at(step) * (step < steps ? (step + 1.0) / steps : 1);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
