package dev.credence.app;

import java.util.List;

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

  /** The parts that --only chooses one of; without that option all are run. */
  default List<String> parts() {
    return List.of();
  }

  /**
   * The ways of training that --protocol chooses one of; without that option the first is taken.
   */
  default List<String> protocols() {
    return List.of();
  }

  /**
   * Runs it.
   *
   * @param bench where data come from and results go to
   */
  void run(Bench bench);
}
