package dev.credence.device.cpu;

import dev.credence.device.Device;
import dev.credence.device.Device.Slice;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Routine;
import dev.credence.kernel.Work;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Launches with all they need written down for C. Running walks a list: successive small launches
 * are one native call, a large one is a run of the pool.
 */
final class CpuPrepared implements Device.Prepared {
  /** A launch with its buffers. */
  record Bound(CpuKernel kernel, List<Slice> slices, List<CpuBuffer> buffers) {}

  /** One native call of a kernel over some parts. */
  record Call(long address, long descriptor, long parts) {}

  /** Work for which it does not pay to wake a second thread. */
  private static final double ALONE_NANOS = 4000;

  /** The least work of a part. */
  private static final double PART_NANOS = 1000;

  /** Time of one step of a matrix product on one thread. */
  private static final double PRODUCT_NANOS = 0.01;

  /** Size from which on the items of a routine are shared out. */
  private static final long ROUTINE_BYTES = 1 << 14;

  private static final int PARTS_PER_THREAD = 4;

  private final WorkerPool pool;
  private final CpuMemory memory;
  private final List<CpuBuffer> buffers = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private final long[] addresses;
  private final long[] descriptors;
  private final long[] parts;
  private boolean closed;

  CpuPrepared(
      NativeLibrary library,
      BlockWords words,
      WorkerPool pool,
      CpuMemory memory,
      List<Bound> launches,
      CpuBuffer params) {
    this.pool = pool;
    this.memory = memory;
    buffers.add(params);
    launches.forEach(l -> buffers.addAll(l.buffers()));
    Writer writer = new Writer(library, words, params.address());
    launches.forEach(writer::plan);
    launches.forEach(writer::write);
    List<Call> calls = joined(writer.calls, library.address("cr_launches"));
    addresses = calls.stream().mapToLong(Call::address).toArray();
    descriptors = calls.stream().mapToLong(Call::descriptor).toArray();
    parts = calls.stream().mapToLong(Call::parts).toArray();
  }

  @Override
  public void run() {
    memory.enter();
    try {
      check();
      for (int i = 0; i < addresses.length; i++) {
        if (parts[i] < 0) {
          NativeLibrary.call(addresses[i], descriptors[i], 0, -parts[i]);
        } else {
          pool.run(addresses[i], descriptors[i], parts[i]);
        }
      }
    } finally {
      memory.leave();
    }
  }

