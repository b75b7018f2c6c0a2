package dev.credence.device.cuda;

import java.nio.charset.StandardCharsets;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** Every call of the CUDA driver, each with its status checked. */
final class Driver {
  /** Capture that forbids no other call meanwhile: cuBLAS may load a kernel at its first use. */
  private static final int CAPTURE_RELAXED = 2;

  private Driver() {}

  /** Memory of the host at an address, as JCuda takes it. */
  static final class Address extends Pointer {
    Address(long address) {
      super(address);
    }
  }

  /** Memory of the host that the device reads and writes without a detour. */
  static final class Pinned extends Pointer {
    long address() {
      return getNativePointer();
    }
  }

  /** A device. */
  static final class Gpu extends CUdevice {
    int handle() {
      return (int) getNativePointer();
    }
  }

  /** Memory of the device. */
  static final class Memory extends CUdeviceptr {
    long address() {
      return getNativePointer();
    }
  }

  static void load() {
    JCudaDriver.setExceptionsEnabled(false);
  }

  static void check(String call, int status) {
    if (status != CUresult.CUDA_SUCCESS) {
      String[] text = new String[1];
      JCudaDriver.cuGetErrorString(status, text);
      String name = CUresult.stringFor(status);
      throw new CudaError(call, status, text[0] == null ? name : name + " (" + text[0] + ")");
    }
  }

  // ---- The machine ----

  static void initialize() {
    check("cuInit", JCudaDriver.cuInit(0));
  }

  /** Newest CUDA that the driver serves: 1000 times the major, plus 10 times the minor version. */
  static int version() {
    int[] version = new int[1];
    check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
    return version[0];
  }

  static String versionText() {
    return version() / 1000 + "." + version() % 1000 / 10;
  }

