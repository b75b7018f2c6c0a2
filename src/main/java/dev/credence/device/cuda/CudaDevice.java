package dev.credence.device.cuda;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.KernelHeaders;
import dev.credence.device.Leaks;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.kernel.Loop;
import dev.credence.kernel.LoopSource;
import dev.credence.kernel.MatrixProduct;
import dev.credence.kernel.Padding;
import dev.credence.kernel.Params;
import dev.credence.kernel.ProductTiles;
import dev.credence.kernel.SplitFolds;
import dev.credence.kernel.WarpSource;
import dev.credence.kernel.WideSource;
import dev.credence.kernel.Work;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;

/**
 * An NVIDIA GPU. Loops are printed as source and compiled for it, a list of launches becomes a
 * graph, and all work is in one stream.
 *
 * <p>Matrix products go to cuBLAS and convolutions to cuDNN, whose sums are not the fixed chain, so
 * that results are close to other devices' and not equal. The property credence.cuda.reproducible
 * takes kernels of our own instead, and all bits are those of the reference device. The property
 * credence.cuda.tf32 lets both round the factors to 11 significant bits, which is faster.
 *
 * <p>An error that takes the context with it (a fault of the hardware, a kernel that wrote outside
 * its memory) leaves the device lost: every later use says so, and the process lives.
 */
public final class CudaDevice implements Device {
  /** Work items in a group where the work says nothing about it. */
  private static final int ITEMS = 256;

  /** The same where there is less work than the device could do at once. */
  private static final int FEW_ITEMS = 64;

  /** Work items that a group can have, and memory that it can share, on every GPU. */
  private static final int MOST_ITEMS = 1024;

  private static final int SHARED_BYTES = 48 << 10;

  /** The part of its memory that the device's pool may keep when nobody uses it. */
  private static final int KEPT = 4;

  /** How matrix products are computed. */
  enum Products {
    /** By cuBLAS, in float32. */
    FLOAT32("products by cuBLAS in float32"),
    /** By cuBLAS, the factors rounded to 11 bits. */
    TF32("products by cuBLAS in TF32, 11 significant bits"),
    /** By kernels of our own, one chain of fused multiply-adds. */
    OWN("products reproducible");

    private final String description;

    Products(String description) {
      this.description = description;
    }

    /** What the properties ask for, as far as it can be had. */
    static Products chosen(boolean blas) {
      if (!blas || Boolean.getBoolean("credence.cuda.reproducible")) {
        return OWN;
      }
      return Boolean.getBoolean("credence.cuda.tf32") ? TF32 : FLOAT32;
    }
  }

  private final String name;
  private final Limits limits;
  private final Products products;
  private final Driver.Gpu device;
  private final CUcontext context;
  private final CUstream stream;

  /** Captures have a stream of their own, since nobody may wait for one that is in a capture. */
  private final CUstream captures;

  private final CudaMemory memory;
  private final Staging staging;
  private final KernelCompiler compiler;
  private final @Nullable Cublas blas;
  private final @Nullable Cudnn dnn;
  private final Map<Future<byte[]>, CUfunction> functions = new IdentityHashMap<>();
  private final Holds holds = new Holds();
  private final Object lock = new Object();
  private String started = "no kernel";
  private @Nullable String lost;

  /** What could not be given back, told when the device is closed. */
  private @Nullable CudaError kept;

  private boolean closed;

  /**
   * A device, its products computed as the properties say.
   *
   * @throws UnsupportedOperationException in one sentence where there is no CUDA device
   */
  public CudaDevice(int ordinal) {
    this(ordinal, Products.chosen(CudaLibraries.load().blas()), BinaryCache.ofUser("cuda"));
  }

