package dev.credence.app;

import java.util.List;
import java.util.Optional;

/** All experiments; a new one is a file and a line here. */
final class Experiments {
  private static final List<Experiment> ALL =
      List.of(
          new UciMcDropout(),
          new UciBbb(),
          new PcaAutoencoders(),
          new Denoising(),
          new Anomaly(),
          new VaeMnist(),
          new CvaeMnist(),
          new Iwae(),
          new CreditVae(),
          new Flows2d(),
          new FlowDensity(),
          new FlowMiniboone(),
          new MnistBbb(),
          new MnistLeNet(),
          new CifarLeNet(),
          new OutOfDistribution(),
          new Continual());

  private Experiments() {}

  /** All of them, in the order in which they are told. */
  static List<Experiment> all() {
    return ALL;
  }

  /** The experiment of a name. */
  static Optional<Experiment> named(String name) {
    return ALL.stream().filter(experiment -> experiment.name().equals(name)).findFirst();
  }
}
