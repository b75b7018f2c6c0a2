package dev.credence.app;

import dev.credence.data.PlaneData;
import dev.credence.model.NeuralSplineFlow;
import dev.credence.model.RealNvp;
import dev.credence.train.DensityEstimator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Spline couplings against affine ones on densities whose entropy is known. */
final class FlowDensity implements Experiment {
  private static final int TRAIN = 50_000;
  private static final int TEST = 100_000;
  private static final int SIDE = 120;

  @Override
  public String name() {
    return "flow-density";
  }

  @Override
  public String summary() {
    return "spline and affine couplings on the checkerboard, moons and spirals: nats above the"
        + " entropy";
  }

  @Override
  public void run(Bench bench) {
    List<float[]> images = new ArrayList<>();
    for (PlaneData data : PlaneData.values()) {
      String name = data.name().toLowerCase(Locale.ROOT);
      float[][] train = data.sample(TRAIN, bench.seed());
      float[][] test = data.sample(TEST, bench.seed() + 1000);
      double reach = data == PlaneData.MOONS ? 2.5 : 4.5;
      images.add(Tiles.density(Tiles.histogram(test, reach, SIDE)));
      for (boolean spline : new boolean[] {true, false}) {
        String kind = spline ? "spline" : "affine";
        try (DensityEstimator flow =
            bench.train(
                name + " by " + kind + " couplings",
                course ->
                    course
                        .on(DensityEstimator.builder())
                        .flow(
                            (key, width, context) ->
                                spline
                                    ? NeuralSplineFlow.init(key, width, context, 8, 16, 4, 64, 64)
                                    : RealNvp.init(key, width, context, 8, 64, 64))
                        .epochs(bench.epochs(30))
                        .batchSize(512)
                        .learningRate(3e-3)
                        .seed(bench.seed())
                        .build()
                        .fit(train))) {
          double nll = Bench.negativeMean(flow.logDensity(test));
          bench.result(name + "." + kind + ".nll", nll, data.entropy(), "the entropy");
          bench.result(name + "." + kind + ".gap", nll - data.entropy());
          images.add(Tiles.density(Tiles.histogram(flow.sample(TEST), reach, SIDE)));
        }
      }
    }
    bench.picture(
        () ->
            new Picture(
                "densities.png",
                "Densities and what the flows learned of them",
                "From the left: points of the data, drawn from the spline flow, drawn from the"
                    + " affine flow.",
                720,
                Tiles.grey(images, SIDE, SIDE, 3, 2)));
  }
}
