package dev.credence.dist;

import dev.credence.nn.Compute;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.List;

/** A distribution of every kind, at least, in float64. */
final class DistributionExamples {
  private static final TensorType PAIR = TensorType.of(DType.FLOAT64, 2);
  private static final Tensor LOC = Compute.doubles(new double[] {-0.5, 1.5}, 2);
  private static final Tensor SCALE = Compute.doubles(new double[] {0.7, 0.4}, 2);

  private DistributionExamples() {}

  static MultivariateNormal multivariateNormal() {
    return new MultivariateNormal(
        Compute.doubles(new double[] {1, -2, 0.5}, 3),
        Compute.doubles(new double[] {1.2, 9, 9, 0.4, 0.8, 9, -0.3, 0.1, 0.5}, 3, 3));
  }

  static Mixture mixture() {
    return Mixture.ofNormals(
        PAIR, new double[] {0.2, 0.5, 0.3}, new double[] {-2, 0, 3}, new double[] {0.5, 1, 0.7});
  }

  static List<Distribution> all() {
    Normal normal = new Normal(LOC, SCALE);
    return List.of(
        normal,
        new Independent(normal, 1),
        Transformed.ofNormal(
            new Affine(
                Compute.doubles(new double[] {0.3, -0.4}, 2),
                Compute.doubles(new double[] {1, 2}, 2)),
            DType.FLOAT64,
            2),
        new Laplace(LOC, SCALE),
        new Uniform(LOC, LOC.add(SCALE)),
        new LogNormal(LOC, SCALE.mul(0.5)),
        new StudentT(7, LOC, SCALE),
        new StudentT(3.5, LOC, SCALE),
        new Gamma(0.6, SCALE),
        new Gamma(4.5, SCALE),
        new Beta(0.7, 2.5, PAIR),
        new Beta(3, 4, PAIR),
        new Dirichlet(List.of(0.6, 1.5, 4.0), DType.FLOAT64),
        new Bernoulli(Compute.doubles(new double[] {-1.2, 0.4}, 2)),
        new Categorical(Compute.doubles(new double[] {0.3, -1, 1.5, 0, 0, 2}, 2, 3)),
        new ScaleMixture(0.3, 1.5, 0.2, PAIR),
        mixture(),
        multivariateNormal(),
        new MultivariateNormal(
            Compute.doubles(new double[] {1, -2, 0.5, 0}, 2, 2),
            Compute.doubles(new double[] {1.2, 0, 0.4, 0.8}, 2, 2)));
  }
}
