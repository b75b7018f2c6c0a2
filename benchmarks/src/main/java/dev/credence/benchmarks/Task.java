package dev.credence.benchmarks;

/** Work that can be repeated and timed, in whatever library. */
public interface Task extends AutoCloseable {
  /** Does the work once; all of it is done when this returns. */
  void run();

  /**
   * Looks whether the work is done right, running it as often as that takes.
   *
   * @return what was found, in a few words
   * @throws WrongResultException if it is not
   */
  String verify();

  /** How many steps one run is; times are quoted per step. */
  default int steps() {
    return 1;
  }

  @Override
  void close();
}
