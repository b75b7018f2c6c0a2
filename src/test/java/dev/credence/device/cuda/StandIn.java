package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The stand-in for CUDA of {@code native/standin}, which the build makes where there is a C
 * compiler and the property credence.cuda.path names: what can be asked of its driver.
 */
final class StandIn {
  private static final String PROPERTY = "credence.cuda.path";

  private final SymbolLookup driver;

  private StandIn(Path driver) {
    this.driver = SymbolLookup.libraryLookup(driver, Arena.global());
  }

  /** The stand-in of this process; where there is none, the test ends here as skipped. */
  static StandIn require() {
    StandIn standIn = new StandIn(folder("12").resolve("libcuda.so.1"));
    CudaLibraries libraries = CudaLibraries.load();
    assumeTrue(libraries.present(), libraries::sentence);
    return standIn;
  }

  /** The libraries of one major version; where there are none, the test ends here as skipped. */
  static Path folder(String major) {
    String chosen = System.getProperty(PROPERTY);
    assumeTrue(chosen != null, "The property " + PROPERTY + " names no stand-in for CUDA.");
    Path folder = Path.of(chosen).resolveSibling(major);
    assumeTrue(
        Files.exists(folder.resolve("libcuda.so.1")),
        "The stand-in for CUDA was not built, for want of a C compiler.");
    return folder;
  }

  /**
   * Orders a fault.
   *
   * @param entry a function of CUDA's by its exported name, or "kernel" for kernels as they run
   * @param n which call of it from now on fails, 1 being the next; 0 takes the order back
   * @param status what it gives
   * @param stays whether the context is lost with it
   */
  void fail(String entry, int n, int status, boolean stays) {
    try (Arena arena = Arena.ofConfined()) {
      FunctionDescriptor descriptor =
          FunctionDescriptor.ofVoid(
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT);
      call("standin_order", descriptor, arena.allocateFrom(entry), n, status, stays ? 1 : 0);
    }
  }

  /** The n-th allocation from the pool has no memory. */
  void failAllocation(int n) {
    fail("cuMemAllocAsync", n, 2, false);
  }

  /** The n-th kernel that runs takes the context with it. */
  void failKernel(int n, int status) {
    fail("kernel", n, status, true);
  }

  /** How often each entry has been called. */
  Map<String, Long> calls() {
    Map<String, Long> calls = new TreeMap<>();
    FunctionDescriptor name = FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    FunctionDescriptor count = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
    for (int i = 0; ; i++) {
      MemorySegment entry = (MemorySegment) call("standin_entry", name, i);
      if (entry.equals(MemorySegment.NULL)) {
        return calls;
      }
      String text = entry.reinterpret(Long.MAX_VALUE).getString(0);
      calls.put(text, (Long) call("standin_calls", count, entry));
    }
  }

  /** How many hold the context, which goes with the last. */
  int holders() {
    return (int) call("standin_holders", FunctionDescriptor.of(ValueLayout.JAVA_INT));
  }

  void offerPools(boolean offer) {
    call("standin_offer_pools", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), offer ? 1 : 0);
  }

  void refuseConvolutions(boolean refuse) {
    call(
        "standin_refuse_convolutions",
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT),
        refuse ? 1 : 0);
  }

  /** Makes the context good again, and takes all orders back. */
  void heal() {
    call("standin_heal", FunctionDescriptor.ofVoid());
  }

  long blocksMade() {
    return count("standin_blocks_made");
  }

  /** Gives back what was allocated after so many blocks, as a context does that goes. */
  void forget(long made) {
    call("standin_forget", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG), made);
  }

  long kernelsRun() {
    return count("standin_kernels_run");
  }

  long graphsLaunched() {
    return count("standin_graphs_launched");
  }

  long productsRun() {
    return count("standin_products_run");
  }

  long convolutionsRun() {
    return count("standin_convolutions_run");
  }

  long bytesAllocated() {
    return count("standin_bytes_allocated");
  }

  /** What the pool keeps. */
  long bytesReserved() {
    return count("standin_bytes_reserved");
  }

  private long count(String name) {
    return (long) call(name, FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  private Object call(String name, FunctionDescriptor descriptor, Object... arguments) {
    MemorySegment function = driver.findOrThrow(name);
    try {
      Object result =
          Linker.nativeLinker().downcallHandle(function, descriptor).invokeWithArguments(arguments);
      return result == null ? 0L : result;
    } catch (Throwable e) {
      throw new AssertionError(name, e);
    }
  }
}
