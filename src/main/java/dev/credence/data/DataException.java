package dev.credence.data;

/** Data that cannot be used; the message is one sentence that says where and why. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** An error told by this sentence. */
  public DataException(String message) {
    super(message);
  }
}
