package dev.credence.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a regression says of some rows: for each an equal mixture of T normals, one for each draw of
 * the weights. Numbers are in the target's unit; standard deviations are never variances.
 *
 * <p>The mixture's variance is E[sigma^2] + Var[mu] over the draws: the noise of the data
 * (aleatoric), which more data does not change, and the model's own doubt (epistemic), which it
 * does (Kendall and Gal 2017, equation 9). The draws are kept, 8 T bytes a row.
 */
public final class Prediction {
  private static final int MOST_ITERATIONS = 200;

  private final double centre;
  private final double unit;
  private final float[] mean;
  private final float[] epistemic;
  private final float[] aleatoric;
  private final float[][] loc;
  private final float[][] scale;

  /**
   * A prediction.
   *
   * @param centre of the target: what a standardised 0 stands for
   * @param unit of the target: what a standardised 1 adds
   * @param mean over the draws of their means, standardised, as all that follow
   * @param epistemic variance over the draws of their means
   * @param aleatoric mean over the draws of their variances
   * @param loc the draws' means, loc[t][row]
   * @param scale the draws' standard deviations, scale[t][row]
   */
  Prediction(
      double centre,
      double unit,
      double[] mean,
      double[] epistemic,
      double[] aleatoric,
      float[][] loc,
      float[][] scale) {
    this.centre = centre;
    this.unit = unit;
    this.mean = each(i -> centre + unit * mean[i], mean.length);
    this.epistemic = each(i -> unit * Math.sqrt(epistemic[i]), mean.length);
    this.aleatoric = each(i -> unit * Math.sqrt(aleatoric[i]), mean.length);
    this.loc = loc;
    this.scale = scale;
  }

  private static float[] each(java.util.function.IntToDoubleFunction row, int rows) {
    float[] values = new float[rows];
    IntStream.range(0, rows).parallel().forEach(i -> values[i] = (float) row.applyAsDouble(i));
    return values;
  }

  /** How many rows. */
  public int rows() {
    return mean.length;
  }

  /** How many draws, T. */
  public int draws() {
    return loc.length;
  }

  /**
   * What one of the draws says by itself: a mixture of one, without doubt of its own.
   *
   * @param t which draw, from 0
   */
  public Prediction draw(int t) {
    return of(centre, unit, loc[t], scale[t]);
  }

  /** A mixture of one. */
  static Prediction of(double centre, double unit, float[] loc, float[] scale) {
    double[] mean = new double[loc.length];
    double[] noise = new double[loc.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = loc[i];
      noise[i] = (double) scale[i] * scale[i];
    }
    return new Prediction(
        centre,
        unit,
        mean,
        new double[mean.length],
        noise,
        new float[][] {loc},
        new float[][] {scale});
  }

