package dev.credence.tensor;

/**
 * A tensor expression that cannot be: its message names the op, the operands' types, the first
 * source line outside Credence, and the layer path.
 */
public final class TraceException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  TraceException(String message) {
    super(message);
  }
}
