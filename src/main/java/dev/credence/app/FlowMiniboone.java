package dev.credence.app;

import dev.credence.data.NpyFile;
import dev.credence.data.Split;
import dev.credence.model.MaskedAutoregressiveFlow;
import dev.credence.model.NeuralSplineFlow;
import dev.credence.model.RealNvp;
import dev.credence.train.DensityEstimator;
import dev.credence.train.Pca;
import java.util.Map;
import java.util.Objects;

/** Flows on a small piece of MINIBOONE. */
final class FlowMiniboone implements Experiment {
  private static final Map<String, DensityEstimator.FlowMaker> FLOWS =
      Map.of(
          "realNvp",
          (key, width, context) -> RealNvp.init(key, width, context, 5, 64, 64),
          "maf",
          (key, width, context) -> MaskedAutoregressiveFlow.init(key, width, context, 5, 128),
          "spline",
          (key, width, context) -> NeuralSplineFlow.init(key, width, context, 4, 8, 3, 64));

  @Override
  public String name() {
    return "flow-miniboone";
  }

  @Override
  public String summary() {
    return "flows on the first 1523 rows of MINIBOONE, too few to compare with the literature,"
        + " beside the full normal";
  }

  @Override
  public void run(Bench bench) {
    float[][] x = NpyFile.matrix(bench.data("density", "miniboone_first1523.npy"));
    Split split = Split.of(x.length, 0.2, bench.seed());
    float[][] train = Split.rows(x, split.train());
    float[][] test = Split.rows(x, split.test());
    int width = x[0].length;
    // All components but one leave nothing but the last direction's variance to the noise.
    double[] normal = Pca.fit(train).probabilistic(width - 1).logLikelihood(test);
    bench.result("fullNormal.testNll", Bench.negativeMean(normal));
    for (String name : FLOWS.keySet().stream().sorted().toList()) {
      try (DensityEstimator flow =
          bench.train(
              name,
              course ->
                  course
                      .on(DensityEstimator.builder())
                      .flow(Objects.requireNonNull(FLOWS.get(name)))
                      .epochs(bench.epochs(40))
                      .batchSize(64)
                      .learningRate(1e-3)
                      .seed(bench.seed())
                      .build()
                      .fit(train))) {
        bench.result(name + ".testNll", Bench.negativeMean(flow.logDensity(test)));
      }
    }
  }
}
