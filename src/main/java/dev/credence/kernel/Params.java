package dev.credence.kernel;

/**
 * Layout of the parameter block: the run-time numbers that kernels read as 32-bit words, so that a
 * step needs neither a new trace nor new arguments. Words from {@link #FIRST_FREE} on belong to the
 * program (stream keys, learning rates).
 */
public final class Params {
  /** The training step, the third word of every counter. */
  public static final int STEP = 0;

  /** The first sample, added to the sample axis of every draw. */
  public static final int FIRST_SAMPLE = 1;

  /** The first row, added to the row axis of every draw that has one. */
  public static final int FIRST_ROW = 2;

  /** Raised (set to 1) by a kernel that met an index outside its array. */
  public static final int FAULT = 3;

  /** The first word that a program may use as it likes. */
  public static final int FIRST_FREE = 4;

  private Params() {}
}