  CudaDevice(int ordinal, Products products, BinaryCache cache) {
    CudaLibraries libraries = CudaLibraries.load();
    if (!libraries.present()) {
      throw new UnsupportedOperationException(libraries.sentence());
    }
    this.products = products;
    name = "cuda:" + ordinal;
    try {
      limits = limits(ordinal, products);
      device = Driver.device(ordinal);
      context = Driver.retain(device);
    } catch (CudaError e) {
      throw notOpened(e);
    }
    try {
      Driver.enter(context);
      stream = Driver.stream();
      holds.add(() -> Driver.destroy(stream));
      captures = Driver.stream();
      holds.add(() -> Driver.destroy(captures));
      long kept = limits.memoryBytes() / KEPT;
      memory = new CudaMemory(name, MemoryPool.of(device, stream, kept).orElse(null));
      holds.add(memory::close);
      staging = new Staging(stream);
      holds.add(staging::close);
      compiler = new KernelCompiler(Driver.capability(device), cache);
      boolean tf32 = products == Products.TF32;
      blas = products == Products.OWN ? null : new Cublas(captures, tf32);
      if (blas != null) {
        holds.add(blas::close);
      }
      dnn =
          products == Products.OWN || !libraries.dnn()
              ? null
              : new Cudnn(captures, tf32, Driver.name(device), cache);
      if (dnn != null) {
        holds.add(dnn::close);
      }
    } catch (CudaError e) {
      holds.abandon(e);
      release(e);
      throw notOpened(e);
    }
  }

  private RuntimeException notOpened(CudaError e) {
    return new IllegalStateException(
        "The device " + name + " cannot be opened: " + e.getMessage() + ".", e);
  }

  /** Gives the context back whatever happened; with it goes what was lost in it. */
  private void release(CudaError why) {
    try {
      Driver.release(device);
    } catch (CudaError also) {
      why.addSuppressed(also);
    }
  }

