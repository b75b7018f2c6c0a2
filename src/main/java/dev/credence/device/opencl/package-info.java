/**
 * Generated source on any OpenCL device; it never hears of ops, gradients or models, nor of the
 * other devices.
 */
@NullMarked
package dev.credence.device.opencl;

import org.jspecify.annotations.NullMarked;
