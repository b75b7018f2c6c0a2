/** Reading, writing and batching of data sets on the host; it never hears of tensors or devices. */
@NullMarked
package dev.credence.data;

import org.jspecify.annotations.NullMarked;
