package dev.credence.device.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What has been taken from CUDA and is to be given back: the last first, and each whatever becomes
 * of the others.
 */
final class Holds implements AutoCloseable {
  private final Deque<Runnable> returns = new ArrayDeque<>();

  /** Notes how something is given back. */
  void add(Runnable giveBack) {
    returns.push(giveBack);
  }

  /**
   * Gives all back, once.
   *
   * @throws CudaError the first of those that occurred
   */
  @Override
  public void close() {
    List<CudaError> errors = new ArrayList<>();
    while (!returns.isEmpty()) {
      try {
        returns.pop().run();
      } catch (CudaError e) {
        errors.add(e);
      }
    }
    if (!errors.isEmpty()) {
      throw errors.getFirst();
    }
  }

  /** Gives all back because of an error, which it gives. */
  CudaError abandon(CudaError e) {
    try {
      close();
    } catch (CudaError also) {
      e.addSuppressed(also);
    }
    return e;
  }
}
