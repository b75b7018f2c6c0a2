package dev.credence.benchmarks;

/** A result that is not what it must be; its time does not count. */
public final class WrongResultException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what was found and what was expected. */
  public WrongResultException(String message) {
    super(message);
  }
}
