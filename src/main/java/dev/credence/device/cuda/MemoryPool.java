package dev.credence.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import jcuda.driver.CUmemPool_attribute;
import jcuda.driver.CUstream;

/**
 * The pool of a device, from which memory is had in the order of a stream: neither allocating nor
 * freeing waits for the device, and what is freed is kept for the next who asks, up to some bytes.
 * JCuda lacks the calls that set a pool up, so they are made here.
 *
 * <p>Memory from here is ready on its own stream alone until somebody has waited for that.
 */
final class MemoryPool {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final long handle;
  private final CUstream stream;

  private MemoryPool(long handle, CUstream stream) {
    this.handle = handle;
    this.stream = stream;
  }

  /**
   * The pool of a device, if it has one.
   *
   * @param kept bytes that are not given back to the machine when the device is waited for
   */
  static Optional<MemoryPool> of(Driver.Gpu device, CUstream stream, long kept) {
    if (!Driver.hasPools(device)) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(LONG);
      call("cuDeviceGetDefaultMemPool", value, device.handle());
      long handle = value.get(LONG, 0);
      value.set(LONG, 0, kept);
      int threshold = CUmemPool_attribute.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
      call("cuMemPoolSetAttribute", handle, threshold, value);
      return Optional.of(new MemoryPool(handle, stream));
    }
  }

  Driver.Memory allocate(long bytes) {
    return Driver.allocate(bytes, stream);
  }

  void free(Driver.Memory memory) {
    Driver.free(memory, stream);
  }

  /** Gives what it keeps back to the machine, as far as the stream is done with it. */
  void trim() {
    call("cuMemPoolTrimTo", handle, 0L);
  }

  private static void call(String name, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] =
          switch (arguments[i]) {
            case Integer number -> INT;
            case Long number -> LONG;
            default -> ValueLayout.ADDRESS;
          };
    }
    // JCuda has loaded the driver, which this finds by its name.
    MemorySegment function =
        SymbolLookup.libraryLookup(CudaLibraries.DRIVER, Arena.global()).findOrThrow(name);
    MethodHandle handle =
        Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(INT, layouts));
    int status;
    try {
      status = (int) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(name + " throws nothing", e);
    }
    Driver.check(name, status);
  }
}
