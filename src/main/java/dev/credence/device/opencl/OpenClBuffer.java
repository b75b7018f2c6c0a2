package dev.credence.device.opencl;

import dev.credence.device.Device;

/** A piece of an OpenCL device's memory. */
final class OpenClBuffer implements Device.Buffer {
  private final OpenClDevice device;
  private final long handle;
  private final long bytes;
  private volatile boolean closed;

  OpenClBuffer(OpenClDevice device, long handle, long bytes) {
    this.device = device;
    this.handle = handle;
    this.bytes = bytes;
  }

  /** OpenCL's name of it. */
  long handle() {
    return handle;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException(
          "A buffer of the device " + device.name() + " was used after it was closed.");
    }
  }

  /** Marks it closed. */
  void end() {
    closed = true;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public void close() {
    device.release(this);
  }
}
