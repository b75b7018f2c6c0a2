/**
 * Element kinds, shapes, broadcasting and strides; it never sees data, nor the C that works on it.
 */
@NullMarked
package dev.credence.type;

import org.jspecify.annotations.NullMarked;