  private void check() {
    if (closed) {
      throw new IllegalStateException("A prepared list of launches was run after it was closed.");
    }
    for (int i = 0; i < buffers.size(); i++) {
      buffers.get(i).checkOpen();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }

  /** Successive calls that one thread does become one call of the list runner. */
  private List<Call> joined(List<Call> calls, long runner) {
    List<Call> joined = new ArrayList<>();
    for (int i = 0; i < calls.size(); ) {
      int end = i;
      while (end < calls.size() && calls.get(end).parts < 0) {
        end++;
      }
      if (end - i > 1) {
        joined.add(new Call(runner, list(calls.subList(i, end)), -(end - i)));
        i = end;
      } else {
        joined.add(calls.get(i++));
      }
    }
    return joined;
  }

  private long list(List<Call> calls) {
    MemorySegment list = arena.allocate(24L * calls.size(), 64);
    for (int i = 0; i < calls.size(); i++) {
      list.setAtIndex(ValueLayout.JAVA_LONG, 3L * i, calls.get(i).address);
      list.setAtIndex(ValueLayout.JAVA_LONG, 3L * i + 1, calls.get(i).descriptor);
      list.setAtIndex(ValueLayout.JAVA_LONG, 3L * i + 2, -calls.get(i).parts);
    }
    return list.address();
  }

  /** Writes descriptors: first {@link #plan} for all launches, then {@link #write}. */
  private final class Writer {
    final List<Call> calls = new ArrayList<>();
    private final NativeLibrary library;
    private final BlockWords words;
    private final long params;
    private final List<ProductDescriptor> products = new ArrayList<>();
    private long scratchStride;
    private long scratchBytes;
    private long arrayBytes;
    private long scratch;
    private int product;

    Writer(NativeLibrary library, BlockWords words, long params) {
      this.library = library;
      this.words = words;
      this.params = params;
    }

    /** Finds out how much scratch memory the launches need; they share it. */
    void plan(Bound launch) {
      long arrays = 0;
      for (Loop.Argument argument : launch.kernel().scratch()) {
        arrays += room(argument);
      }
      arrayBytes = Math.max(arrayBytes, arrays);
      for (CpuKernel.Pass pass : launch.kernel().passes()) {
        switch (pass) {
          case CpuKernel.Blocks blocks -> {
            // A page and a half between parts keeps their registers off each other's cache sets.
            long bytes = Math.max(blocks.apart().scratchBytes, blocks.shared().scratchBytes);
            scratchStride = Math.max(scratchStride, Math.ceilDiv(bytes, 4096) * 4096 + 2048);
          }
          case CpuKernel.Product p ->
              plan(GemmDescriptor.plan(library, p.product(), threads(p.product().steps()), arena));
          case CpuKernel.Chain c ->
              plan(ConvDescriptor.plan(library, c.product(), threads(c.product().steps()), arena));
          case CpuKernel.Padded p ->
              plan(
                  PaddedDescriptor.plan(library, p.product(), threads(p.product().steps()), arena));
          case CpuKernel.Written w -> {}
        }
      }
    }

    private void plan(ProductDescriptor descriptor) {
      products.add(descriptor);
      scratchBytes = Math.max(scratchBytes, descriptor.scratchBytes());
    }

    private int threads(long steps) {
      return steps * PRODUCT_NANOS < ALONE_NANOS ? 1 : pool.threads();
    }

    private static long room(Loop.Argument argument) {
      return BlockLayout.roomFor(argument.size());
    }

    void write(Bound launch) {
      if (scratch == 0) {
        long parts = (long) PARTS_PER_THREAD * pool.threads();
        long bytes = Math.max(scratchStride * parts, scratchBytes);
        scratch = arena.allocate(arrayBytes + bytes + 64, 64).address();
      }
      List<Slice> slices = launch.slices();
      List<Loop.Argument> rooms = launch.kernel().scratch();
      long[] arguments = new long[slices.size() + rooms.size()];
      for (int i = 0; i < slices.size(); i++) {
        arguments[i] = launch.buffers().get(i).address() + slices.get(i).offset();
      }
      long next = scratch;
      for (int i = 0; i < rooms.size(); i++) {
        arguments[slices.size() + i] = next;
        next += room(rooms.get(i));
      }
      boolean shared = sharesMemory(launch.kernel().work(), arguments);
      for (CpuKernel.Pass pass : launch.kernel().passes()) {
        calls.add(
            switch (pass) {
              case CpuKernel.Blocks blocks ->
                  blocks(shared ? blocks.shared() : blocks.apart(), arguments);
              case CpuKernel.Product p -> product(arguments);
              case CpuKernel.Chain c -> product(arguments);
              case CpuKernel.Padded p -> product(arguments);
              case CpuKernel.Written w -> routine(w.routine(), arguments);
            });
      }
    }

    private Call blocks(BlockProgram program, long[] arguments) {
      long most = Math.min(program.units(), (long) PARTS_PER_THREAD * pool.threads());
      long worth = (long) (program.nanos / PART_NANOS);
      boolean alone = pool.threads() == 1 || program.nanos < ALONE_NANOS;
      int count = alone ? 1 : (int) Math.clamp(most, 1, Math.max(1, worth));
      long at = scratch + arrayBytes;
      long descriptor =
          BlockWriter.write(program, words, arguments, params, at, scratchStride, count, arena);
      return new Call(library.address("cr_blocks"), descriptor, count == 1 ? -1 : count);
    }

    private Call product(long[] arguments) {
      return products.get(product++).call(library, arguments, scratch + arrayBytes);
    }

    private Call routine(Routine routine, long[] arguments) {
      int numbers = routine.numbers().size();
      MemorySegment descriptor = arena.allocate(8L * (numbers + arguments.length), 64);
      for (int i = 0; i < numbers; i++) {
        descriptor.setAtIndex(ValueLayout.JAVA_LONG, i, routine.numbers().get(i));
      }
      for (int i = 0; i < arguments.length; i++) {
        descriptor.setAtIndex(ValueLayout.JAVA_LONG, numbers + i, arguments[i]);
      }
      long items = routine.items();
      boolean alone = pool.threads() == 1 || items == 1 || routine.bytes() < ROUTINE_BYTES;
      long address = library.address(CpuKernel.entry(routine));
      return new Call(address, descriptor.address(), alone ? -items : items);
    }

    private static boolean sharesMemory(Work work, long[] addresses) {
      List<Loop.Argument> arguments = work.arguments();
      for (int w = 0; w < arguments.size(); w++) {
        for (int r = 0; r < arguments.size(); r++) {
          if (r != w && arguments.get(w).written() && overlap(arguments, addresses, w, r)) {
            return true;
          }
        }
      }
      return false;
    }

    private static boolean overlap(
        List<Loop.Argument> arguments, long[] addresses, int first, int second) {
      return addresses[first] < addresses[second] + bytes(arguments.get(second))
          && addresses[second] < addresses[first] + bytes(arguments.get(first));
    }

    private static long bytes(Loop.Argument argument) {
      return argument.size() * argument.type().bytes();
    }
  }
}
