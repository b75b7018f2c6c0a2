package dev.credence.device.cuda;

/** A call that CUDA refused. */
final class CudaError extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The status of memory that cannot be had. */
  static final int OUT_OF_MEMORY = 2;

  /** In place of a status of the driver, where another library refused. */
  static final int OF_A_LIBRARY = -1;

  private final String call;
  private final int status;
  private final String reason;

  CudaError(String call, int status, String reason) {
    super(call + " failed: " + reason);
    this.call = call;
    this.status = status;
    this.reason = reason;
  }

  /** The same error, told for what it was called. */
  CudaError of(String what) {
    CudaError told = new CudaError(call + " for " + what, status, reason);
    told.initCause(this);
    return told;
  }

  /** Runs a call whose errors are to name what it is for. */
  static void naming(String what, Runnable call) {
    try {
      call.run();
    } catch (CudaError e) {
      throw e.of(what);
    }
  }

  /** The status' name and what the driver says about it. */
  String reason() {
    return reason;
  }

  int status() {
    return status;
  }

  /** Whether the context is lost with all its memory: every later call would fail alike. */
  boolean isSticky() {
    return switch (status) {
      case 4, 214, 219, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721, 999 ->
          true;
      default -> false;
    };
  }
}
