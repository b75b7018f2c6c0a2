/**
 * NVIDIA GPUs through CUDA: loops printed as source, compiled by NVRTC for the device at hand, and
 * replayed as graphs; matrix products by cuBLAS, convolutions and pooling by cuDNN.
 */
@NullMarked
package dev.credence.device.cuda;

import org.jspecify.annotations.NullMarked;
