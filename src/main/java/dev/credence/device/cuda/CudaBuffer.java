package dev.credence.device.cuda;

import dev.credence.device.Device;
import jcuda.driver.CUdeviceptr;

/** A piece of a CUDA device's memory. */
final class CudaBuffer implements Device.Buffer {
  private final CudaDevice device;
  private final CudaMemory.Piece piece;
  private final CUdeviceptr start;
  private final long bytes;
  private volatile boolean closed;

  CudaBuffer(CudaDevice device, CudaMemory.Piece piece, long bytes) {
    this.device = device;
    this.piece = piece;
    start = piece.at(0);
    this.bytes = bytes;
  }

  CudaMemory.Piece piece() {
    return piece;
  }

  /** A place in it, as JCuda takes it. */
  CUdeviceptr at(long offset) {
    return offset == 0 ? start : piece.at(offset);
  }

  /** Marks it closed; whether it was not before. */
  boolean end() {
    boolean was = closed;
    closed = true;
    return !was;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException(
          "A buffer of the device " + device.name() + " was used after it was closed.");
    }
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
    device.free(this);
  }
}
