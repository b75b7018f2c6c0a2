package dev.credence.device.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Host memory between the heap, of which OpenCL cannot be told, and a queue. Small writes wait in
 * it, so that nobody waits for them; it is filled from its beginning again once they are done.
 */
final class Staging {
  static final int BYTES = 1 << 20;

  private static final int ALIGNMENT = 64;

  /** Writes that may wait; a caller who is faster than the device is held up now and then. */
  private static final int MOST = 256;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(BYTES, ALIGNMENT);
  private final long address = memory.address();
  private long next;
  private int waiting;

  /** Whether so many more bytes may wait. */
  boolean hasRoom(long bytes) {
    return waiting < MOST && bytes <= BYTES - next;
  }

  /** Begins again: whatever waited has been done. */
  void rewind() {
    next = 0;
    waiting = 0;
  }

  /** Takes bytes in, for which there must be room; gives the address at which they wait. */
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
