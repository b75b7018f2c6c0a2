/** Distributions and bijectors over tensors; they never hear of optimizers. */
@NullMarked
package dev.credence.dist;

import org.jspecify.annotations.NullMarked;
