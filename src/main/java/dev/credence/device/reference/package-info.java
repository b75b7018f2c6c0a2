/**
 * The slow and obvious twin that every other device is held to; it never hears of ops, gradients or
 * models.
 */
@NullMarked
package dev.credence.device.reference;

import org.jspecify.annotations.NullMarked;
