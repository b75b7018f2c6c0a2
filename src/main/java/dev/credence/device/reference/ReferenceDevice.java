package dev.credence.device.reference;

import dev.credence.device.Device;
import dev.credence.device.Leaks;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Params;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Work;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The slow and obvious twin: plain Java on the caller's thread, needing nothing but the JVM. It is
 * the oracle that every other device is held to, the only one with float64, and what serves where
 * no C compiler was found.
 */
public final class ReferenceDevice implements Device {
  private static final int ALIGNMENT = 64;

  private final long memoryBytes;
  private final Set<HostBuffer> live = ConcurrentHashMap.newKeySet();
  private long allocatedBytes;
  private boolean closed;

  /** A device that may take as much memory as the Java heap may. */
  public ReferenceDevice() {
    this(Runtime.getRuntime().maxMemory());
  }

  /** A device that refuses to take more memory than this. */
  public ReferenceDevice(long memoryBytes) {
    this.memoryBytes = memoryBytes;
  }

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Limits limits() {
    String description = "plain Java " + Runtime.version().feature() + ", one thread";
    return new Limits(description, memoryBytes, memoryBytes, true, true, 1);
  }

  @Override
  public Buffer allocate(long bytes) {
    reserve(bytes);
    Arena arena = Arena.ofShared();
    try {
      HostBuffer buffer = new HostBuffer(arena, arena.allocate(bytes, ALIGNMENT));
      live.add(buffer);
      return Leaks.opened(buffer);
    } catch (OutOfMemoryError error) {
      arena.close();
      giveBack(bytes);
      throw new OutOfDeviceMemoryException("The reference device cannot get " + bytes + " bytes.");
    }
  }

  private synchronized void reserve(long bytes) {
    if (closed) {
      throw new IllegalStateException("The reference device is closed.");
    }
    if (bytes > memoryBytes - allocatedBytes) {
      throw new OutOfDeviceMemoryException(
          "The reference device cannot give "
              + bytes
              + " bytes: it holds "
              + allocatedBytes
              + " of "
              + memoryBytes
              + ".");
    }
    allocatedBytes += bytes;
  }

  private synchronized void giveBack(long bytes) {
    allocatedBytes -= bytes;
  }

  @Override
  public void write(Buffer target, long offset, MemorySegment source) {
    MemorySegment.copy(source, 0, own(target).memory, offset, source.byteSize());
  }

  @Override
  public void read(Buffer source, long offset, MemorySegment target) {
    MemorySegment.copy(own(source).memory, offset, target, 0, target.byteSize());
  }

  @Override
  public Kernel compile(Work work) {
    switch (work) {
      case Routine routine -> Routines.check(routine);
      case Loop loop -> {
        // Built over no memory and dropped: a loop that cannot be run is refused here.
        List<MemorySegment> none = Collections.nCopies(loop.arguments().size(), MemorySegment.NULL);
        new LoopRun(loop, none, MemorySegment.NULL);
      }
    }
    return new HostKernel(work);
  }

  @Override
  public Prepared prepare(List<Launch> launches, Buffer params) {
    MemorySegment words = own(params).memory;
    if (words.byteSize() < Params.FIRST_FREE * (long) Integer.BYTES) {
      throw new IllegalArgumentException("a parameter block has at least 4 words");
    }
    List<Runnable> runs = new ArrayList<>();
    for (Launch launch : launches) {
      Work work = launch.kernel().work();
      List<MemorySegment> arguments = bind(work, launch.arguments());
      runs.add(
          switch (work) {
            case Loop loop -> new LoopRun(loop, arguments, words);
            case Routine routine -> Routines.bind(routine, arguments);
          });
    }
    return new HostPrepared(List.copyOf(runs));
  }

  private List<MemorySegment> bind(Work work, List<Slice> slices) {
    List<Loop.Argument> arguments = work.arguments();
    if (slices.size() != arguments.size()) {
      throw new IllegalArgumentException(
          work.name() + " takes " + arguments.size() + " arguments, not " + slices.size());
    }
    List<MemorySegment> memory = new ArrayList<>();
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      long bytes = arguments.get(i).size() * arguments.get(i).type().bytes();
      if (slice.bytes() < bytes) {
        throw new IllegalArgumentException(
            work.name()
                + " needs "
                + bytes
                + " bytes for argument "
                + i
                + ", not "
                + slice.bytes());
      }
      memory.add(own(slice.buffer()).memory.asSlice(slice.offset(), bytes));
    }
    return memory;
  }

  @Override
  public void await() {
    // All work is done when run() returns.
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed;
  }

  @Override
  public synchronized long allocatedBytes() {
    return allocatedBytes;
  }

  @Override
  public void close() {
    Leaks.report(this);
    synchronized (this) {
      closed = true;
    }
    live.forEach(HostBuffer::close);
  }

  private HostBuffer own(Buffer buffer) {
    if (buffer instanceof HostBuffer own && own.device() == this) {
      return own;
    }
    throw new IllegalArgumentException(
        "a buffer of device " + buffer.device().name() + " was given to the reference device");
  }

  private final class HostBuffer implements Buffer {
    final Arena arena;
    final MemorySegment memory;

    HostBuffer(Arena arena, MemorySegment memory) {
      this.arena = arena;
      this.memory = memory;
    }

    @Override
    public long bytes() {
      return memory.byteSize();
    }

    @Override
    public Device device() {
      return ReferenceDevice.this;
    }

    @Override
    public void close() {
      if (live.remove(this)) {
        arena.close();
        giveBack(bytes());
        Leaks.closed(this);
      }
    }
  }

  private record HostKernel(Work work) implements Kernel {
    @Override
    public String how() {
      return "plain Java";
    }
  }

  private record HostPrepared(List<Runnable> runs) implements Prepared {
    @Override
    public void run() {
      for (Runnable run : runs) {
        run.run();
      }
    }

    @Override
    public void close() {
      // Scratch memory is the collector's.
    }
  }
}
