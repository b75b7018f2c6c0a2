/**
 * Programs compiled once and run many times, and the state they share; it never hears of training
 * or of models.
 */
@NullMarked
package dev.credence.run;

import org.jspecify.annotations.NullMarked;
