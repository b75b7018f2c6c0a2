package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * The linear variational autoencoder (Lucas et al. 2019, "Don't Blame the ELBO! A Linear VAE
 * Perspective on Posterior Collapse", section 3): p(x | z) = N(W z + mu, sigma^2 I), q(z | x) = N(V
 * (x - mu), diag d). Its bound has a closed form without draws, and at its optimum equals the
 * likelihood of probabilistic principal component analysis.
 *
 * @param rows N, how many rows the data set has
 */
public record LinearVae(long rows) implements Model<LinearVae.Weights, Vae.Batch> {
  /**
   * What is learned.
   *
   * @param w W, shape (D, K)
   * @param mu shape (D)
   * @param v V, shape (K, D)
   * @param logD log of the posterior's variances, shape (K)
   * @param logSigma2 log of the noise's variance, a scalar
   */
  public record Weights(Tensor w, Tensor mu, Tensor v, Tensor logD, Tensor logSigma2) {}

  /**
   * Weights drawn small.
   *
   * @return expressions; a state computes them
   */
  public static Weights init(Key key, int width, int latent) {
    return new Weights(
        Tensor.normal(key.split("w"), width, latent).mul(0.1),
        Tensor.zeros(TensorType.of(DType.FLOAT32, width)),
        Tensor.normal(key.split("v"), latent, width).mul(0.1),
        Tensor.zeros(TensorType.of(DType.FLOAT32, latent)),
        Tensor.zeros(TensorType.of(DType.FLOAT32)));
  }

  /**
   * A row's -log p(x | z) is, in expectation, D / 2 log(2 pi sigma^2) + (|x - mu - W m|^2 + sum_j
   * |W_j|^2 d_j) / (2 sigma^2) with m = V (x - mu).
   */
  @Override
  public Elbo elbo(Weights weights, Vae.Batch batch, Key key) {
    Tensor centred = batch.x().sub(weights.mu);
    Tensor mean = centred.matmul(weights.v.transpose());
    Tensor d = weights.logD.exp();
    Tensor residual = centred.sub(mean.matmul(weights.w.transpose())).square().sum(-1);
    Tensor spread = weights.w.square().mul(d).sumAll();
    int width = batch.x().shape().dim(-1);
    Tensor nll =
        residual
            .add(spread)
            .mul(weights.logSigma2.neg().exp().mul(0.5))
            .add(weights.logSigma2.add(Math.log(2 * Math.PI)).mul(0.5 * width));
    Tensor kl = mean.square().add(d).sub(1).sub(weights.logD).sum(-1).mul(0.5);
    return new Elbo(nll.meanAll(), kl.meanAll().mul(rows), rows);
  }
}
