package dev.credence.benchmarks;

/**
 * What a machine reached at most, measured in the same run as the workloads.
 *
 * @param bytesPerSecond read plus written, of a copy between large arrays
 * @param flopsPerSecond of a large matrix product, the faster of Credence's and OpenBLAS's
 * @param normalsPerSecond standard normal numbers, drawn and added up
 * @param wordsPerSecond random words of 32 bits, drawn and counted
 */
record Ceilings(
    double bytesPerSecond, double flopsPerSecond, double normalsPerSecond, double wordsPerSecond) {
  /** The better of two moments: a ceiling is what can be reached at all. */
  Ceilings orBetter(Ceilings other) {
    return new Ceilings(
        Math.max(bytesPerSecond, other.bytesPerSecond),
        Math.max(flopsPerSecond, other.flopsPerSecond),
        Math.max(normalsPerSecond, other.normalsPerSecond),
        Math.max(wordsPerSecond, other.wordsPerSecond));
  }
}
