package dev.credence.device.cuda;

import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** Every call of cuBLAS: matrix products in float32 on one stream, into one workspace. */
final class Cublas implements AutoCloseable {
  /** What NVIDIA recommends for its larger devices; within a capture cuBLAS has nothing else. */
  private static final long WORKSPACE_BYTES = 32L << 20;

  private final cublasHandle handle = new cublasHandle();
  private final Holds holds = new Holds();
  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});

  /**
   * cuBLAS for the current context.
   *
   * @param tf32 whether products may be computed from factors of 11 significant bits
   */
  Cublas(CUstream stream, boolean tf32) {
    try {
      check("cublasCreate", JCublas2.cublasCreate(handle));
      holds.add(() -> check("cublasDestroy", JCublas2.cublasDestroy(handle)));
      Driver.Memory workspace = Driver.allocate(WORKSPACE_BYTES);
      holds.add(() -> Driver.free(workspace));
      // A stream forgets the workspace, so it comes first.
      check("cublasSetStream", JCublas2.cublasSetStream(handle, new cudaStream_t(stream)));
      check("cublasSetWorkspace", JCublas2.cublasSetWorkspace(handle, workspace, WORKSPACE_BYTES));
      int mode = tf32 ? cublasMath.CUBLAS_TF32_TENSOR_OP_MATH : cublasMath.CUBLAS_DEFAULT_MATH;
      check("cublasSetMathMode", JCublas2.cublasSetMathMode(handle, mode));
    } catch (CudaError e) {
      throw holds.abandon(e);
    }
  }

  static void load() {
    JCublas2.setExceptionsEnabled(false);
  }

  /** Enqueues a product of matrices, or a number of them at equal distances. */
  void multiply(BlasProduct p, Pointer a, Pointer b, Pointer c) {
    check(
        "cublasSgemmStridedBatched",
        JCublas2.cublasSgemmStridedBatched(
            handle,
            operation(p.transposeA()),
            operation(p.transposeB()),
            p.m(),
            p.n(),
            p.k(),
            one,
            a,
            p.lda(),
            p.strideA(),
            b,
            p.ldb(),
            p.strideB(),
            zero,
            c,
            p.ldc(),
            p.strideC(),
            p.count()));
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static void check(String call, int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new CudaError(call, CudaError.OF_A_LIBRARY, cublasStatus.stringFor(status));
    }
  }

  @Override
  public void close() {
    holds.close();
  }
}
