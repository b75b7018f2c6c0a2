/**
 * The seam between what is to be computed and where: memory, compiling and running of kernels; it
 * never hears of ops, gradients or models.
 */
@NullMarked
package dev.credence.device;

import org.jspecify.annotations.NullMarked;
