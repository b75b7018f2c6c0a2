package dev.credence.benchmarks;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** A layer of neurons whose weights and biases are normal distributions. */
record BayesianLayer(Gaussian weight, Gaussian bias) {
  /** A layer for each two neighbours of these widths. */
  static List<BayesianLayer> stack(double rho, int... widths) {
    List<BayesianLayer> layers = new ArrayList<>();
    for (Dense mean : Dense.stack(Key.ROOT.split("layers"), widths)) {
      layers.add(new BayesianLayer(around(mean.weight(), rho), around(mean.bias(), rho)));
    }
    return layers;
  }

  private static Gaussian around(Tensor mean, double rho) {
    return new Gaussian(mean, Tensor.fill(rho, mean.type()));
  }

  /** Outputs for a batch, all rows with one draw of the weights (Blundell et al. 2015). */
  Tensor direct(Tensor x, Key key) {
    Tensor w = weight.sample(key.split("weight"));
    return x.matmul(w.transpose()).add(bias.sample(key.split("bias")));
  }

  /** Outputs for a batch, drawn themselves, each row on its own (Kingma et al. 2015). */
  Tensor local(Tensor x, Key key) {
    Tensor mean = x.matmul(weight.mu().transpose()).add(bias.mu());
    Tensor variance =
        x.square().matmul(weight.sigma().square().transpose()).add(bias.sigma().square());
    return mean.add(variance.add(1e-12).sqrt().mul(Tensor.normal(key, mean.shape().dims())));
  }

  /** Divergence from standard normals, in nats. */
  Tensor kl() {
    return weight.kl().add(bias.kl());
  }
}
