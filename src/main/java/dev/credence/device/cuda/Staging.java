package dev.credence.device.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUstream;

/**
 * Pinned memory of the host through which all copies go. A write is copied here and enqueued, so
 * that it returns without waiting for the device and still comes after all that was enqueued
 * before; only when the memory has been used up does a write wait.
 */
final class Staging {
  private static final long BYTES = 16L << 20;
  private static final long CHUNK = 2L << 20;
  private static final long ALIGNMENT = 64;

  private final CUstream stream;
  private final Driver.Pinned pinned = Driver.allocateHost(BYTES);
  private final MemorySegment memory = MemorySegment.ofAddress(pinned.address()).reinterpret(BYTES);
  private long next;

  /** Staging for the copies of one stream. */
  Staging(CUstream stream) {
    this.stream = stream;
  }

  /** Copies host memory into a piece of the device's. */
  void write(CudaMemory.Piece target, long offset, MemorySegment source) {
    for (long done = 0; done < source.byteSize(); done += CHUNK) {
      long bytes = Math.min(CHUNK, source.byteSize() - done);
      long place = take(bytes);
      MemorySegment.copy(source, done, memory, place, bytes);
      Driver.toDevice(
          target.at(offset + done), new Driver.Address(memory.address() + place), bytes, stream);
    }
  }

  /** Copies a piece of the device's memory to the host and waits for it. */
  void read(CudaMemory.Piece source, long offset, MemorySegment target) {
    for (long done = 0; done < target.byteSize(); done += BYTES) {
      // What is read must not lie where a write still waits to be copied from.
      long bytes = Math.min(BYTES, target.byteSize() - done);
      long place = take(bytes);
      Driver.toHost(
          new Driver.Address(memory.address() + place), source.at(offset + done), bytes, stream);
      Driver.await(stream);
      next = 0;
      MemorySegment.copy(memory, place, target, done, bytes);
    }
  }

  private long take(long bytes) {
    if (BYTES - next < bytes) {
      Driver.await(stream);
      next = 0;
    }
    long place = next;
    next = Math.ceilDiv(next + bytes, ALIGNMENT) * ALIGNMENT;
    return place;
  }

  void close() {
    Driver.freeHost(pinned);
  }
}
