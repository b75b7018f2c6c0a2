package dev.credence.device.cpu;

import dev.credence.device.OutOfDeviceMemoryException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory of a CPU device. Small pieces are cut from slabs and kept for pieces of the same size;
 * a large one is a mapping of its own, in huge pages where the system has them, and goes back to it
 * when freed. Pages come with their first touch, on the thread that touches them.
 *
 * <p>Behind every piece lie at least 128 bytes that may be read: vectors may read past the end.
 */
final class CpuMemory {
  private static final long SLAB = 8L << 20;
  private static final long LARGE = 1L << 20;
  private static final long HUGE_PAGE = 2L << 20;
  private static final long TAIL = 128;

  private record Mapping(long address, long bytes) {}

  private final long limit;
  private final List<Mapping> slabs = new ArrayList<>();
  private final Map<Long, Deque<Long>> free = new HashMap<>();
  private final Map<Long, Mapping> large = new HashMap<>();
  private final List<Mapping> leaving = new ArrayList<>();
  private long next;
  private long end;
  private long allocated;
  private int users;
  private boolean closed;

  /** Memory of at most this many bytes. */
  CpuMemory(long limit) {
    this.limit = limit;
  }

  synchronized long allocatedBytes() {
    return allocated;
  }

  synchronized boolean closed() {
    return closed;
  }

  /** The address of a piece of this many bytes, aligned to 64. */
  synchronized long allocate(long bytes) {
    checkOpen();
    if (bytes < 0) {
      throw new IllegalArgumentException("A buffer cannot have " + bytes + " bytes.");
    }
    if (bytes > limit - allocated) {
      throw new OutOfDeviceMemoryException(
          "The CPU device cannot give "
              + bytes
              + " bytes: it holds "
              + allocated
              + " of "
              + limit
              + ".");
    }
    long address = bytes + TAIL >= LARGE ? mapLarge(bytes) : small(sizeClass(bytes));
    allocated += bytes;
    return address;
  }

  /** Gives a piece back, once. */
  synchronized void free(long address, long bytes) {
    if (closed) {
      return;
    }
    allocated -= bytes;
    Mapping mapping = large.remove(address);
    if (mapping == null) {
      free.computeIfAbsent(sizeClass(bytes), c -> new ArrayDeque<>()).push(address);
    } else {
      leave(mapping);
    }
  }

  /** Keeps mappings from leaving until {@link #leave()}. */
  synchronized void enter() {
    checkOpen();
    users++;
  }

  synchronized void leave() {
    users--;
    if (users == 0) {
      leaving.forEach(CpuMemory::unmap);
      leaving.clear();
    }
  }

  private void leave(Mapping mapping) {
    if (users == 0) {
      unmap(mapping);
    } else {
      leaving.add(mapping);
    }
  }

  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    allocated = 0;
    slabs.forEach(this::leave);
    large.values().forEach(this::leave);
    slabs.clear();
    large.clear();
    free.clear();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("The CPU device is closed.");
    }
  }

  /** Sizes in steps of an eighth to a quarter, so that a piece freed fits others. */
  private static long sizeClass(long bytes) {
    long needed = bytes + TAIL;
    long step = Math.max(64, Long.highestOneBit(needed) >> 3);
    return Math.ceilDiv(needed, step) * step;
  }

  private long small(long size) {
    Deque<Long> pieces = free.get(size);
    if (pieces != null && !pieces.isEmpty()) {
      return pieces.pop();
    }
    if (end - next < size) {
      Mapping slab = map(SLAB);
      slabs.add(slab);
      next = slab.address;
      end = slab.address + slab.bytes;
    }
    long address = next;
    next += size;
    return address;
  }

  private long mapLarge(long bytes) {
    Mapping mapping = map(Math.ceilDiv(bytes + TAIL, HUGE_PAGE) * HUGE_PAGE);
    large.put(mapping.address, mapping);
    return mapping.address;
  }

  // The system's side.

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MMAP =
      handle(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle MUNMAP =
      handle(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle MADVISE =
      handle(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));

  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int WANT_HUGE_PAGES = 14;

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    MemorySegment symbol = LINKER.defaultLookup().findOrThrow(name);
    return LINKER.downcallHandle(symbol, descriptor);
  }

  /** A mapping that begins at a multiple of the huge page. */
  private static Mapping map(long bytes) {
    try {
      long all = bytes + HUGE_PAGE;
      long address = (long) MMAP.invokeExact(0L, all, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (address == -1) {
        throw new OutOfDeviceMemoryException(
            "The CPU device cannot give " + bytes + " bytes: the system has none left.");
      }
      long begin = Math.ceilDiv(address, HUGE_PAGE) * HUGE_PAGE;
      if (begin > address) {
        unmap(new Mapping(address, begin - address));
      }
      long rest = address + all - (begin + bytes);
      if (rest > 0) {
        unmap(new Mapping(begin + bytes, rest));
      }
      // Advice: where it is not taken, ordinary pages serve.
      int ignored = (int) MADVISE.invokeExact(begin, bytes, WANT_HUGE_PAGES);
      return new Mapping(begin, bytes);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("C throws nothing.", e);
    }
  }

  private static void unmap(Mapping mapping) {
    try {
      int ignored = (int) MUNMAP.invokeExact(mapping.address, mapping.bytes);
    } catch (Throwable e) {
      throw new AssertionError("C throws nothing.", e);
    }
  }
}
