package dev.credence.device.cuda;

import dev.credence.device.OutOfDeviceMemoryException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a device. Small pieces are cut from slabs and kept for pieces of the same size,
 * which is safe because all work is in one stream: what is written into a piece that had another
 * owner comes after all that this one had enqueued. A large piece is an allocation of its own, from
 * the device's pool if it has one: such a piece comes and goes with each program or state, and
 * cuMemFree would hold up the device until it is idle.
 *
 * <p>Whoever uses a piece in another stream waits for this one first.
 */
final class CudaMemory {
  private static final long SLAB = 32L << 20;
  private static final long LARGE = 8L << 20;
  private static final long ALIGNMENT = 256;

  /**
   * A piece.
   *
   * @param whole the slab it is cut from, or its own allocation
   */
  record Piece(Driver.Memory whole, long offset, long size, boolean large) {
    long address() {
      return whole.address() + offset;
    }

    /** A place in it, as JCuda takes it. */
    CUdeviceptr at(long further) {
      return whole.withByteOffset(offset + further);
    }
  }

  private final String device;
  private final @Nullable MemoryPool pool;
  private final List<Driver.Memory> wholes = new ArrayList<>();
  private final Map<Long, Deque<Piece>> free = new HashMap<>();

  /** What pieces are now cut from: nothing yet. */
  private Driver.Memory slab = new Driver.Memory();

  private long next = SLAB;
  private long allocated;

  /**
   * Memory of a device.
   *
   * @param device its name
   * @param pool where allocations come from, else from the driver
   */
  CudaMemory(String device, @Nullable MemoryPool pool) {
    this.device = device;
    this.pool = pool;
  }

  /** Bytes asked for and not given back. */
  long allocatedBytes() {
    return allocated;
  }

  /** A piece of at least this many bytes. */
  Piece allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("A buffer cannot have " + bytes + " bytes.");
    }
    Piece piece = bytes > LARGE ? large(bytes) : small(sizeClass(bytes));
    allocated += bytes;
    return piece;
  }

  /** Gives a piece back, once. */
  void free(Piece piece, long bytes) {
    allocated -= bytes;
    if (piece.large) {
      release(piece.whole);
      wholes.remove(piece.whole);
    } else {
      free.computeIfAbsent(piece.size, size -> new ArrayDeque<>()).push(piece);
    }
  }

  /** Gives all back, each piece whatever becomes of the others; the device is idle. */
  void close() {
    allocated = 0;
    free.clear();
    try (Holds holds = new Holds()) {
      if (pool != null) {
        holds.add(pool::trim);
      }
      wholes.forEach(whole -> holds.add(() -> release(whole)));
      wholes.clear();
    }
  }

  private void release(Driver.Memory whole) {
    if (pool == null) {
      Driver.free(whole);
    } else {
      pool.free(whole);
    }
  }

  private Piece large(long bytes) {
    return new Piece(whole(bytes), 0, bytes, true);
  }

  private Piece small(long size) {
    Deque<Piece> pieces = free.get(size);
    if (pieces != null && !pieces.isEmpty()) {
      return pieces.pop();
    }
    if (SLAB - next < size) {
      slab = whole(SLAB);
      next = 0;
    }
    Piece piece = new Piece(slab, next, size, false);
    next += size;
    return piece;
  }

  private Driver.Memory whole(long bytes) {
    try {
      Driver.Memory memory = pool == null ? Driver.allocate(bytes) : pool.allocate(bytes);
      wholes.add(memory);
      return memory;
    } catch (CudaError e) {
      if (e.status() == CudaError.OUT_OF_MEMORY) {
        throw new OutOfDeviceMemoryException(
            "The device "
                + device
                + " cannot give "
                + bytes
                + " bytes: "
                + allocated
                + " of its memory are in use here.");
      }
      throw e;
    }
  }

  /** Sizes in steps of an eighth to a quarter, so that a piece freed fits others. */
  private static long sizeClass(long bytes) {
    long needed = Math.max(1, bytes);
    long step = Math.max(ALIGNMENT, Long.highestOneBit(needed) >> 3);
    return Math.ceilDiv(needed, step) * step;
  }
}