  /**
   * The mixture of several predictions of the same rows by nets of the same target, each draw of
   * which counts as much as any other.
   */
  static Prediction mixture(List<Prediction> parts) {
    Prediction first = parts.getFirst();
    List<float[]> loc = new ArrayList<>();
    List<float[]> scale = new ArrayList<>();
    for (Prediction part : parts) {
      loc.addAll(List.of(part.loc));
      scale.addAll(List.of(part.scale));
    }
    int rows = first.rows();
    int draws = loc.size();
    double[] mean = new double[rows];
    double[] squares = new double[rows];
    double[] noise = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int t = 0; t < draws; t++) {
        mean[i] += (double) loc.get(t)[i] / draws;
        noise[i] += (double) scale.get(t)[i] * scale.get(t)[i] / draws;
      }
      for (float[] each : loc) {
        squares[i] += Math.pow(each[i] - mean[i], 2) / draws;
      }
    }
    return new Prediction(
        first.centre,
        first.unit,
        mean,
        squares,
        noise,
        loc.toArray(float[][]::new),
        scale.toArray(float[][]::new));
  }

  /** The mean of each row's mixture. */
  public float[] mean() {
    return mean.clone();
  }

  /** The model's own doubt: the standard deviation over the draws of their means. */
  public float[] epistemicStd() {
    return epistemic.clone();
  }

  /** The noise of the data: the root of the mean over the draws of their variances. */
  public float[] aleatoricStd() {
    return aleatoric.clone();
  }

  /** The standard deviation of each row's mixture: both kinds of uncertainty. */
  public float[] std() {
    return each(i -> Math.hypot(epistemic[i], aleatoric[i]), rows());
  }

  /**
   * The value that each row's target stays below with a probability: the quantile of the mixture
   * itself, not of a normal with its moments, found by Newton's method between bounds.
   *
   * @param p the probability, in (0, 1)
   */
  public float[] quantile(double p) {
    if (!(p > 0 && p < 1)) {
      throw new IllegalArgumentException(
          "a quantile's probability lies between 0 and 1, but " + p + " was given");
    }
    return each(i -> centre + unit * quantile(i, p), rows());
  }

  private double quantile(int row, double p) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    double z = StandardNormal.quantile(p);
    for (int t = 0; t < draws(); t++) {
      // At the least of the draws' quantiles the mixture has reached at most p.
      double own = loc[t][row] + z * scale[t][row];
      low = Math.min(low, own);
      high = Math.max(high, own);
    }
    return root(low, high, p, row);
  }

  private double root(double from, double to, double p, int row) {
    double low = from;
    double high = to;
    double x = 0.5 * (low + high);
    for (int i = 0; i < MOST_ITERATIONS && high - low > 1e-9 * (1 + Math.abs(x)); i++) {
      double excess = -p;
      double density = 0;
      for (int t = 0; t < draws(); t++) {
        double z = (x - loc[t][row]) / scale[t][row];
        excess += StandardNormal.cdf(z) / draws();
        density += Math.exp(StandardNormal.logDensity(z)) / (scale[t][row] * draws());
      }
      if (excess > 0) {
        high = x;
      } else {
        low = x;
      }
      double next = x - excess / density;
      if (Math.abs(next - x) <= 1e-9 * (1 + Math.abs(x))) {
        return next;
      }
      x = next > low && next < high ? next : 0.5 * (low + high);
    }
    return x;
  }

  /**
   * The interval that holds each row's target with a probability, and leaves as much below as
   * above.
   *
   * @param mass the probability, in (0, 1), such as 0.9
   * @return the lower and the upper bounds
   */
  public float[][] interval(double mass) {
    if (!(mass > 0 && mass < 1)) {
      throw new IllegalArgumentException(
          "an interval's probability lies between 0 and 1, but " + mass + " was given");
    }
    return new float[][] {quantile((1 - mass) / 2), quantile((1 + mass) / 2)};
  }

  /**
   * The log density of targets under each row's mixture, in nats: the logsumexp over the draws of
   * their log densities, minus log T.
   *
   * @throws IllegalArgumentException if there are not as many as rows
   */
  public double[] logDensity(float[] y) {
    requireTargets(y);
    return IntStream.range(0, rows()).parallel().mapToDouble(i -> logDensity(i, y[i])).toArray();
  }

  /**
   * The continuous ranked probability score of targets under each row's mixture, in the target's
   * unit, see {@link Crps}; T^2 / 2 terms a row.
   *
   * @throws IllegalArgumentException if there are not as many as rows
   */
  public double[] crps(float[] y) {
    requireTargets(y);
    return IntStream.range(0, rows()).parallel().mapToDouble(i -> crps(i, y[i])).toArray();
  }

  private double crps(int row, float y) {
    double[] means = new double[draws()];
    double[] deviations = new double[draws()];
    for (int t = 0; t < means.length; t++) {
      means[t] = loc[t][row];
      deviations[t] = scale[t][row];
    }
    return unit * Crps.ofNormals((y - centre) / unit, means, deviations);
  }

  private void requireTargets(float[] y) {
    if (y.length != rows()) {
      throw new IllegalArgumentException(
          y.length + " targets were given for " + rows() + " predicted rows");
    }
  }

  private double logDensity(int row, float y) {
    double at = (y - centre) / unit;
    double[] terms = new double[draws()];
    double max = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < terms.length; t++) {
      double s = scale[t][row];
      terms[t] = StandardNormal.logDensity((at - loc[t][row]) / s) - Math.log(s);
      max = Math.max(max, terms[t]);
    }
    double sum = 0;
    for (double term : terms) {
      sum += Math.exp(term - max);
    }
    return max + Math.log(sum / terms.length) - Math.log(unit);
  }
}
