package dev.credence.device.cuda;

import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Slice;
import dev.credence.kernel.Loop;
import dev.credence.kernel.MatrixProduct;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;

/**
 * A list of launches as one graph. All run-time numbers are in the parameter block, which lies on
 * the device, so that running it again changes nothing in the graph.
 */
final class CudaPrepared implements Device.Prepared {
  /** Kernels that an error names. */
  private static final int NAMED = 8;

  private static final long ALIGNMENT = 256;

  private final CudaDevice device;
  private final List<CudaBuffer> buffers;
  private final String names;
  private final @Nullable CudaBuffer scratch;
  private @Nullable CUgraphExec graph;
  private boolean closed;

  private CudaPrepared(CudaDevice device, List<Launch> launches, Buffer params) {
    this.device = device;
    names = names(launches);
    SequencedSet<CudaBuffer> used = new LinkedHashSet<>(List.of((CudaBuffer) params));
    long bytes = 0;
    for (Launch launch : launches) {
      check(launch);
      launch.arguments().forEach(slice -> used.add((CudaBuffer) slice.buffer()));
      bytes = Math.max(bytes, room(kernel(launch)));
    }
    buffers = List.copyOf(used);
    scratch = bytes == 0 ? null : (CudaBuffer) device.allocate(bytes);
  }

  /** Captures launches; to be called on the device's terms. */
  static CudaPrepared capture(CudaDevice device, List<Launch> launches, Buffer params) {
    device.bind(params);
    CudaPrepared prepared = new CudaPrepared(device, launches, params);
    try {
      prepared.capture(launches, params);
      return prepared;
    } catch (RuntimeException e) {
      prepared.end();
      throw e;
    }
  }

  private void capture(List<Launch> launches, Buffer params) {
    try (Arena arena = Arena.ofConfined()) {
      // Functions are loaded before the capture begins, which must not be held up by a compiler.
      List<Runnable> calls = new ArrayList<>();
      for (Launch launch : launches) {
        String name = kernel(launch).work().name();
        List<Runnable> own = new ArrayList<>();
        CudaError.naming(name, () -> bind(launch, params, arena, own));
        own.forEach(call -> calls.add(() -> CudaError.naming(name, call)));
      }
      if (calls.isEmpty()) {
        return;
      }
      CUstream stream = device.captures();
      Driver.beginCapture(stream);
      try {
        calls.forEach(Runnable::run);
      } catch (RuntimeException e) {
        Driver.abandonCapture(stream);
        throw e;
      }
      graph = Driver.endCapture(stream);
      Driver.upload(graph, device.stream());
    }
  }

  private CudaKernel kernel(Launch launch) {
    if (!(launch.kernel() instanceof CudaKernel kernel)) {
      throw new IllegalArgumentException(
          "The kernel " + launch.kernel().work().name() + " was compiled for another device.");
    }
    return kernel;
  }

  private void check(Launch launch) {
    CudaKernel kernel = kernel(launch);
    String name = kernel.work().name();
    List<Loop.Argument> wanted = kernel.work().arguments();
    List<Slice> slices = launch.arguments();
    if (slices.size() != wanted.size()) {
      throw new IllegalArgumentException(
          name + " takes " + wanted.size() + " arguments, not " + slices.size() + ".");
    }
    for (int i = 0; i < wanted.size(); i++) {
      Slice slice = slices.get(i);
      Loop.Argument argument = wanted.get(i);
      device.bind(slice.buffer());
      if (slice.bytes() < bytes(argument) || slice.offset() % argument.type().bytes() != 0) {
        throw new IllegalArgumentException(
            name
                + " needs "
                + bytes(argument)
                + " aligned bytes for argument "
                + i
                + ", not "
                + slice.bytes()
                + " at "
                + slice.offset()
                + ".");
      }
    }
  }

  private static long bytes(Loop.Argument argument) {
    return argument.size() * argument.type().bytes();
  }

  private static long room(CudaKernel kernel) {
    return kernel.scratch().stream().mapToLong(CudaPrepared::room).sum();
  }

  private static long room(Loop.Argument argument) {
    return Math.ceilDiv(bytes(argument), ALIGNMENT) * ALIGNMENT;
  }

