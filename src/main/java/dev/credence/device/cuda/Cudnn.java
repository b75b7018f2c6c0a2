package dev.credence.device.cuda;

import dev.credence.device.BinaryCache;
import dev.credence.device.cuda.DnnConvolution.Offsets;
import dev.credence.device.cuda.DnnConvolution.Planes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnPoolingMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;
import org.jspecify.annotations.Nullable;

/**
 * Every call of cuDNN. None may be a function that cuDNN 8 has and 9 has not: calling one would end
 * the process.
 *
 * <p>Which algorithm computes a convolution is measured once for its shape and kept on disk. Only
 * those count that give the same bits each time.
 */
final class Cudnn implements AutoCloseable {
  /** The memory that an algorithm may want while it is measured. */
  private static final long MOST_WORKSPACE = 256L << 20;

  /** More algorithms than there are. */
  private static final int MOST_ALGORITHMS = 16;

  private static final int TIMED_RUNS = 3;

  private static final int FLOAT = cudnnDataType.CUDNN_DATA_FLOAT;
  private static final int PACKED = cudnnTensorFormat.CUDNN_TENSOR_NCHW;

  private final cudnnHandle handle = new cudnnHandle();
  private final Holds holds = new Holds();
  private final CUstream stream;
  private final int math;
  private final String machine;
  private final BinaryCache cache;
  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});
  private final Map<DnnConvolution, Convolution> convolutions = new HashMap<>();
  private final Map<DnnPooling, Pooling> poolings = new HashMap<>();

  /**
   * cuDNN for the current context.
   *
   * @param tf32 whether products may be computed from factors of 11 significant bits
   * @param device what its algorithms are remembered for
   */
  Cudnn(CUstream stream, boolean tf32, String device, BinaryCache cache) {
    math = tf32 ? cudnnMathType.CUDNN_DEFAULT_MATH : cudnnMathType.CUDNN_FMA_MATH;
    machine = device + ", cuDNN " + versionText();
    this.cache = cache;
    this.stream = stream;
    try {
      check("cudnnCreate", JCudnn.cudnnCreate(handle));
      holds.add(() -> check("cudnnDestroy", JCudnn.cudnnDestroy(handle)));
      check("cudnnSetStream", JCudnn.cudnnSetStream(handle, new cudaStream_t(stream)));
    } catch (CudaError e) {
      throw holds.abandon(e);
    }
  }

  static void load() {
    JCudnn.setExceptionsEnabled(false);
  }

  /** The version as people write it; its number has another number of digits since cuDNN 9. */
  static String versionText() {
    long version = JCudnn.cudnnGetVersion();
    long major = version >= 90000 ? version / 10000 : version / 1000;
    long rest = version >= 90000 ? version % 10000 : version % 1000;
    return major + "." + rest / 100 + "." + rest % 100;
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new CudaError(call, CudaError.OF_A_LIBRARY, JCudnn.cudnnGetErrorString(status));
    }
  }

  // ---- Convolutions ----

  /**
   * A way to compute a convolution.
   *
   * @param number which means something with its direction
   * @param workspace bytes that it needs
   */
  record Algorithm(int number, long workspace) {
    private byte[] bytes() {
      return ByteBuffer.allocate(12).putInt(number).putLong(workspace).array();
    }

    private static Optional<Algorithm> of(byte[] bytes) {
      ByteBuffer b = ByteBuffer.wrap(bytes);
      return bytes.length == 12
          ? Optional.of(new Algorithm(b.getInt(), b.getLong()))
          : Optional.empty();
    }
  }

  /** What cuDNN says about an algorithm. */
  private record Listed(int number, int status, int determinism) {}

  /** Memory for a while. */
  interface Scratch {
    /** Calls something with the addresses of pieces of these sizes. */
    <T> T with(long[] bytes, Function<long[], T> body);
  }

  /** A convolution with its descriptors, and how it is computed. */
  static final class Convolution {
    private final DnnConvolution shape;
    private final cudnnTensorDescriptor images = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor outputs = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor filters = new cudnnFilterDescriptor();
    private final cudnnConvolutionDescriptor descriptor = new cudnnConvolutionDescriptor();
    private Algorithm algorithm = new Algorithm(0, 0);

    private Convolution(DnnConvolution shape) {
      this.shape = shape;
    }

    DnnConvolution shape() {
      return shape;
    }

    /** Bytes of memory that it needs besides its arrays. */
    long workspace() {
      return algorithm.workspace();
    }
  }

  /**
   * A convolution ready to be enqueued; its algorithm is measured if that was not done before.
   *
   * @param scratch for measuring
   */
  Convolution convolution(DnnConvolution shape, Scratch scratch) {
    Convolution known = convolutions.get(shape);
    if (known != null) {
      return known;
    }
    Convolution made = new Convolution(shape);
    describe(made.images, shape.images());
    describe(made.outputs, shape.outputs());
    check("cudnnCreateFilterDescriptor", JCudnn.cudnnCreateFilterDescriptor(made.filters));
    holds.add(
        () ->
            check(
                "cudnnDestroyFilterDescriptor", JCudnn.cudnnDestroyFilterDescriptor(made.filters)));
    DnnConvolution.Filters w = shape.filters();
    check(
        "cudnnSetFilter4dDescriptor",
        JCudnn.cudnnSetFilter4dDescriptor(made.filters, FLOAT, PACKED, w.k(), w.c(), w.h(), w.w()));
    check(
        "cudnnCreateConvolutionDescriptor",
        JCudnn.cudnnCreateConvolutionDescriptor(made.descriptor));
    holds.add(
        () ->
            check(
                "cudnnDestroyConvolutionDescriptor",
                JCudnn.cudnnDestroyConvolutionDescriptor(made.descriptor)));
    check(
        "cudnnSetConvolution2dDescriptor",
        JCudnn.cudnnSetConvolution2dDescriptor(
            made.descriptor,
            shape.padRows(),
            shape.padColumns(),
            shape.strideRows(),
            shape.strideColumns(),
            shape.dilationRows(),
            shape.dilationColumns(),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            FLOAT));
    check(
        "cudnnSetConvolutionGroupCount",
        JCudnn.cudnnSetConvolutionGroupCount(made.descriptor, shape.groups()));
    check("cudnnSetConvolutionMathType", JCudnn.cudnnSetConvolutionMathType(made.descriptor, math));
    String key = BinaryCache.key(machine, Integer.toString(math), shape.shape());
    made.algorithm =
        cache
            .get(key)
            .flatMap(Algorithm::of)
            .orElseGet(
                () -> {
                  Algorithm fastest = measure(made, scratch);
                  cache.put(key, fastest.bytes());
                  return fastest;
                });
    convolutions.put(shape, made);
    return made;
  }

  private void describe(cudnnTensorDescriptor descriptor, Planes p) {
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(descriptor));
    holds.add(
        () ->
            check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(descriptor)));
    check(
        "cudnnSetTensor4dDescriptorEx",
        JCudnn.cudnnSetTensor4dDescriptorEx(
            descriptor, FLOAT, p.n(), p.c(), p.h(), p.w(), p.sn(), p.sc(), p.sh(), p.sw()));
  }

  private static long bytes(Planes p) {
    return Float.BYTES
        * (1
            + (p.n() - 1L) * p.sn()
            + (p.c() - 1L) * p.sc()
            + (p.h() - 1L) * p.sh()
            + (p.w() - 1L) * p.sw());
  }

  /**
   * The fastest algorithm among those that give the same bits each time. It is timed here, since
   * what cuDNN measures itself may be a variant that rounds factors, and JCuda does not say which.
   */
  private Algorithm measure(Convolution c, Scratch scratch) {
    List<Algorithm> usable = new ArrayList<>();
    for (Listed listed : accepted(c)) {
      long[] workspace = new long[1];
      if (listed.status == 0
          && listed.determinism == cudnnDeterminism.CUDNN_DETERMINISTIC
          && workspace(c, listed.number, workspace) == 0
          && workspace[0] <= MOST_WORKSPACE) {
        usable.add(new Algorithm(listed.number, workspace[0]));
      }
    }
    DnnConvolution.Filters f = c.shape.filters();
    long[] sizes = {
      bytes(c.shape.images()),
      (long) Float.BYTES * f.k() * f.c() * f.h() * f.w(),
      bytes(c.shape.outputs()),
      usable.stream().mapToLong(Algorithm::workspace).max().orElse(0)
    };
    return scratch.with(sizes, memory -> fastest(c, usable, memory));
  }

  private Algorithm fastest(Convolution c, List<Algorithm> usable, long[] memory) {
    @Nullable Algorithm best = null;
    float least = Float.POSITIVE_INFINITY;
    try (Driver.Timer timer = new Driver.Timer(stream)) {
      for (Algorithm algorithm : usable) {
        IntSupplier once = () -> convolve(c, algorithm, memory[0], memory[1], memory[2], memory[3]);
        // The first run may load kernels.
        if (once.getAsInt() == 0) {
          timer.start();
          boolean works = true;
          for (int run = 0; run < TIMED_RUNS; run++) {
            works &= once.getAsInt() == 0;
          }
          float millis = timer.stop();
          if (works && millis < least) {
            least = millis;
            best = algorithm;
          }
        }
      }
    }
    if (best == null) {
      throw new CudaError(
          "A convolution of cuDNN",
          CudaError.OF_A_LIBRARY,
          "no algorithm gives the same bits each time");
    }
    return best;
  }

  private int workspace(Convolution c, int algorithm, long[] bytes) {
    return switch (c.shape.direction()) {
      case FORWARD ->
          JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
              handle, c.images, c.filters, c.descriptor, c.outputs, algorithm, bytes);
      case BACKWARD_DATA ->
          JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
              handle, c.filters, c.outputs, c.descriptor, c.images, algorithm, bytes);
      case BACKWARD_FILTER ->
          JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
              handle, c.images, c.outputs, c.descriptor, c.filters, algorithm, bytes);
    };
  }

  private List<Listed> accepted(Convolution c) {
    try {
      return listed(c);
    } catch (ArrayIndexOutOfBoundsException e) {
      // Where cuDNN refuses, JCuda copies as many results as a number says that nobody has set.
      throw new CudaError("A convolution of cuDNN", CudaError.OF_A_LIBRARY, "it was refused");
    }
  }

  /** All algorithms, the one that cuDNN expects to be fastest first. */
  private List<Listed> listed(Convolution c) {
    int[] count = new int[1];
    List<Listed> listed = new ArrayList<>();
    switch (c.shape.direction()) {
      case FORWARD -> {
        var found = new cudnnConvolutionFwdAlgoPerf[MOST_ALGORITHMS];
        Arrays.setAll(found, i -> new cudnnConvolutionFwdAlgoPerf());
        check(
            "cudnnGetConvolutionForwardAlgorithm",
            JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle, c.images, c.filters, c.descriptor, c.outputs, found.length, count, found));
        for (int i = 0; i < count[0]; i++) {
          listed.add(new Listed(found[i].algo, found[i].status, found[i].determinism));
        }
      }
      case BACKWARD_DATA -> {
        var found = new cudnnConvolutionBwdDataAlgoPerf[MOST_ALGORITHMS];
        Arrays.setAll(found, i -> new cudnnConvolutionBwdDataAlgoPerf());
        check(
            "cudnnGetConvolutionBackwardDataAlgorithm",
            JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle, c.filters, c.outputs, c.descriptor, c.images, found.length, count, found));
        for (int i = 0; i < count[0]; i++) {
          listed.add(new Listed(found[i].algo, found[i].status, found[i].determinism));
        }
      }
      case BACKWARD_FILTER -> {
        var found = new cudnnConvolutionBwdFilterAlgoPerf[MOST_ALGORITHMS];
        Arrays.setAll(found, i -> new cudnnConvolutionBwdFilterAlgoPerf());
        check(
            "cudnnGetConvolutionBackwardFilterAlgorithm",
            JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle, c.images, c.outputs, c.descriptor, c.filters, found.length, count, found));
        for (int i = 0; i < count[0]; i++) {
          listed.add(new Listed(found[i].algo, found[i].status, found[i].determinism));
        }
      }
    }
    return listed;
  }

  /**
   * Enqueues a convolution.
   *
   * @param arguments the arrays' addresses
   * @param workspace the address of as much memory as it needs
   */
  void convolve(Convolution c, List<Long> arguments, long workspace) {
    DnnConvolution shape = c.shape;
    String name =
        switch (shape.direction()) {
          case FORWARD -> "cudnnConvolutionForward";
          case BACKWARD_DATA -> "cudnnConvolutionBackwardData";
          case BACKWARD_FILTER -> "cudnnConvolutionBackwardFilter";
        };
    for (Offsets call : shape.calls()) {
      long x = at(arguments, shape.images().argument(), shape.images().first() + call.images());
      long w = at(arguments, shape.filters().argument(), shape.filters().first() + call.filters());
      long y = at(arguments, shape.outputs().argument(), shape.outputs().first() + call.outputs());
      check(name, convolve(c, c.algorithm, x, w, y, workspace));
    }
  }

  /** Enqueues one call; gives cuDNN's status. */
  private int convolve(
      Convolution c, Algorithm algorithm, long images, long filters, long outputs, long workspace) {
    Pointer x = new Driver.Address(images);
    Pointer w = new Driver.Address(filters);
    Pointer y = new Driver.Address(outputs);
    Pointer work = new Driver.Address(workspace);
    int number = algorithm.number;
    long bytes = algorithm.workspace;
    return switch (c.shape.direction()) {
      case FORWARD ->
          JCudnn.cudnnConvolutionForward(
              handle,
              one,
              c.images,
              x,
              c.filters,
              w,
              c.descriptor,
              number,
              work,
              bytes,
              zero,
              c.outputs,
              y);
      case BACKWARD_DATA ->
          JCudnn.cudnnConvolutionBackwardData(
              handle,
              one,
              c.filters,
              w,
              c.outputs,
              y,
              c.descriptor,
              number,
              work,
              bytes,
              zero,
              c.images,
              x);
      case BACKWARD_FILTER ->
          JCudnn.cudnnConvolutionBackwardFilter(
              handle,
              one,
              c.images,
              x,
              c.outputs,
              y,
              c.descriptor,
              number,
              work,
              bytes,
              zero,
              c.filters,
              w);
    };
  }

  private static long at(List<Long> arguments, int argument, long first) {
    return arguments.get(argument) + Float.BYTES * first;
  }

  // ---- Pooling ----

  /** A pooling with its descriptors. */
  private static final class Pooling {
    final cudnnTensorDescriptor images = new cudnnTensorDescriptor();
    final cudnnTensorDescriptor outputs = new cudnnTensorDescriptor();
    final cudnnPoolingDescriptor descriptor = new cudnnPoolingDescriptor();
  }

  /** Enqueues a pooling. */
  void pool(DnnPooling shape, List<Long> arguments) {
    Pooling p = poolings.computeIfAbsent(shape, this::described);
    Planes x = shape.images();
    Planes y = shape.outputs();
    Pointer images = new Driver.Address(at(arguments, x.argument(), x.first()));
    Pointer outputs = new Driver.Address(at(arguments, y.argument(), y.first()));
    if (shape.kind() == DnnPooling.Kind.MEAN_BACKWARD) {
      // Of a mean neither images nor outputs are looked at, but cuDNN wants to be given some.
      check(
          "cudnnPoolingBackward",
          JCudnn.cudnnPoolingBackward(
              handle,
              p.descriptor,
              one,
              p.outputs,
              outputs,
              p.outputs,
              outputs,
              p.images,
              images,
              zero,
              p.images,
              images));
    } else {
      check(
          "cudnnPoolingForward",
          JCudnn.cudnnPoolingForward(
              handle, p.descriptor, one, p.images, images, zero, p.outputs, outputs));
    }
  }

  private Pooling described(DnnPooling shape) {
    Pooling p = new Pooling();
    describe(p.images, shape.images());
    describe(p.outputs, shape.outputs());
    check("cudnnCreatePoolingDescriptor", JCudnn.cudnnCreatePoolingDescriptor(p.descriptor));
    holds.add(
        () ->
            check(
                "cudnnDestroyPoolingDescriptor",
                JCudnn.cudnnDestroyPoolingDescriptor(p.descriptor)));
    check(
        "cudnnSetPooling2dDescriptor",
        JCudnn.cudnnSetPooling2dDescriptor(
            p.descriptor,
            shape.kind() == DnnPooling.Kind.MAX
                ? cudnnPoolingMode.CUDNN_POOLING_MAX_DETERMINISTIC
                : cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING,
            cudnnNanPropagation.CUDNN_PROPAGATE_NAN,
            shape.rows(),
            shape.columns(),
            0,
            0,
            shape.strideRows(),
            shape.strideColumns()));
    return p;
  }

  @Override
  public void close() {
    holds.close();
  }
}
