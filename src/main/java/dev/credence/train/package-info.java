/**
 * The training loop, optimizers as pure functions, estimators and predictive summaries; it knows no
 * particular model.
 */
@NullMarked
package dev.credence.train;

import org.jspecify.annotations.NullMarked;
