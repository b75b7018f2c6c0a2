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

  void failAllocation(int n) {
    call("standin_fail_allocation", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), n);
  }

  void failKernel(int n, int status) {
    call(
        "standin_fail_kernel",
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        n,
        status);
  }

  void refuseConvolutions(boolean refuse) {
    call(
        "standin_refuse_convolutions",
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT),
        refuse ? 1 : 0);
  }

  void heal() {
    refuseConvolutions(false);
    failAllocation(0);
    failKernel(0, 0);
    call("standin_heal", FunctionDescriptor.ofVoid());
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
