package dev.credence.train;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACK_ROW_MAJOR;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.bytedeco.openblas.global.openblas;
import org.jspecify.annotations.Nullable;

/** Dense linear algebra on the host, by the LAPACK in OpenBLAS. */
final class Lapack {
  /** A variable that tells OpenBLAS which processor it runs on, true or not. */
  private static final String CORE = "OPENBLAS_CORETYPE";

  private static boolean ready;

  private Lapack() {}

  /**
   * Eigenvalues, largest first, and their vectors, of length 1.
   *
   * @param values D of them
   * @param vectors row i belongs to value i
   */
  record Eigen(double[] values, double[][] vectors) {}

  /**
   * The eigen-decomposition of a symmetric matrix.
   *
   * @param matrix row-major, D x D, unchanged
   * @throws UnsupportedOperationException in one sentence, if this machine has no LAPACK
   * @throws ArithmeticException if there is none, which finite matrices have
   */
  static Eigen symmetric(double[] matrix, int d) {
    load();
    double[] a = matrix.clone();
    double[] w = new double[d];
    int info = LAPACKE_dsyevd(LAPACK_ROW_MAJOR, (byte) 'V', (byte) 'U', d, a, d, w);
    if (info != 0) {
      throw new ArithmeticException("the eigen-decomposition failed; is the matrix finite?");
    }
    double[] values = new double[d];
    double[][] vectors = new double[d][d];
    for (int i = 0; i < d; i++) {
      int column = d - 1 - i;
      values[i] = w[column];
      for (int j = 0; j < d; j++) {
        vectors[i][j] = a[j * d + column];
      }
    }
    return new Eigen(values, vectors);
  }

  /**
   * Loads the library on one thread. It would believe a variable of the environment about which
   * processor this is, even one that lacks half the instructions, so while it loads that variable
   * is out of its sight.
   */
  private static synchronized void load() {
    if (ready) {
      return;
    }
    try {
      String told = System.getenv(CORE);
      if (told != null) {
        environment("unsetenv", CORE, null);
      }
      try {
        openblas.blas_set_num_threads(1);
      } finally {
        if (told != null) {
          environment("setenv", CORE, told);
        }
      }
      ready = true;
    } catch (LinkageError e) {
      throw new UnsupportedOperationException(
          "there is no LAPACK for this machine: " + e.getMessage(), e);
    }
  }

  /** Changes the environment that libraries of this process see; a system without it stays. */
  private static void environment(String function, String name, @Nullable String value) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> address = linker.defaultLookup().find(function);
    if (address.isEmpty()) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocateFrom(name);
      if (value == null) {
        FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        MethodHandle call = linker.downcallHandle(address.get(), type);
        int ignored = (int) call.invokeExact(key);
      } else {
        FunctionDescriptor type =
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT);
        MethodHandle call = linker.downcallHandle(address.get(), type);
        int ignored = (int) call.invokeExact(key, arena.allocateFrom(value), 1);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("the environment cannot be changed", e);
    }
  }
}
