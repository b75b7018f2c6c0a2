package dev.credence.kernel;

import java.util.List;

/**
 * What a device can be asked to compile: a fused loop, or a routine that is sequential by nature.
 */
public sealed interface Work permits Loop, Routine {
  /** What it is called in listings and errors. */
  String name();

  /** The arrays it reads and writes, in order. */
  List<Loop.Argument> arguments();

  /** Elements or items that are computed independently of each other. */
  long items();

  /** Bytes that must move at least. */
  long bytes();
}
