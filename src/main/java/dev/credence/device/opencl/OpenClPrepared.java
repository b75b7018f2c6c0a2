package dev.credence.device.opencl;

import dev.credence.device.Device;
import dev.credence.kernel.Loop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;

/**
 * Launches as kernels that have their arguments already. Running enqueues them all, asks for
 * nothing, and waits for nothing.
 */
final class OpenClPrepared implements Device.Prepared {
  /** A launch whose arguments have been checked. */
  record Bound(OpenClKernel kernel, List<Device.Slice> slices, List<OpenClBuffer> buffers) {}

  private final OpenClDevice device;
  private final List<OpenClBuffer> buffers = new ArrayList<>();
  private final List<OpenClBuffer> scratch = new ArrayList<>();
  private final List<OpenClBuffer> outgrown = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<Long> handles = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private final long[] kernels;

  /** Where each launch's numbers of work items stand: all of them, then those of a group. */
  private final long[] sizes;

  private boolean closed;

  OpenClPrepared(OpenClDevice device, List<Bound> launches, OpenClBuffer params) {
    this.device = device;
    buffers.add(params);
    List<Long> places = new ArrayList<>();
    boolean complete = false;
    try {
      for (Bound launch : launches) {
        buffers.addAll(launch.buffers);
        List<OpenClBuffer> arrays = new ArrayList<>(launch.buffers);
        arrays.addAll(scratch(launch.kernel.scratch()));
        for (OpenClKernel.Stage stage : launch.kernel.stages()) {
          if (stage.groups() > 0) {
            names.add(launch.kernel.work().name());
            long kernel = device.kernel(launch.kernel.work().name(), stage);
            handles.add(kernel);
            give(kernel, launch, stage, arrays, params);
            places.add(sizes(stage));
          }
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        release();
      }
    }
    kernels = handles.stream().mapToLong(Long::longValue).toArray();
    sizes = places.stream().mapToLong(Long::longValue).toArray();
  }

  /** Memory for a launch's scratch arrays, which the launches share: they run in order. */
  private List<OpenClBuffer> scratch(List<Loop.Argument> arrays) {
    List<OpenClBuffer> given = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i++) {
      long bytes = arrays.get(i).size() * arrays.get(i).type().bytes();
      if (i == scratch.size()) {
        scratch.add(device.allocate(bytes));
      } else if (scratch.get(i).bytes() < bytes) {
        outgrown.add(scratch.get(i));
        scratch.set(i, device.allocate(bytes));
      }
      given.add(scratch.get(i));
    }
    return given;
  }

  private long sizes(OpenClKernel.Stage stage) {
    MemorySegment numbers = arena.allocate(ValueLayout.JAVA_LONG, 2);
    numbers.setAtIndex(ValueLayout.JAVA_LONG, 0, stage.groups() * stage.groupSize());
    numbers.setAtIndex(ValueLayout.JAVA_LONG, 1, stage.groupSize());
    return numbers.address();
  }

  private void give(
      long kernel,
      Bound launch,
      OpenClKernel.Stage stage,
      List<OpenClBuffer> arrays,
      OpenClBuffer params) {
    Arguments arguments = new Arguments(kernel, launch.kernel.work().name());
    arguments.add(params.handle());
    for (OpenClKernel.Part part : stage.arrays()) {
      arguments.add(arrays.get(part.argument()).handle());
      arguments.add(start(launch, part));
    }
    stage.numbers().forEach(arguments::add);
  }

  /** The element of its buffer at which an array begins. */
  private static long start(Bound launch, OpenClKernel.Part part) {
    if (part.argument() >= launch.slices.size()) {
      return part.first();
    }
    int bytes = launch.kernel.work().arguments().get(part.argument()).type().bytes();
    return launch.slices.get(part.argument()).offset() / bytes + part.first();
  }

  /** Hands a kernel its arguments, in order; buffers and numbers alike are words of 64 bits. */
  private final class Arguments {
    private final long kernel;
    private final String name;
    private int next;

    Arguments(long kernel, String name) {
      this.kernel = kernel;
      this.name = name;
    }

    void add(long value) {
      try (MemoryStack stack = MemoryStack.stackPush()) {
        long at = MemoryUtil.memAddress(stack.longs(value));
        int code = CL10.nclSetKernelArg(kernel, next++, Long.BYTES, at);
        device.check(code, "giving " + name + " its arguments");
      }
    }
  }

  @Override
  public void run() {
    synchronized (device) {
      check();
      long queue = device.queue();
      for (int i = 0; i < kernels.length; i++) {
        long at = sizes[i];
        int code =
            CL10.nclEnqueueNDRangeKernel(
                queue, kernels[i], 1, MemoryUtil.NULL, at, at + Long.BYTES, 0, 0, 0);
        if (code != CL10.CL_SUCCESS) {
          device.check(code, "running " + names.get(i));
        }
      }
      CL10.clFlush(queue);
    }
  }

  private void check() {
    device.checkUsable();
    if (closed) {
      throw new IllegalStateException("A prepared list of launches was run after it was closed.");
    }
    for (int i = 0; i < buffers.size(); i++) {
      buffers.get(i).checkOpen();
    }
  }

  private void release() {
    handles.forEach(CL10::clReleaseKernel);
    outgrown.forEach(OpenClBuffer::close);
    scratch.forEach(OpenClBuffer::close);
    arena.close();
  }

  @Override
  public void close() {
    synchronized (device) {
      if (!closed) {
        closed = true;
        device.forget(this);
        release();
      }
    }
  }
}
