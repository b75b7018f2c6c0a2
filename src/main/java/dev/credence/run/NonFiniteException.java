package dev.credence.run;

import dev.credence.tensor.Tensor;

/** A number that is not finite, found in checking mode. */
public final class NonFiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1;

  NonFiniteException(Tensor tensor, int at, double value) {
    super(
        tensor.op().name()
            + " gave "
            + value
            + " in element "
            + at
            + " of "
            + tensor.type()
            + " (at "
            + tensor.origin()
            + ")");
  }
}
