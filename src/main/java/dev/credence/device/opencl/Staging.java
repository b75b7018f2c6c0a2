package dev.credence.device.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Host memory between the heap, of which OpenCL cannot be told, and a queue. Small writes wait in
 * it, so that nobody waits for them; it is used round and round.
 */
final class Staging {
  static final int BYTES = 1 << 20;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(BYTES, 64);
  private int next;

  /** Whether so many bytes fit before the end. */
  boolean hasRoom(long bytes) {
    return bytes <= BYTES - next;
  }

  /** Begins again: whatever waited has been done. */
  void rewind() {
    next = 0;
  }

  /** The next so many bytes, which must fit. */
  MemorySegment take(long bytes) {
    MemorySegment taken = memory.asSlice(next, bytes);
    next += (int) bytes + 63 & ~63;
    next = Math.min(next, BYTES);
    return taken;
  }

  void close() {
    arena.close();
  }
}
