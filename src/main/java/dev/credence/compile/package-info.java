/**
 * From graph to schedule and memory plan in pure, printable steps; it knows families of ops but
 * none by name, and needs no device.
 */
@NullMarked
package dev.credence.compile;

import org.jspecify.annotations.NullMarked;
