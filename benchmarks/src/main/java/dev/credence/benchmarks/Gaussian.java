package dev.credence.benchmarks;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/** Independent normal distributions with standard deviation softplus(rho). */
record Gaussian(Tensor mu, Tensor rho) {
  /** Where the workloads W1 and W2 stand: mu around 0, rho around -3. */
  static Gaussian initial(int n) {
    Key key = Key.ROOT.split("initial");
    return new Gaussian(
        Tensor.normal(key.split("mu"), n).mul(0.1),
        Tensor.normal(key.split("rho"), n).mul(0.1).sub(3));
  }

  Tensor sigma() {
    return rho.softplus();
  }

  /** A draw of all of them. */
  Tensor sample(Key key) {
    return mu.add(sigma().mul(Tensor.normal(key, mu.shape().dims())));
  }

  /** The divergence from standard normals, summed, in nats. */
  Tensor kl() {
    Tensor sigma = sigma();
    return sigma.square().add(mu.square()).sub(1).mul(0.5).sub(sigma.log()).sumAll();
  }
}
