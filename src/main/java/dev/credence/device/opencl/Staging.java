package dev.credence.device.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Host memory between the heap, of which OpenCL cannot be told, and a queue. Small writes wait in
 * it, so that nobody waits for them; it is filled from its beginning again once they are done.
 */
final class Staging {
  /** The most that is taken in or handed out at a time. */
  static final int CHUNK = 1 << 19;

  private static final int BYTES = 2 * CHUNK;

  private static final int ALIGNMENT = 64;

  /** Writes that may wait; a caller who is faster than the device is held up now and then. */
  private static final int MOST = 256;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(BYTES, ALIGNMENT);
  private final long address = memory.address();
  private long next;
  private int waiting;

  /** Whether another chunk might find no room, so that what waits had better be done. */
  boolean isFull() {
    return waiting >= MOST || next > BYTES - CHUNK;
  }

  /** Begins again: whatever waited has been done. */
  void rewind() {
    next = 0;
    waiting = 0;
  }

  /** Takes a chunk in, unless it is full; gives the address at which the bytes wait. */
  long take(MemorySegment source, long offset, long bytes) {
    long at = next;
    MemorySegment.copy(source, offset, memory, at, bytes);
    next = Math.min(BYTES, Math.ceilDiv(at + bytes, ALIGNMENT) * ALIGNMENT);
    waiting++;
    return address + at;
  }

  /** The beginning, for bytes that come out; nothing may wait meanwhile. */
  long address() {
    return address;
  }

  /** Hands out bytes from the beginning. */
  void give(MemorySegment target, long offset, long bytes) {
    MemorySegment.copy(memory, 0, target, offset, bytes);
  }

  void close() {
    arena.close();
  }
}