  /** What a device can do. */
  static Limits limits(int ordinal, Products products) {
    CUdevice device = Driver.device(ordinal);
    int capability = Driver.capability(device);
    String description =
        String.join(
            ", ",
            Driver.name(device),
            "compute capability " + capability / 10 + "." + capability % 10,
            "driver for CUDA " + Driver.versionText(),
            products.description);
    long bytes = Driver.memoryBytes(device);
    boolean exact = products == Products.OWN;
    return new Limits(description, bytes, bytes, false, exact, Driver.multiprocessors(device));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  // ---- Memory ----

  @Override
  public Buffer allocate(long bytes) {
    return Leaks.opened(call(() -> new CudaBuffer(this, memory.allocate(bytes), bytes)));
  }

  /** Takes a buffer back; a device that is closed or lost has nothing to take. */
  void free(CudaBuffer buffer) {
    synchronized (lock) {
      if (buffer.end()) {
        Leaks.closed(buffer);
        giveBack(() -> memory.free(buffer.piece(), buffer.bytes()));
      }
    }
  }

  /**
   * Gives something back, on the device's terms. Whoever closes something is not to be held up: the
   * device says at its own end that something could not be given back.
   */
  private void giveBack(Runnable body) {
    if (!closed && lost == null) {
      try {
        Driver.enter(context);
        body.run();
      } catch (CudaError e) {
        note(e);
        kept = kept == null ? e : kept;
      }
    }
  }

  @Override
  public void write(Buffer target, long offset, MemorySegment source) {
    // Every step writes its parameters, so this makes no garbage.
    synchronized (lock) {
      checkUsable();
      CudaBuffer own = own(target);
      Objects.checkFromIndexSize(offset, source.byteSize(), own.bytes());
      try {
        Driver.enter(context);
        staging.write(own, offset, source);
      } catch (CudaError e) {
        throw failed(e);
      }
    }
  }

  @Override
  public void read(Buffer source, long offset, MemorySegment target) {
    synchronized (lock) {
      checkUsable();
      CudaBuffer own = own(source);
      Objects.checkFromIndexSize(offset, target.byteSize(), own.bytes());
      try {
        Driver.enter(context);
        staging.read(own, offset, target);
      } catch (CudaError e) {
        throw failed(e);
      }
    }
  }

  private CudaBuffer own(Buffer buffer) {
    if (!(buffer instanceof CudaBuffer own) || own.device() != this) {
      throw new IllegalArgumentException(
          "A buffer of device " + buffer.device().name() + " was given to " + name + ".");
    }
    own.checkOpen();
    return own;
  }

  @Override
  public boolean isOpen() {
    synchronized (lock) {
      return !closed && lost == null;
    }
  }

  @Override
  public long allocatedBytes() {
    synchronized (lock) {
      return memory.allocatedBytes();
    }
  }

  // ---- Kernels ----

  @Override
  public Kernel compile(Work work) {
    synchronized (lock) {
      checkUsable();
    }
    if (work instanceof Loop loop) {
      Optional<CudaKernel> tuned = tuned(loop);
      if (tuned.isPresent()) {
        return tuned.get();
      }
      SplitFolds split = SplitFolds.of(loop, limits.threads());
      List<CudaKernel.Pass> passes = new ArrayList<>();
      split.loops().forEach(part -> passes.add(source(part)));
      String how = passes.size() == 1 ? "generated" : "generated in " + passes.size() + " passes";
      return new CudaKernel(work, List.copyOf(passes), split.scratch(), how);
    }
    return new CudaKernel(work, List.of(source(work)), List.of(), "routine");
  }

  /** What NVIDIA's libraries or our own tiles compute better than a generated loop. */
  private Optional<CudaKernel> tuned(Loop loop) {
    return Stream.<Supplier<Optional<CudaKernel>>>of(
            () -> blas == null ? Optional.empty() : product(loop),
            () -> dnn == null ? Optional.empty() : pooling(loop),
            () -> dnn == null ? Optional.empty() : padded(loop, this::convolution),
            () -> padded(loop, this::tiles))
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** A way to compute the last of some loops, those before it as they are, if it takes that one. */
  private interface Way {
    Optional<CudaKernel> of(Loop whole, List<Loop> loops);
  }

  /** A loop in some way, or else a copy of it among zeros. */
  private static Optional<CudaKernel> padded(Loop loop, Way way) {
    Optional<CudaKernel> direct = way.of(loop, List.of(loop));
    return direct.isPresent() ? direct : Padding.of(loop).flatMap(loops -> way.of(loop, loops));
  }

  private static String how(String how, List<Loop> loops) {
    return how + (loops.size() > 1 ? " of a padded copy" : "");
  }

  private static Optional<CudaKernel> pooling(Loop loop) {
    return DnnPooling.of(loop)
        .map(p -> new CudaKernel(loop, List.of(new CudaKernel.Pool(p)), List.of(), "cuDNN"));
  }

  /** The last loop by cuDNN, those before it as they are. */
  private Optional<CudaKernel> convolution(Loop whole, List<Loop> loops) {
    Optional<DnnConvolution> shape = DnnConvolution.of(loops.getLast());
    Optional<Cudnn.Convolution> ready = shape.flatMap(s -> convolution(whole, s));
    if (ready.isEmpty()) {
      return Optional.empty();
    }
    List<CudaKernel.Pass> passes = new ArrayList<>();
    loops.subList(0, loops.size() - 1).forEach(part -> passes.add(source(part)));
    List<Loop.Argument> all = new ArrayList<>(loops.getLast().arguments());
    DnnConvolution.Filters filters = shape.get().filters();
    long copied = (long) filters.k() * filters.c() * filters.h() * filters.w();
    all.add(
        new Loop.Argument(DType.FLOAT32, shape.get().repacked().isPresent() ? copied : 0, true));
    all.add(new Loop.Argument(DType.FLOAT32, Math.ceilDiv(ready.get().workspace(), 4L), true));
    CudaKernel.Pass pass = new CudaKernel.Dnn(ready.get(), all.size() - 1);
    boolean after = shape.get().direction() == DnnConvolution.Direction.BACKWARD_FILTER;
    Optional<CudaKernel.Pass> repacking =
        shape.get().repacking(whole.name(), all).map(this::source);
    Stream<CudaKernel.Pass> last =
        after
            ? Stream.concat(Stream.of(pass), repacking.stream())
            : Stream.concat(repacking.stream(), Stream.of(pass));
    last.forEach(passes::add);
    List<Loop.Argument> scratch = List.copyOf(all.subList(whole.arguments().size(), all.size()));
    return Optional.of(new CudaKernel(whole, List.copyOf(passes), scratch, how("cuDNN", loops)));
  }

  /**
   * Memory to measure in, on the stream of captures: what this memory was before is waited for, and
   * it is given back when all is done that was enqueued with it.
   */
  private <T> T scratch(long[] bytes, Function<long[], T> body) {
    List<CudaMemory.Piece> pieces = new ArrayList<>();
    try {
      for (long size : bytes) {
        pieces.add(memory.allocate(size));
      }
      Driver.await(stream);
      T result = body.apply(pieces.stream().mapToLong(CudaMemory.Piece::address).toArray());
      Driver.await(captures);
      return result;
    } finally {
      for (int i = 0; i < pieces.size(); i++) {
        memory.free(pieces.get(i), bytes[i]);
      }
    }
  }

  /** Empty if cuDNN refuses it. */
  private Optional<Cudnn.Convolution> convolution(Loop loop, DnnConvolution shape) {
    return call(
        () -> {
          try {
            return Optional.of(dnn().convolution(shape, this::scratch));
          } catch (CudaError e) {
            if (e.status() == CudaError.OF_A_LIBRARY) {
              return Optional.empty();
            }
            throw e.of(loop.name());
          }
        });
  }

  /** A product by cuBLAS, if it is one for it. */
  private Optional<CudaKernel> product(Loop loop) {
    String how = products == Products.TF32 ? "cuBLAS in TF32" : "cuBLAS";
    return MatrixProduct.of(loop)
        .flatMap(BlasProduct::of)
        .map(p -> new CudaKernel(loop, List.of(new CudaKernel.Blas(p)), List.of(), how));
  }

  /** A product or convolution by kernels/gemm.h, with the bits of every other device. */
  private Optional<CudaKernel> tiles(Loop whole, List<Loop> loops) {
    Loop last = loops.getLast();
    ProductTiles.Limits hardware =
        new ProductTiles.Limits(limits.threads(), MOST_ITEMS, SHARED_BYTES);
    return ProductTiles.of(last, hardware)
        .filter(tiles -> tiles.groups() <= Integer.MAX_VALUE)
        .map(
            tiles -> {
              String text = tiles.definitions() + KernelHeaders.read("gemm.h").text();
              List<CudaKernel.Pass> passes = new ArrayList<>();
              loops.subList(0, loops.size() - 1).forEach(part -> passes.add(source(part)));
              passes.add(
                  new CudaKernel.Tiled(
                      source("cr_gemm", text, tiles.groups(), tiles.items()), tiles));
              List<Loop.Argument> all = last.arguments();
              List<Loop.Argument> scratch = all.subList(whole.arguments().size(), all.size());
              return new CudaKernel(whole, List.copyOf(passes), scratch, how(tiles.how(), loops));
            });
  }

  private CudaKernel.Source source(Work work) {
    String symbol = LoopSource.symbol(work);
    if (work instanceof Loop loop) {
      Optional<WideSource> tiles = WideSource.ofTiles(loop, symbol);
      if (tiles.isPresent()) {
        return source(symbol, tiles.get().text(), loop.extent(), LoopSource.LANES);
      }
      Optional<WarpSource> warps = WarpSource.of(loop, symbol);
      if (warps.isPresent()) {
        return source(symbol, warps.get().text(), warps.get().groups(), WarpSource.ITEMS);
      }
      Optional<WideSource> wide = WideSource.of(loop, symbol);
      if (wide.isPresent()) {
        return source(symbol, wide.get().text(), wide.get().items());
      }
    }
    String text = LoopSource.of(work, symbol);
    return LoopSource.form(work) == LoopSource.Form.GROUP
        ? source(symbol, text, work.items(), LoopSource.LANES)
        : source(symbol, text, work.items());
  }

  /** A kernel of which a work item each does as it likes. */
  private CudaKernel.Source source(String symbol, String text, long items) {
    int threads = items < (long) limits.threads() * ITEMS ? FEW_ITEMS : ITEMS;
    return source(symbol, text, Math.ceilDiv(items, (long) threads), threads);
  }

  private CudaKernel.Source source(String symbol, String text, long groups, int threads) {
    return new CudaKernel.Source(symbol, compiler.compile(symbol, text), (int) groups, threads);
  }

  @Override
  public Prepared prepare(List<Launch> launches, Buffer params) {
    if (params.bytes() < 4L * Params.FIRST_FREE) {
      throw new IllegalArgumentException(
          "A parameter block has at least " + Params.FIRST_FREE + " words.");
    }
    // Compiling takes long, so it is waited for before the lock is taken.
    for (Launch launch : launches) {
      if (launch.kernel() instanceof CudaKernel kernel) {
        kernel.passes().forEach(this::await);
      }
    }
    return call(() -> CudaPrepared.capture(this, launches, params));
  }

  // ---- For CudaPrepared, which calls these with the lock held ----

  CUstream captures() {
    return captures;
  }

  CUstream stream() {
    return stream;
  }

  Cublas blas() {
    return Objects.requireNonNull(blas);
  }

  Cudnn dnn() {
    return Objects.requireNonNull(dnn);
  }

  /** The memory of a buffer that is to be bound. */
  CudaMemory.Piece bind(Buffer buffer) {
    return own(buffer).piece();
  }

  /** The function of a kernel, loaded once; waits until it is compiled. */
  CUfunction function(CudaKernel.Source kernel) {
    CUfunction known = functions.get(kernel.image());
    if (known != null) {
      return known;
    }
    CUmodule module = Driver.module(image(kernel));
    holds.add(() -> Driver.unload(module));
    CUfunction function = Driver.function(module, kernel.symbol());
    functions.put(kernel.image(), function);
    return function;
  }

  private void await(CudaKernel.Pass pass) {
    switch (pass) {
      case CudaKernel.Source source -> await(source);
      case CudaKernel.Tiled tiled -> await(tiled.source());
      case CudaKernel.Blas blas -> {}
      case CudaKernel.Dnn dnn -> {}
      case CudaKernel.Pool pool -> {}
    }
  }

  private void await(CudaKernel.Source source) {
    try {
      image(source);
    } catch (CudaError e) {
      synchronized (lock) {
        throw failed(e);
      }
    }
  }

  private static byte[] image(CudaKernel.Source source) {
    try {
      return source.image().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("A kernel could not be compiled.", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while a kernel was compiled.", e);
    }
  }

  // ---- Calls ----

  /** Runs something with the context current, under the lock, its errors turned into sentences. */
  <T> T call(Supplier<T> body) {
    synchronized (lock) {
      checkUsable();
      try {
        Driver.enter(context);
        return body.get();
      } catch (CudaError e) {
        throw failed(e);
      }
    }
  }

  /** Ends a prepared list. */
  void end(CudaPrepared prepared) {
    synchronized (lock) {
      prepared.end();
    }
  }

  /** Takes a graph back; a device that is closed or lost has nothing to take. */
  void end(CUgraphExec graph) {
    synchronized (lock) {
      giveBack(() -> Driver.destroy(graph));
    }
  }

  /** Enqueues a graph. */
  void run(CudaPrepared prepared) {
    synchronized (lock) {
      checkUsable();
      prepared.check();
      started = prepared.names();
      try {
        Driver.enter(context);
        prepared.enqueue(stream);
      } catch (CudaError e) {
        throw failed(e);
      }
    }
  }

  @Override
  public void await() {
    synchronized (lock) {
      checkUsable();
    }
    // Without the lock, so that others go on enqueueing meanwhile.
    try {
      Driver.enter(context);
      Driver.await(stream);
    } catch (CudaError e) {
      synchronized (lock) {
        throw failed(e);
      }
    }
  }

  private RuntimeException failed(CudaError e) {
    if (e.status() == CudaError.OUT_OF_MEMORY) {
      return new OutOfDeviceMemoryException(
          "The device " + name + " is out of memory: " + e.getMessage() + ".");
    }
    note(e);
    String what =
        lost == null ? " refused a call: " + e.getMessage() + last() : " is lost: " + lost;
    return new IllegalStateException("The device " + name + what + ".", e);
  }

  /** After an error that takes the context with it, the device is lost. */
  private void note(CudaError e) {
    if (e.isSticky() && lost == null) {
      lost = e.getMessage() + last();
    }
  }

  private String last() {
    return ", after it had run " + started;
  }

  private void checkUsable() {
    if (closed) {
      throw new IllegalStateException("The device " + name + " is closed.");
    }
    if (lost != null) {
      throw new IllegalStateException("The device " + name + " is lost: " + lost + ".");
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if something could not be given back; all else was
   */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      Leaks.report(this);
      compiler.close();
      try (Holds context = new Holds()) {
        context.add(() -> Driver.release(device));
        // What a device that is lost held goes with its context.
        if (lost == null) {
          context.add(holds::close);
          context.add(() -> Driver.await(stream));
          context.add(() -> Driver.enter(this.context));
        }
      } catch (CudaError e) {
        note(e);
        kept = kept == null ? e : kept;
      }
      if (lost == null && kept != null) {
        throw new IllegalStateException(
            "The device " + name + " is closed, but kept something: " + kept.getMessage() + ".",
            kept);
      }
    }
  }
}
