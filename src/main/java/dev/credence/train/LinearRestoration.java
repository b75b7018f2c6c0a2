package dev.credence.train;

/**
 * How well rows can be restored from corrupted ones by any linear map, in closed form: of x from g
 * x + noise of covariance N, the least mean squared error is tr S - g^2 tr(S (g^2 S + N)^-1 S).
 */
public final class LinearRestoration {
  private LinearRestoration() {}

  /** The least error, summed over a row, after normal noise of a standard deviation. */
  public static double afterNoise(float[][] x, double scale) {
    double error = 0;
    for (double value : Pca.fit(x).eigenvalues()) {
      double kept = Math.max(0, value);
      error += kept * scale * scale / (kept + scale * scale);
    }
    return error;
  }

  /**
   * The least error, summed over a row, after numbers have become 0 with a probability: of each
   * number the noise is p (1 - p) E x^2.
   */
  public static double afterMask(float[][] x, double p) {
    Pca pca = Pca.fit(x);
    int d = pca.width();
    double[] values = pca.eigenvalues();
    double[][] u = pca.components(d);
    double[] mean = pca.mean();
    double keep = 1 - p;
    double[] s = new double[d * d];
    for (int k = 0; k < d; k++) {
      for (int i = 0; i < d; i++) {
        double scaled = values[k] * u[k][i];
        for (int j = 0; j < d; j++) {
          s[i * d + j] += scaled * u[k][j];
        }
      }
    }
    double[] m = new double[d * d];
    double error = 0;
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < d; j++) {
        m[i * d + j] = keep * keep * s[i * d + j];
      }
      m[i * d + i] += p * keep * (s[i * d + i] + mean[i] * mean[i]);
      error += s[i * d + i];
    }
    Lapack.Eigen eigen = Lapack.symmetric(m, d);
    for (int k = 0; k < d && eigen.values()[k] > 1e-10; k++) {
      double squares = 0;
      for (int i = 0; i < d; i++) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
          sum += s[i * d + j] * eigen.vectors()[k][j];
        }
        squares += sum * sum;
      }
      error -= keep * keep * squares / eigen.values()[k];
    }
    return error;
  }
}
