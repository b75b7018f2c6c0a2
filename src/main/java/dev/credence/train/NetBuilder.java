package dev.credence.train;

import java.util.Arrays;

/**
 * Settings that estimators with dense nets have in common.
 *
 * @param <S> the estimator's own settings
 */
public abstract class NetBuilder<S extends NetBuilder<S>> extends EstimatorBuilder<S> {
  int[] hidden;
  private boolean constantColumns;

  NetBuilder(int[] hidden, int epochs, int batchSize, double learningRate, int draws) {
    super(epochs, batchSize, learningRate, draws);
    this.hidden = hidden;
  }

  NetBuilder(NetBuilder<S> other) {
    super(other);
    hidden = other.hidden;
    constantColumns = other.constantColumns;
  }

  /** Widths of the hidden layers; none makes the model linear. */
  public S hidden(int... widths) {
    this.hidden = requireWidths(widths);
    return self();
  }

  /**
   * Whether a column of the inputs may hold one value in every row. Unless said otherwise it is
   * refused, since it is usually a mistake; allowed, it is shifted to 0.
   */
  public S constantColumns(boolean allowed) {
    this.constantColumns = allowed;
    return self();
  }

  /** Standardises the columns of inputs. */
  Standardiser standardiser(float[][] x) {
    return constantColumns ? Standardiser.lenient(x) : Standardiser.of("x", x);
  }

  /** Whether other settings train nets of the same shape in the same steps. */
  boolean trainsAs(NetBuilder<?> other) {
    return Arrays.equals(hidden, other.hidden)
        && epochs == other.epochs
        && batchSize == other.batchSize
        && learningRate == other.learningRate;
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
