package dev.credence.dist;

/** What a distribution does not have, in one sentence. */
final class Unsupported {
  private Unsupported() {}

  static UnsupportedOperationException closedForm(Distribution of, String what) {
    return new UnsupportedOperationException(
        "the " + what + " of " + name(of) + " has no closed form here; estimate it from draws");
  }

  static UnsupportedOperationException rsample(Distribution of, String why) {
    return new UnsupportedOperationException(
        name(of) + " has no reparameterised draw: " + why + "; sample draws without a gradient");
  }

  private static String name(Distribution of) {
    return of.getClass().getSimpleName();
  }
}
