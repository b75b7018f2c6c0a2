/**
 * Distributions over any tree of weights, and the couplings between draws; it never learns where it
 * runs.
 */
@NullMarked
package dev.credence.bayes;

import org.jspecify.annotations.NullMarked;
