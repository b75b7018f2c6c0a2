package dev.credence.device.cpu;

import dev.credence.device.Device;
import dev.credence.device.Leaks;
import java.lang.foreign.MemorySegment;

/** A piece of a CPU device's memory. */
final class CpuBuffer implements Device.Buffer {
  private final CpuDevice device;
  private final CpuMemory memory;
  private final long address;
  private final long bytes;
  private final MemorySegment segment;
  private volatile boolean closed;

  CpuBuffer(CpuDevice device, CpuMemory memory, long address, long bytes) {
    this.device = device;
    this.memory = memory;
    this.address = address;
    this.bytes = bytes;
    this.segment = MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  long address() {
    return address;
  }

  MemorySegment segment() {
    checkOpen();
    return segment;
  }

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("A buffer of the CPU device was used after it was closed.");
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
    synchronized (memory) {
      if (!closed) {
        closed = true;
        memory.free(address, bytes);
        Leaks.closed(this);
      }
    }
  }
}
