/**
 * Typed graph nodes and the ops between them, each with its shape rule, derivative and lowering in
 * one place; it never sees numbers or devices.
 */
@NullMarked
package dev.credence.tensor;

import org.jspecify.annotations.NullMarked;
