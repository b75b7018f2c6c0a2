/**
 * The processor as a device: the native library, its worker threads and the memory they share; it
 * never hears of ops, gradients or models.
 */
@NullMarked
package dev.credence.device.cpu;

import org.jspecify.annotations.NullMarked;
