package dev.credence.device.cuda;

import dev.credence.device.Device;
import dev.credence.kernel.Loop;
import dev.credence.kernel.ProductTiles;
import dev.credence.kernel.Work;
import java.util.List;
import java.util.concurrent.Future;

/**
 * A loop or routine compiled for a CUDA device.
 *
 * @param passes what is launched, one after the other
 * @param scratch arrays that the passes share, numbered on from the work's arguments
 */
record CudaKernel(Work work, List<Pass> passes, List<Loop.Argument> scratch, String how)
    implements Device.Kernel {
  /** A launch, or a few calls of cuBLAS or cuDNN. */
  sealed interface Pass {}

  /**
   * A kernel in source.
   *
   * @param image what the compiler makes of it, perhaps not yet
   */
  record Source(String symbol, Future<byte[]> image, int groups, int threads) implements Pass {}

  /** A matrix product or a convolution by a kernel of our own. */
  record Tiled(Source source, ProductTiles tiles) implements Pass {}

  /** A matrix product by cuBLAS. */
  record Blas(BlasProduct product) implements Pass {}

  /**
   * A convolution by cuDNN.
   *
   * @param workspace the argument that it may use as it likes
   */
  record Dnn(Cudnn.Convolution convolution, int workspace) implements Pass {}

  /** A pooling by cuDNN. */
  record Pool(DnnPooling pooling) implements Pass {}
}
