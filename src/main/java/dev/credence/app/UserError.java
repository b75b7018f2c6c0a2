package dev.credence.app;

/** Something the user can put right; the message says what, in one sentence. */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  UserError(String message) {
    super(message);
  }
}
