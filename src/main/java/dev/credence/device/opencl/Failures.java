package dev.credence.device.opencl;

import dev.credence.device.OutOfDeviceMemoryException;

/** What OpenCL's error codes mean to the caller. */
final class Failures {
  /** What NVIDIA's driver gives after a kernel touched memory that is not its own. */
  private static final int ILLEGAL_ACCESS = -9999;

  private Failures() {}

  /** Whether a code says that the device, or the driver's hold on it, is gone. */
  static boolean isLoss(int code) {
    return switch (code) {
      case -2, -14, -33, -34, -36, ILLEGAL_ACCESS -> true;
      default -> false;
    };
  }

  /**
   * The error that a code stands for.
   *
   * @param doing what was tried, such as "running k_softmax"
   */
  static RuntimeException of(String device, String doing, int code) {
    String head = "The device " + device;
    return switch (code) {
      case -4, -5, -6, -61 ->
          new OutOfDeviceMemoryException(
              head + " ran out of memory at " + doing + " (" + name(code) + ").");
      default ->
          new IllegalStateException(
              head
                  + (isLoss(code) ? " was lost at " : " failed at ")
                  + doing
                  + (" (" + name(code) + ")."));
    };
  }

  /** The standard's name of a code. */
  static String name(int code) {
    return switch (code) {
      case -1 -> "CL_DEVICE_NOT_FOUND";
      case -2 -> "CL_DEVICE_NOT_AVAILABLE";
      case -3 -> "CL_COMPILER_NOT_AVAILABLE";
      case -4 -> "CL_MEM_OBJECT_ALLOCATION_FAILURE";
      case -5 -> "CL_OUT_OF_RESOURCES";
      case -6 -> "CL_OUT_OF_HOST_MEMORY";
      case -11 -> "CL_BUILD_PROGRAM_FAILURE";
      case -14 -> "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST";
      case -30 -> "CL_INVALID_VALUE";
      case -33 -> "CL_INVALID_DEVICE";
      case -34 -> "CL_INVALID_CONTEXT";
      case -36 -> "CL_INVALID_COMMAND_QUEUE";
      case -38 -> "CL_INVALID_MEM_OBJECT";
      case -42 -> "CL_INVALID_BINARY";
      case -45 -> "CL_INVALID_PROGRAM_EXECUTABLE";
      case -46 -> "CL_INVALID_KERNEL_NAME";
      case -48 -> "CL_INVALID_KERNEL";
      case -49 -> "CL_INVALID_ARG_INDEX";
      case -50 -> "CL_INVALID_ARG_VALUE";
      case -51 -> "CL_INVALID_ARG_SIZE";
      case -52 -> "CL_INVALID_KERNEL_ARGS";
      case -54 -> "CL_INVALID_WORK_GROUP_SIZE";
      case -55 -> "CL_INVALID_WORK_ITEM_SIZE";
      case -61 -> "CL_INVALID_BUFFER_SIZE";
      case ILLEGAL_ACCESS -> "illegal memory access";
      default -> "error " + code;
    };
  }
}
