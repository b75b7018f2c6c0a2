package dev.credence.device.cpu;

/** How often a value changes while a loop runs: each holds for the next. */
enum Rate {
  /** Never: constants, parameters, and what is made of them. */
  ONCE,
  /** With the kept element. */
  KEPT,
  /** With the inner element. */
  INNER;

  Rate max(Rate other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
