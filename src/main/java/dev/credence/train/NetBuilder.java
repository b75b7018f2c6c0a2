package dev.credence.train;

/**
 * Settings that estimators with dense nets have in common.
 *
 * @param <S> the estimator's own settings
 */
public abstract class NetBuilder<S extends NetBuilder<S>> extends EstimatorBuilder<S> {
  int[] hidden;

  NetBuilder(int[] hidden, int epochs, int batchSize, double learningRate, int draws) {
    super(epochs, batchSize, learningRate, draws);
    this.hidden = hidden;
  }

  NetBuilder(NetBuilder<S> other) {
    super(other);
    hidden = other.hidden;
  }

  /** Widths of the hidden layers; none makes the model linear. */
  public S hidden(int... widths) {
    for (int width : widths) {
      require(width > 0, "a hidden layer has units, but " + width + " was given");
    }
    this.hidden = widths.clone();
    return self();
  }

  /** Input, hidden layers, output. */
  int[] widths(int in, int out) {
    int[] widths = new int[hidden.length + 2];
    widths[0] = in;
    System.arraycopy(hidden, 0, widths, 1, hidden.length);
    widths[widths.length - 1] = out;
    return widths;
  }
}