  static int deviceCount() {
    int[] count = new int[1];
    check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count));
    return count[0];
  }

  static Gpu device(int ordinal) {
    Gpu device = new Gpu();
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
    return device;
  }

  static String name(CUdevice device) {
    byte[] name = new byte[256];
    check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  static long memoryBytes(CUdevice device) {
    long[] bytes = new long[1];
    check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(bytes, device));
    return bytes[0];
  }

  /** Compute capability: 10 times the major, plus the minor version. */
  static int capability(CUdevice device) {
    return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device)
        + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device);
  }

  static int multiprocessors(CUdevice device) {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device);
  }

  /** Whether memory can be had in the order of a stream. */
  static boolean hasPools(CUdevice device) {
    return attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED, device) != 0;
  }

  private static int attribute(int which, CUdevice device) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
    return value[0];
  }

  // ---- Contexts and streams ----

  static CUcontext retain(CUdevice device) {
    CUcontext context = new CUcontext();
    check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    return context;
  }

  static void release(CUdevice device) {
    check("cuDevicePrimaryCtxRelease", JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }

  /** Makes a context the caller's thread's own. */
  static void enter(CUcontext context) {
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  static CUstream stream() {
    CUstream stream = new CUstream();
    int flags = CUstream_flags.CU_STREAM_NON_BLOCKING;
    check("cuStreamCreate", JCudaDriver.cuStreamCreate(stream, flags));
    return stream;
  }

  static void destroy(CUstream stream) {
    check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(stream));
  }

  static void await(CUstream stream) {
    check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
  }

  /** Tells the time that a stream took between two places. */
  static final class Timer implements AutoCloseable {
    private final CUstream stream;
    private final CUevent start = new CUevent();
    private final CUevent stop = new CUevent();

    Timer(CUstream stream) {
      this.stream = stream;
      check("cuEventCreate", JCudaDriver.cuEventCreate(start, 0));
      try {
        check("cuEventCreate", JCudaDriver.cuEventCreate(stop, 0));
      } catch (CudaError e) {
        JCudaDriver.cuEventDestroy(start);
        throw e;
      }
    }

    void start() {
      check("cuEventRecord", JCudaDriver.cuEventRecord(start, stream));
    }

    /** Milliseconds since the start; waits for all that was enqueued. */
    float stop() {
      float[] millis = new float[1];
      check("cuEventRecord", JCudaDriver.cuEventRecord(stop, stream));
      check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(stop));
      check("cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(millis, start, stop));
      return millis[0];
    }

    @Override
    public void close() {
      try {
        check("cuEventDestroy", JCudaDriver.cuEventDestroy(start));
      } finally {
        check("cuEventDestroy", JCudaDriver.cuEventDestroy(stop));
      }
    }
  }

  // ---- Memory ----

  static Memory allocate(long bytes) {
    Memory memory = new Memory();
    check("cuMemAlloc", JCudaDriver.cuMemAlloc(memory, bytes));
    return memory;
  }

  static void free(Memory memory) {
    check("cuMemFree", JCudaDriver.cuMemFree(memory));
  }

  /** Memory for whatever is enqueued in a stream from now on, from the device's pool. */
  static Memory allocate(long bytes, CUstream stream) {
    Memory memory = new Memory();
    check("cuMemAllocAsync", JCudaDriver.cuMemAllocAsync(memory, bytes, stream));
    return memory;
  }

  /** Gives memory back to the pool once all is done that was enqueued in a stream. */
  static void free(Memory memory, CUstream stream) {
    check("cuMemFreeAsync", JCudaDriver.cuMemFreeAsync(memory, stream));
  }

  static Pinned allocateHost(long bytes) {
    Pinned memory = new Pinned();
    check("cuMemAllocHost", JCudaDriver.cuMemAllocHost(memory, bytes));
    return memory;
  }

  static void freeHost(Pinned memory) {
    check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(memory));
  }

  /** Enqueues a copy from pinned memory. */
  static void toDevice(CUdeviceptr target, Pointer source, long bytes, CUstream stream) {
    check("cuMemcpyHtoDAsync", JCudaDriver.cuMemcpyHtoDAsync(target, source, bytes, stream));
  }

  /** Enqueues a copy into pinned memory. */
  static void toHost(Pointer target, CUdeviceptr source, long bytes, CUstream stream) {
    check("cuMemcpyDtoHAsync", JCudaDriver.cuMemcpyDtoHAsync(target, source, bytes, stream));
  }

  // ---- Kernels ----

  static CUmodule module(byte[] image) {
    CUmodule module = new CUmodule();
    check("cuModuleLoadData", JCudaDriver.cuModuleLoadData(module, image));
    return module;
  }

  static CUfunction function(CUmodule module, String symbol) {
    CUfunction function = new CUfunction();
    check("cuModuleGetFunction", JCudaDriver.cuModuleGetFunction(function, module, symbol));
    return function;
  }

  static void unload(CUmodule module) {
    check("cuModuleUnload", JCudaDriver.cuModuleUnload(module));
  }

  /**
   * Enqueues a kernel.
   *
   * @param arguments an array of the arguments' addresses
   */
  static void launch(
      CUfunction function, int groups, int threads, CUstream stream, Address arguments) {
    check(
        "cuLaunchKernel",
        JCudaDriver.cuLaunchKernel(
            function, groups, 1, 1, threads, 1, 1, 0, stream, arguments, null));
  }

  // ---- Graphs ----

  static void beginCapture(CUstream stream) {
    check("cuStreamBeginCapture", JCudaDriver.cuStreamBeginCapture(stream, CAPTURE_RELAXED));
  }

  /** Ends a capture that failed on its way, whatever CUDA says to that. */
  static void abandonCapture(CUstream stream) {
    CUgraph graph = new CUgraph();
    if (JCudaDriver.cuStreamEndCapture(stream, graph) == CUresult.CUDA_SUCCESS) {
      JCudaDriver.cuGraphDestroy(graph);
    }
  }

  /** Ends a capture with a graph that can be launched. */
  static CUgraphExec endCapture(CUstream stream) {
    CUgraph graph = new CUgraph();
    check("cuStreamEndCapture", JCudaDriver.cuStreamEndCapture(stream, graph));
    try {
      CUgraphExec ready = new CUgraphExec();
      check("cuGraphInstantiate", JCudaDriver.cuGraphInstantiate(ready, graph, 0));
      return ready;
    } finally {
      check("cuGraphDestroy", JCudaDriver.cuGraphDestroy(graph));
    }
  }

  static void upload(CUgraphExec graph, CUstream stream) {
    check("cuGraphUpload", JCudaDriver.cuGraphUpload(graph, stream));
  }

  static void launch(CUgraphExec graph, CUstream stream) {
    check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(graph, stream));
  }

  static void destroy(CUgraphExec graph) {
    check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(graph));
  }
}
