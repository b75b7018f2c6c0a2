package dev.credence.device.reference;

/** Something done at each of the first points of a block. */
interface Step {
  void run(int points);
}
