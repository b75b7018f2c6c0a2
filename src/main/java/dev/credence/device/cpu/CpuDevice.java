package dev.credence.device.cpu;

import dev.credence.device.Device;
import dev.credence.device.Leaks;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopText;
import dev.credence.kernel.Params;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The processor the JVM runs on. A loop is compiled in Java to a list of vector passes, or found to
 * be a matrix product, and run in C; {@link WorkerPool} shares what is large among the threads. The
 * bits are those of the reference device, whatever the threads and the instruction level.
 */
public final class CpuDevice implements Device {
  /** More kernels than the programs of one application have. */
  static final int MOST_KERNELS = 2048;

  /** The kernels asked for last, by the text of their loops. */
  private static final class Recent extends LinkedHashMap<String, CpuKernel> {
    private static final long serialVersionUID = 1;

    Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, CpuKernel> eldest) {
      return size() > MOST_KERNELS;
    }
  }

  private final NativeLibrary library;
  private final BlockWords words;
  private final WorkerPool pool;
  private final CpuMemory memory;
  private final Recent kernels = new Recent();

  /**
   * A device with as many threads as {@link WorkerPool#defaultThreads} says.
   *
   * @throws UnsupportedOperationException in one sentence where there is no native library
   */
  public CpuDevice() {
    this(
        NativeLibrary.load()
            .orElseThrow(() -> new UnsupportedOperationException(NativeLibrary.whyAbsent())),
        WorkerPool.defaultThreads());
  }

  CpuDevice(NativeLibrary library, int threads) {
    this(library, threads, !"false".equals(Setting.of("credence.cpu.fused")));
  }

  /**
   * A device.
   *
   * @param fused whether the bodies of native/fused.c are used; without them all is interpreted, to
   *     the same bits
   */
  CpuDevice(NativeLibrary library, int threads, boolean fused) {
    this.library = library;
    words = new BlockWords(library, fused);
    pool = new WorkerPool(threads);
    memory = new CpuMemory(systemMemory());
  }

  private static long systemMemory() {
    // A Java made to measure may lack the module that knows.
    return ModuleLayer.boot().findModule("jdk.management").isPresent()
            && ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Limits limits() {
    return limits(library, pool.threads());
  }

  /** What a device over this library can do. */
  static Limits limits(NativeLibrary library, int threads) {
    String level = library.level().equals("v4") ? "AVX-512" : "AVX2";
    String description =
        "x86-64 with " + level + ", " + threads + (threads == 1 ? " thread" : " threads");
    long bytes = systemMemory();
    return new Limits(description, bytes, bytes, false, true, threads);
  }

  @Override
  public Buffer allocate(long bytes) {
    return Leaks.opened(new CpuBuffer(this, memory, memory.allocate(bytes), bytes));
  }

  @Override
  public void write(Buffer target, long offset, MemorySegment source) {
    CpuBuffer own = own(target);
    memory.enter();
    try {
      MemorySegment.copy(source, 0, own.segment(), offset, source.byteSize());
    } finally {
      memory.leave();
    }
  }

  @Override
  public void read(Buffer source, long offset, MemorySegment target) {
    CpuBuffer own = own(source);
    memory.enter();
    try {
      MemorySegment.copy(own.segment(), offset, target, 0, target.byteSize());
    } finally {
      memory.leave();
    }
  }

  @Override
  public Kernel compile(Work work) {
    checkOpen();
    return switch (work) {
      case Loop loop -> {
        String text = LoopText.of(loop);
        synchronized (kernels) {
          yield kernels.computeIfAbsent(text, t -> CpuKernel.compile(loop, words, pool.threads()));
        }
      }
      case Routine routine -> CpuKernel.compile(routine, library);
    };
  }

  @Override
  public Prepared prepare(List<Launch> launches, Buffer params) {
    checkOpen();
    CpuBuffer block = own(params);
    if (block.bytes() < 4L * Params.FIRST_FREE) {
      throw new IllegalArgumentException(
          "A parameter block has at least " + Params.FIRST_FREE + " words.");
    }
    List<CpuPrepared.Bound> bound = new ArrayList<>();
    for (Launch launch : launches) {
      bound.add(bind(launch));
    }
    return new CpuPrepared(library, words, pool, memory, bound, block);
  }

  private CpuPrepared.Bound bind(Launch launch) {
    if (!(launch.kernel() instanceof CpuKernel kernel)) {
      throw new IllegalArgumentException(
          "The kernel " + launch.kernel().work().name() + " was compiled for another device.");
    }
    List<Loop.Argument> wanted = kernel.work().arguments();
    List<Slice> slices = launch.arguments();
    if (slices.size() != wanted.size()) {
      throw new IllegalArgumentException(
          kernel.work().name()
              + " takes "
              + wanted.size()
              + " arguments, not "
              + slices.size()
              + ".");
    }
    List<CpuBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      Slice slice = slices.get(i);
      Loop.Argument argument = wanted.get(i);
      long bytes = argument.size() * argument.type().bytes();
      if (slice.bytes() < bytes || slice.offset() % argument.type().bytes() != 0) {
        throw new IllegalArgumentException(
            kernel.work().name()
                + " needs "
                + bytes
                + " aligned bytes for argument "
                + i
                + ", not "
                + slice.bytes()
                + " at "
                + slice.offset()
                + ".");
      }
      buffers.add(own(slice.buffer()));
    }
    return new CpuPrepared.Bound(kernel, List.copyOf(slices), List.copyOf(buffers));
  }

  @Override
  public void await() {
    checkOpen();
    // All work is done when run() returns.
  }

  @Override
  public boolean isOpen() {
    return !memory.closed();
  }

  @Override
  public long allocatedBytes() {
    return memory.allocatedBytes();
  }

  @Override
  public void close() {
    Leaks.report(this);
    memory.close();
    pool.close();
  }

  private void checkOpen() {
    if (memory.closed()) {
      throw new IllegalStateException("The CPU device is closed.");
    }
  }

  private CpuBuffer own(Buffer buffer) {
    if (!(buffer instanceof CpuBuffer own) || own.device() != this) {
      throw new IllegalArgumentException(
          "A buffer of device " + buffer.device().name() + " was given to the CPU device.");
    }
    checkOpen();
    own.checkOpen();
    return own;
  }
}
