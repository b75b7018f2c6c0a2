/** Other libraries on the same workloads, written as well as their interfaces allow. */
@NullMarked
package dev.credence.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
