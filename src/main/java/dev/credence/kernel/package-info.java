/**
 * A fused kernel as data, and its printing in a dialect of C; it never hears of tensors, devices or
 * gradients.
 */
@NullMarked
package dev.credence.kernel;

import org.jspecify.annotations.NullMarked;
