package dev.credence.app;

import dev.credence.model.Potential;
import dev.credence.train.EnergyFit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Planar flows bent to energies of the plane. */
final class Flows2d implements Experiment {
  private static final int LAYERS = 32;
  private static final int RESTARTS = 4;
  private static final int FRESH = 20_000;
  private static final int SIDE = 120;
  private static final double REACH = 5;

  @Override
  public String name() {
    return "flows-2d";
  }

  @Override
  public String summary() {
    return "32 planar flows fitted to the four energies of Rezende and Mohamed 2015, by the free"
        + " energy; the gap to -log Z in nats";
  }

  @Override
  public void run(Bench bench) {
    List<float[]> images = new ArrayList<>();
    List<float[]> flowing = new ArrayList<>();
    for (Potential target : Potential.values()) {
      EnergyFit best = best(bench, target);
      try (best) {
        bench.result(
            target.name().toLowerCase(Locale.ROOT) + ".freeEnergy",
            best.freeEnergy(FRESH),
            -target.logZ(),
            "-log Z, the least there is");
        images.add(Tiles.density(EnergyFit.target(target, bench.device(), REACH, SIDE)));
        images.add(density(best, best.layers()));
        for (int layers : new int[] {0, 1, 9, 17, 25, best.layers()}) {
          flowing.add(density(best, layers));
        }
      }
    }
    bench.picture(
        () ->
            new Picture(
                "densities.png",
                "Targets and what the flows learned",
                "In pairs: the target density, and points drawn from the flow.",
                960,
                Tiles.grey(images, SIDE, SIDE, 4, 2)));
    bench.picture(
        () ->
            new Picture(
                "flowing.png",
                "Points on their way through the layers",
                "Each row is one flow: noise, then the points after 0, 8, 16, 24 and 32 planar"
                    + " maps.",
                960,
                Tiles.grey(flowing, SIDE, SIDE, 6, 2)));
  }

  private static float[] density(EnergyFit fit, int layers) {
    return Tiles.density(Tiles.histogram(fit.sample(100_000, layers), REACH, SIDE));
  }

  private static EnergyFit best(Bench bench, Potential target) {
    EnergyFit best = null;
    // A run that is shortened does not start again so often either.
    int restarts = Math.min(RESTARTS, bench.epochs(40));
    for (int restart = 0; restart < restarts; restart++) {
      long seed = bench.seed() + restart;
      EnergyFit fit =
          bench.train(
              target + ", restart " + restart,
              course ->
                  EnergyFit.of(
                      target,
                      new EnergyFit.Settings(
                          LAYERS,
                          100 * bench.epochs(40),
                          50 * bench.epochs(40),
                          256,
                          5e-3,
                          seed,
                          course.listener(),
                          course.checkpoint()),
                      bench.device()));
      if (best == null || fit.freeEnergy(FRESH) < best.freeEnergy(FRESH)) {
        if (best != null) {
          best.close();
        }
        best = fit;
      } else {
        fit.close();
      }
    }
    return Objects.requireNonNull(best);
  }
}