  /** Writes a launch's addresses down, and adds the calls that enqueue it. */
  private void bind(Launch launch, Buffer params, Arena arena, List<Runnable> calls) {
    CudaKernel kernel = kernel(launch);
    List<Long> arguments = new ArrayList<>();
    for (Slice slice : launch.arguments()) {
      arguments.add(device.bind(slice.buffer()).address() + slice.offset());
    }
    long next = scratch == null ? 0 : scratch.piece().address();
    for (Loop.Argument argument : kernel.scratch()) {
      arguments.add(next);
      next += room(argument);
    }
    for (CudaKernel.Pass pass : kernel.passes()) {
      switch (pass) {
        case CudaKernel.Source source -> launch(source, values(params, arguments), arena, calls);
        case CudaKernel.Tiled tiled -> {
          List<Long> values = new ArrayList<>();
          for (MatrixProduct.Array array : tiled.tiles().arrays()) {
            values.add(arguments.get(array.argument()) + Float.BYTES * array.first());
          }
          values.addAll(tiled.tiles().numbers());
          launch(tiled.source(), values(params, values), arena, calls);
        }
        case CudaKernel.Dnn dnn -> {
          long workspace = arguments.get(dnn.workspace());
          calls.add(() -> device.dnn().convolve(dnn.convolution(), arguments, workspace));
        }
        case CudaKernel.Pool pool -> calls.add(() -> device.dnn().pool(pool.pooling(), arguments));
        case CudaKernel.Blas blas -> {
          BlasProduct product = blas.product();
          long a = arguments.get(product.first());
          long b = arguments.get(product.second());
          long c = arguments.get(product.result());
          if (product.m() > 0 && product.n() > 0 && product.count() > 0) {
            for (BlasProduct.Offsets offsets : product.calls()) {
              calls.add(
                  () ->
                      device
                          .blas()
                          .multiply(
                              product,
                              new Driver.Address(a + Float.BYTES * offsets.a()),
                              new Driver.Address(b + Float.BYTES * offsets.b()),
                              new Driver.Address(c + Float.BYTES * offsets.c())));
            }
          }
        }
      }
    }
  }

  private List<Long> values(Buffer params, List<Long> rest) {
    List<Long> values = new ArrayList<>(List.of(device.bind(params).address()));
    values.addAll(rest);
    return values;
  }

  private void launch(
      CudaKernel.Source kernel, List<Long> values, Arena arena, List<Runnable> calls) {
    if (kernel.groups() > 0) {
      CUfunction function = device.function(kernel);
      Driver.Address packed = pack(values, arena);
      calls.add(
          () ->
              Driver.launch(
                  function, kernel.groups(), kernel.threads(), device.captures(), packed));
    }
  }

  /** What cuLaunchKernel reads: an array of addresses, at each of which an argument lies. */
  private static Driver.Address pack(List<Long> arguments, Arena arena) {
    int count = arguments.size();
    MemorySegment values = arena.allocate(ValueLayout.JAVA_LONG, count);
    MemorySegment addresses = arena.allocate(ValueLayout.JAVA_LONG, count);
    for (int i = 0; i < count; i++) {
      values.setAtIndex(ValueLayout.JAVA_LONG, i, arguments.get(i));
      addresses.setAtIndex(ValueLayout.JAVA_LONG, i, values.address() + (long) Long.BYTES * i);
    }
    return new Driver.Address(addresses.address());
  }

  private static String names(List<Launch> launches) {
    List<String> names =
        launches.stream().map(launch -> launch.kernel().work().name()).distinct().toList();
    return names.size() <= NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
  }

  /** What it runs, for errors. */
  String names() {
    return names;
  }

  void check() {
    if (closed) {
      throw new IllegalStateException("A prepared list of launches was run after it was closed.");
    }
    for (int i = 0; i < buffers.size(); i++) {
      buffers.get(i).checkOpen();
    }
  }

  void enqueue(CUstream stream) {
    if (graph != null) {
      Driver.launch(graph, stream);
    }
  }

  @Override
  public void run() {
    device.run(this);
  }

  @Override
  public void close() {
    device.end(this);
  }

  /** Gives back what it holds; to be called on the device's terms. */
  void end() {
    if (!closed) {
      closed = true;
      if (graph != null) {
        device.end(graph);
      }
      if (scratch != null) {
        scratch.close();
      }
    }
  }
}
