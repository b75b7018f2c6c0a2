/**
 * The standard workloads of Bayesian deep learning, measured beside what the machine allows and
 * beside other libraries.
 */
@NullMarked
package dev.credence.benchmarks;

import org.jspecify.annotations.NullMarked;
