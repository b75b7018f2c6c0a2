package dev.credence.train;

import java.util.Arrays;

/**
 * Principal component analysis, exact: the eigenvectors of the covariance S = sum (x - mean)(x -
 * mean)' / N (Pearson 1901; Hotelling 1933), computed on the host in double precision.
 */
public final class Pca {
  private final double[] mean;
  private final double[] eigenvalues;
  private final double[][] components;
  private final int rows;

  private Pca(double[] mean, Lapack.Eigen eigen, int rows) {
    this.mean = mean;
    this.eigenvalues = eigen.values();
    this.components = eigen.vectors();
    this.rows = rows;
  }

  /**
   * The analysis of some rows.
   *
   * @param x one row each, all of one width
   * @throws IllegalArgumentException in one sentence, if rows are ragged or not finite
   * @throws UnsupportedOperationException if this machine has no LAPACK
   */
  public static Pca fit(float[][] x) {
    Tables.requireRows(x, 0);
    int d = x[0].length;
    double[] mean = new double[d];
    for (float[] row : x) {
      for (int j = 0; j < d; j++) {
        mean[j] += row[j];
      }
    }
    for (int j = 0; j < d; j++) {
      mean[j] /= x.length;
    }
    double[] s = new double[d * d];
    double[] centred = new double[d];
    for (float[] row : x) {
      for (int j = 0; j < d; j++) {
        centred[j] = row[j] - mean[j];
      }
      for (int i = 0; i < d; i++) {
        // Pixels at the edge are the same in all images.
        if (centred[i] != 0) {
          for (int j = i; j < d; j++) {
            s[i * d + j] += centred[i] * centred[j];
          }
        }
      }
    }
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        s[i * d + j] /= x.length;
        s[j * d + i] = s[i * d + j];
      }
    }
    return new Pca(mean, Lapack.symmetric(s, d), x.length);
  }

  /** Numbers of a row. */
  public int width() {
    return mean.length;
  }

  /** Rows it was made from. */
  public int rows() {
    return rows;
  }

  /** The mean of the rows. */
  public double[] mean() {
    return mean.clone();
  }

  /** The variance along each component, largest first. */
  public double[] eigenvalues() {
    return eigenvalues.clone();
  }

  /** The first components, one a row, of length 1 and at right angles. */
  public double[][] components(int k) {
    return Arrays.stream(components, 0, requireCount(k))
        .map(double[]::clone)
        .toArray(double[][]::new);
  }

  private int requireCount(int k) {
    if (k < 0 || k > mean.length) {
      throw new IllegalArgumentException(
          "rows of " + mean.length + " numbers have no " + k + " components");
    }
    return k;
  }

  /** Where rows lie along the first k components. */
  public float[][] transform(float[][] x, int k) {
    Tables.requireRows(x, mean.length);
    requireCount(k);
    float[][] codes = new float[x.length][k];
    for (int row = 0; row < x.length; row++) {
      for (int i = 0; i < k; i++) {
        double sum = 0;
        for (int j = 0; j < mean.length; j++) {
          sum += components[i][j] * (x[row][j] - mean[j]);
        }
        codes[row][i] = (float) sum;
      }
    }
    return codes;
  }

  /** The rows with these places along the first components, and none along the others. */
  public float[][] restore(float[][] codes) {
    float[][] x = new float[codes.length][mean.length];
    for (int row = 0; row < codes.length; row++) {
      for (int j = 0; j < mean.length; j++) {
        double sum = mean[j];
        for (int i = 0; i < codes[row].length; i++) {
          sum += codes[row][i] * components[i][j];
        }
        x[row][j] = (float) sum;
      }
    }
    return x;
  }

  /** Squared distances of rows from the plane of the first k components. */
  public float[] residuals(float[][] x, int k) {
    float[][] restored = restore(transform(x, k));
    float[] residuals = new float[x.length];
    for (int row = 0; row < x.length; row++) {
      double sum = 0;
      for (int j = 0; j < mean.length; j++) {
        double difference = (double) x[row][j] - restored[row][j];
        sum += difference * difference;
      }
      residuals[row] = (float) sum;
    }
    return residuals;
  }

  /** The sum of the eigenvalues after the first k: the rows' mean residual. */
  public double discarded(int k) {
    return Arrays.stream(eigenvalues, requireCount(k), mean.length).sum();
  }

  /**
   * A bound, in radians, of the largest principal angle between the span of some directions and
   * that of as many first components.
   *
   * @param directions linearly independent, each as wide as a row
   */
  public double angle(double[][] directions) {
    int k = requireCount(directions.length);
    double[][] basis = new double[k][];
    double outside = 0;
    for (int i = 0; i < k; i++) {
      basis[i] = directions[i].clone();
      for (int earlier = 0; earlier < i; earlier++) {
        subtractAlong(basis[i], basis[earlier]);
      }
      double length = Math.sqrt(dot(basis[i], basis[i]));
      for (int j = 0; j < basis[i].length; j++) {
        basis[i][j] /= length;
      }
      double[] rest = basis[i].clone();
      for (int c = 0; c < k; c++) {
        subtractAlong(rest, components[c]);
      }
      outside += dot(rest, rest);
    }
    // The largest sine is at most the root of the sum of all squared sines.
    return Math.asin(Math.min(1, Math.sqrt(outside)));
  }

  private static void subtractAlong(double[] vector, double[] unit) {
    double length = dot(vector, unit);
    for (int j = 0; j < vector.length; j++) {
      vector[j] -= length * unit[j];
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  /** Probabilistic principal component analysis of the same rows. */
  public ProbabilisticPca probabilistic(int k) {
    return new ProbabilisticPca(this, k);
  }
}
