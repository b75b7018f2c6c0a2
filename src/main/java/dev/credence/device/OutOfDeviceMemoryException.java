package dev.credence.device;

/** Memory that a device cannot give. The device goes on working. */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** An error with one sentence that names the device and the bytes. */
  public OutOfDeviceMemoryException(String message) {
    super(message);
  }
}
