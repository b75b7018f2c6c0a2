/**
 * Layers as records of weights; they never learn which device serves them, nor whether they are
 * being trained.
 */
@NullMarked
package dev.credence.nn;

import org.jspecify.annotations.NullMarked;
