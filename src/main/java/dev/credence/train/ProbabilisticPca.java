package dev.credence.train;

/**
 * Probabilistic principal component analysis (Tipping and Bishop 1999): x = W z + mean + e with
 * standard normal z of k numbers and noise e of variance sigma^2. Its maximum likelihood has a
 * closed form (equations 7 and 8): sigma^2 is the mean of the discarded eigenvalues, and W = U
 * (Lambda - sigma^2 I)^(1/2).
 */
public final class ProbabilisticPca {
  private final Pca pca;
  private final int k;
  private final double noise;

  ProbabilisticPca(Pca pca, int k) {
    if (k < 0 || k >= pca.width()) {
      throw new IllegalArgumentException(
          "rows of " + pca.width() + " numbers leave no noise to " + k + " latents");
    }
    this.pca = pca;
    this.k = k;
    this.noise = pca.discarded(k) / (pca.width() - k);
  }

  /** The noise's variance, sigma^2. */
  public double noise() {
    return noise;
  }

  /** W, one row a number of x, one column a latent, with columns at right angles. */
  public double[][] loadings() {
    double[] values = pca.eigenvalues();
    double[][] components = pca.components(k);
    double[][] w = new double[pca.width()][k];
    for (int j = 0; j < w.length; j++) {
      for (int i = 0; i < k; i++) {
        w[j][i] = components[i][j] * Math.sqrt(Math.max(0, values[i] - noise));
      }
    }
    return w;
  }

  /** The mean over the rows it was made from of log p(x), in nats: the largest there is. */
  public double meanLogLikelihood() {
    double[] values = pca.eigenvalues();
    int d = pca.width();
    return -0.5 * (d * Math.log(2 * Math.PI) + logDet(values) + d);
  }

  private double logDet(double[] values) {
    double sum = (values.length - k) * Math.log(noise);
    for (int i = 0; i < k; i++) {
      sum += Math.log(values[i]);
    }
    return sum;
  }

  /** log p(x) of rows in nats, where x ~ N(mean, W W' + sigma^2 I). */
  public double[] logLikelihood(float[][] x) {
    double[] values = pca.eigenvalues();
    float[][] codes = pca.transform(x, k);
    float[] residuals = pca.residuals(x, k);
    double constant = -0.5 * (pca.width() * Math.log(2 * Math.PI) + logDet(values));
    double[] result = new double[x.length];
    for (int row = 0; row < x.length; row++) {
      double distance = residuals[row] / noise;
      for (int i = 0; i < k; i++) {
        distance += (double) codes[row][i] * codes[row][i] / values[i];
      }
      result[row] = constant - 0.5 * distance;
    }
    return result;
  }
}
