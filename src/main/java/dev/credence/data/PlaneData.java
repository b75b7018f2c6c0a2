package dev.credence.data;

import java.util.Random;

/**
 * Points of the plane whose densities have forms that are hard to learn, and entropies that are
 * known: no density model reaches a mean negative log likelihood below the entropy.
 */
public enum PlaneData {
  /** Even on the dark squares, of side 2, of a board on [-4, 4]^2: entropy log 32. */
  CHECKERBOARD(Math.log(32)) {
    @Override
    void point(Random random, float[] p) {
      double x = 8 * random.nextDouble();
      int column = (int) (x / 2);
      double y = 4 * random.nextDouble();
      int pair = (int) (y / 2);
      p[0] = (float) (x - 4);
      p[1] = (float) (4 * pair + 2 * (column % 2) + y % 2 - 4);
    }
  },
  /** Two half circles of radius 1 that grip each other, with normal noise of 0.1. */
  MOONS(1.0075) {
    @Override
    void point(Random random, float[] p) {
      double t = Math.PI * random.nextDouble();
      boolean upper = random.nextBoolean();
      p[0] = (float) ((upper ? Math.cos(t) : 1 - Math.cos(t)) + 0.1 * random.nextGaussian());
      p[1] = (float) ((upper ? Math.sin(t) : 0.5 - Math.sin(t)) + 0.1 * random.nextGaussian());
    }
  },
  /** Two arms of one and a half turns (the 2 spirals of Durkan et al. 2019). */
  SPIRALS(2.6458) {
    @Override
    void point(Random random, float[] p) {
      double t = Math.sqrt(random.nextDouble()) * 3 * Math.PI;
      double side = random.nextBoolean() ? 1 : -1;
      double x = -Math.cos(t) * t + 0.5 * random.nextDouble();
      double y = Math.sin(t) * t + 0.5 * random.nextDouble();
      p[0] = (float) (side * x / 3 + 0.1 * random.nextGaussian());
      p[1] = (float) (side * y / 3 + 0.1 * random.nextGaussian());
    }
  };

  private final double entropy;

  PlaneData(double entropy) {
    this.entropy = entropy;
  }

  abstract void point(Random random, float[] p);

  /** The entropy of the density that points are drawn from, in nats. */
  public double entropy() {
    return entropy;
  }

  /** Points, one a row; the same for the same seed. */
  public float[][] sample(int n, long seed) {
    Random random = new Random(seed);
    float[][] points = new float[n][2];
    for (float[] p : points) {
      point(random, p);
    }
    return points;
  }
}
