package dev.credence.device.opencl;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.Leaks;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopText;
import dev.credence.kernel.Params;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Work;
import java.lang.foreign.MemorySegment;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/**
 * A device behind an OpenCL driver. Every loop is printed in the common dialect and compiled by the
 * driver; matrix products have a kernel of their own. All work goes into one queue, in order, and
 * only reading waits for it.
 */
public final class OpenClDevice implements Device {
  private final Hardware hardware;
  private final long context;
  private final long queue;
  private final Programs programs;
  private final Products products;
  private final Map<String, OpenClKernel> kernels = new ConcurrentHashMap<>();
  private final Set<OpenClBuffer> buffers = new HashSet<>();
  private final Set<OpenClPrepared> prepared = new HashSet<>();
  private final Staging staging = new Staging();
  private long allocated;
  private boolean closed;

  /** How the device was lost, if it was. */
  private @Nullable String loss;

  OpenClDevice(Hardware hardware) {
    this(hardware, BinaryCache.ofUser("opencl"));
  }

  OpenClDevice(Hardware hardware, BinaryCache cache) {
    this.hardware = hardware;
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer code = stack.callocInt(1);
      PointerBuffer properties =
          stack.pointers(CL10.CL_CONTEXT_PLATFORM, hardware.platform(), MemoryUtil.NULL);
      context = CL10.clCreateContext(properties, hardware.device(), null, MemoryUtil.NULL, code);
      check(code.get(0), "opening it");
      queue = CL10.clCreateCommandQueue(context, hardware.device(), 0, code);
      if (code.get(0) != CL10.CL_SUCCESS) {
        CL10.clReleaseContext(context);
      }
      check(code.get(0), "opening it");
    }
    programs = programs(cache);
    products = new Products(hardware, programs);
  }

  /** What builds this device's programs. */
  Programs programs(BinaryCache cache) {
    return new Programs(hardware, context, cache);
  }

  @Override
  public String name() {
    return hardware.name();
  }

  @Override
  public Limits limits() {
    return hardware.limits();
  }

  // ---- Memory ----

  @Override
  public synchronized OpenClBuffer allocate(long bytes) {
    checkUsable();
    if (bytes < 0) {
      throw new IllegalArgumentException("A buffer cannot have " + bytes + " bytes.");
    }
    Limits limits = limits();
    if (bytes > limits.maxBufferBytes()) {
      throw new OutOfDeviceMemoryException(
          "The device "
              + name()
              + " cannot give "
              + bytes
              + " bytes: its largest buffer has "
              + limits.maxBufferBytes()
              + ".");
    }
    if (bytes > limits.memoryBytes() - allocated) {
      throw new OutOfDeviceMemoryException(
          "The device "
              + name()
              + " cannot give "
              + bytes
              + " bytes: it holds "
              + allocated
              + " of "
              + limits.memoryBytes()
              + ".");
    }
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer code = stack.callocInt(1);
      long handle = CL10.clCreateBuffer(context, CL10.CL_MEM_READ_WRITE, Math.max(bytes, 4), code);
      check(code.get(0), "allocating " + bytes + " bytes");
      OpenClBuffer buffer = new OpenClBuffer(this, handle, bytes);
      buffers.add(buffer);
      allocated += bytes;
      return Leaks.opened(buffer);
    }
  }

  /** Gives a buffer's memory back, once; work that is still enqueued keeps it until done. */
  synchronized void release(OpenClBuffer buffer) {
    if (buffers.remove(buffer)) {
      buffer.end();
      allocated -= buffer.bytes();
      CL10.clReleaseMemObject(buffer.handle());
      Leaks.closed(buffer);
    }
  }

  @Override
  public synchronized void write(Buffer target, long offset, MemorySegment source) {
    OpenClBuffer own = own(target);
    checkRange(own, offset, source);
    if (source.isNative() && source.byteSize() > Staging.CHUNK) {
      enqueueWrite(own, offset, source.address(), source.byteSize(), true);
      staging.rewind();
      return;
    }
    for (long done = 0; done < source.byteSize(); done += Staging.CHUNK) {
      long bytes = Math.min(Staging.CHUNK, source.byteSize() - done);
      long staged = staging.take(source, done, bytes);
      boolean full = staging.isFull();
      enqueueWrite(own, offset + done, staged, bytes, full);
      if (full) {
        staging.rewind();
      }
    }
  }

  private void enqueueWrite(OpenClBuffer to, long offset, long from, long bytes, boolean wait) {
    int code =
        CL10.nclEnqueueWriteBuffer(queue, to.handle(), wait ? 1 : 0, offset, bytes, from, 0, 0, 0);
    if (code != CL10.CL_SUCCESS) {
      check(code, "writing " + bytes + " bytes");
    }
  }

  @Override
  public synchronized void read(Buffer source, long offset, MemorySegment target) {
    OpenClBuffer own = own(source);
    checkRange(own, offset, target);
    await();
    if (target.isNative()) {
      enqueueRead(own, offset, target.address(), target.byteSize());
      return;
    }
    for (long done = 0; done < target.byteSize(); done += Staging.CHUNK) {
      long bytes = Math.min(Staging.CHUNK, target.byteSize() - done);
      enqueueRead(own, offset + done, staging.address(), bytes);
      staging.give(target, done, bytes);
    }
  }

  private void enqueueRead(OpenClBuffer from, long offset, long to, long bytes) {
    if (bytes > 0) {
      int code = CL10.nclEnqueueReadBuffer(queue, from.handle(), 1, offset, bytes, to, 0, 0, 0);
      if (code != CL10.CL_SUCCESS) {
        check(code, "reading " + bytes + " bytes");
      }
    }
  }

  private static void checkRange(OpenClBuffer buffer, long offset, MemorySegment host) {
    if (offset < 0 || offset > buffer.bytes() - host.byteSize()) {
      throw new IndexOutOfBoundsException(
          "bytes "
              + offset
              + " to "
              + (offset + host.byteSize())
              + " of a buffer of "
              + buffer.bytes());
    }
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed && loss == null;
  }

  @Override
  public synchronized long allocatedBytes() {
    return allocated;
  }

  // ---- Kernels ----

  @Override
  public Kernel compile(Work work) {
    checkUsable();
    String text =
        switch (work) {
          case Loop loop -> LoopText.of(loop);
          case Routine routine -> routine + " " + routine.arguments();
        };
    return kernels.computeIfAbsent(
        text, t -> OpenClKernel.compile(work, hardware, programs, products));
  }

  /** A kernel object of its own for one launch, since arguments belong to the object. */
  long kernel(String what, OpenClKernel.Stage stage) {
    long program = programs.program(stage.source());
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer code = stack.callocInt(1);
      long kernel = CL10.clCreateKernel(program, stage.source().symbol(), code);
      check(code.get(0), "making " + what);
      return kernel;
    }
  }

  @Override
  public synchronized Prepared prepare(List<Launch> launches, Buffer params) {
    OpenClBuffer block = own(params);
    if (block.bytes() < 4L * Params.FIRST_FREE) {
      throw new IllegalArgumentException(
          "A parameter block has at least " + Params.FIRST_FREE + " words.");
    }
    OpenClPrepared list =
        new OpenClPrepared(this, launches.stream().map(this::bind).toList(), block);
    prepared.add(list);
    return list;
  }

  synchronized void forget(OpenClPrepared list) {
    prepared.remove(list);
  }

  private OpenClPrepared.Bound bind(Launch launch) {
    if (!(launch.kernel() instanceof OpenClKernel kernel)) {
      throw new IllegalArgumentException(
          "The kernel " + launch.kernel().work().name() + " was compiled for another device.");
    }
    Work work = kernel.work();
    List<Slice> slices = launch.arguments();
    if (slices.size() != work.arguments().size()) {
      throw new IllegalArgumentException(
          work.name() + " takes " + work.arguments().size() + " arguments, not " + slices.size());
    }
    List<OpenClBuffer> own = new ArrayList<>();
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      Loop.Argument argument = work.arguments().get(i);
      long bytes = argument.size() * argument.type().bytes();
      if (slice.bytes() < bytes || slice.offset() % argument.type().bytes() != 0) {
        throw new IllegalArgumentException(
            work.name()
                + " needs "
                + bytes
                + " aligned bytes for argument "
                + i
                + ", not "
                + slice.bytes()
                + " at "
                + slice.offset());
      }
      own.add(own(slice.buffer()));
    }
    return new OpenClPrepared.Bound(kernel, List.copyOf(slices), List.copyOf(own));
  }

  // ---- The queue ----

  long queue() {
    return queue;
  }

  @Override
  public synchronized void await() {
    checkUsable();
    check(CL10.clFinish(queue), "finishing its work");
    staging.rewind();
  }

  /** Throws what a code stands for; after the loss of the device nothing else is tried with it. */
  void check(int code, String doing) {
    if (code != CL10.CL_SUCCESS) {
      RuntimeException failure = Failures.of(name(), doing, code);
      if (Failures.isLoss(code)) {
        synchronized (this) {
          loss = failure.getMessage();
        }
      }
      throw failure;
    }
  }

  synchronized void checkUsable() {
    if (closed) {
      throw new IllegalStateException("The device " + name() + " is closed.");
    }
    if (loss != null) {
      throw new IllegalStateException(loss);
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    CL10.clFinish(queue);
    List.copyOf(prepared).forEach(OpenClPrepared::close);
    Leaks.report(this);
    closed = true;
    List.copyOf(buffers).forEach(OpenClBuffer::close);
    programs.close();
    CL10.clReleaseCommandQueue(queue);
    CL10.clReleaseContext(context);
    staging.close();
  }

  private OpenClBuffer own(Buffer buffer) {
    if (!(buffer instanceof OpenClBuffer own) || own.device() != this) {
      throw new IllegalArgumentException(
          "A buffer of device "
              + buffer.device().name()
              + " was given to the device "
              + name()
              + ".");
    }
    checkUsable();
    own.checkOpen();
    return own;
  }
}
