package dev.credence.benchmarks;

/**
 * What a workload cannot do without, for one step: the time that the machine needs for it is a
 * floor under any implementation. Only what is compulsory counts: an array that is read twice
 * counts once, noise that is drawn again in the backward pass counts once, functions such as exp
 * not at all.
 *
 * @param bytes that move between memory and the processor
 * @param flops of matrix products and convolutions
 * @param normals standard normal numbers drawn
 * @param words random words of 32 bits drawn, for masks
 */
record Envelope(double bytes, double flops, double normals, double words) {
  /** Bytes alone. */
  static Envelope bytes(double bytes) {
    return new Envelope(bytes, 0, 0, 0);
  }

  /** This with matrix products. */
  Envelope flops(double flops) {
    return new Envelope(bytes, flops, normals, words);
  }

  /** This with noise. */
  Envelope normals(double normals) {
    return new Envelope(bytes, flops, normals, words);
  }

  /** This with masks. */
  Envelope words(double words) {
    return new Envelope(bytes, flops, normals, words);
  }

  /** Seconds that a machine needs at least: it can move bytes while it computes. */
  double floor(Ceilings machine) {
    double memory = bytes / machine.bytesPerSecond();
    double arithmetic =
        flops / machine.flopsPerSecond()
            + normals / machine.normalsPerSecond()
            + words / machine.wordsPerSecond();
    return Math.max(memory, arithmetic);
  }
}
