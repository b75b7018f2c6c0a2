package dev.credence.app;

/**
 * Something that the literature has measured, done again here: it trains, measures, draws pictures
 * and sets its numbers beside the published ones. One file an experiment; {@link Experiments} lists
 * them all.
 */
interface Experiment {
  /** What it is run by, such as vae-mnist. */
  String name();

  /** What it shows, in one sentence. */
  String summary();

  /**
   * Runs it.
   *
   * @param bench where data come from and results go to
   */
  void run(Bench bench);
}
