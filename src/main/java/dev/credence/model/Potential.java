package dev.credence.model;

import dev.credence.tensor.Tensor;

/**
 * The test energies of Rezende and Mohamed 2015, "Variational Inference with Normalizing Flows",
 * table 1, over points of the plane. U2 to U4 do not end along the first axis; here a soft wall,
 * (max(0, |z1| - 4) / 0.5)^2 / 2, keeps them in, which makes log Z = log((8 + sqrt(2 pi) / 2) c
 * sqrt(2 pi)) with c the summed widths across.
 */
public enum Potential {
  /** A ring with two heavy sides. */
  U1(1.877502) {
    @Override
    Tensor bare(Tensor z1, Tensor z2) {
      Tensor radius = z1.square().add(z2.square()).sqrt();
      Tensor ring = radius.sub(2).mul(1 / 0.4).square().mul(0.5);
      return ring.sub(eitherSide(z1));
    }

    private static Tensor eitherSide(Tensor z1) {
      Tensor right = z1.sub(2).mul(1 / 0.6).square().mul(-0.5);
      Tensor left = z1.add(2).mul(1 / 0.6).square().mul(-0.5);
      return logAddExp(right, left);
    }
  },
  /** A wave. */
  U2(2.227630) {
    @Override
    Tensor bare(Tensor z1, Tensor z2) {
      return across(z2.sub(w1(z1)), 0.4).neg().add(wall(z1));
    }
  },
  /** A wave that parts and meets again. */
  U3(2.787245) {
    @Override
    Tensor bare(Tensor z1, Tensor z2) {
      Tensor wave = z2.sub(w1(z1));
      Tensor w2 = z1.sub(1).mul(1 / 0.6).square().mul(-0.5).exp().mul(3);
      return logAddExp(across(wave, 0.35), across(wave.add(w2), 0.35)).neg().add(wall(z1));
    }
  },
  /** A wave that parts for good. */
  U4(2.856238) {
    @Override
    Tensor bare(Tensor z1, Tensor z2) {
      Tensor wave = z2.sub(w1(z1));
      Tensor w3 = z1.sub(1).mul(1 / 0.3).sigmoid().mul(3);
      return logAddExp(across(wave, 0.4), across(wave.add(w3), 0.35)).neg().add(wall(z1));
    }
  };

  private final double logZ;

  Potential(double logZ) {
    this.logZ = logZ;
  }

  /** log of the integral of exp(-U) over the plane, in nats. */
  public double logZ() {
    return logZ;
  }

  abstract Tensor bare(Tensor z1, Tensor z2);

  /**
   * The energy, minus the log of a density that is not normalised.
   *
   * @param z shape (.., 2)
   * @return shape (..)
   */
  public Tensor energy(Tensor z) {
    return bare(column(z, 0), column(z, 1));
  }

  private static Tensor column(Tensor z, int i) {
    return z.slice(-1, i, i + 1).reshape(z.shape().without(-1));
  }

  static Tensor logAddExp(Tensor a, Tensor b) {
    return a.maximum(b).add(a.sub(b).abs().neg().exp().log1p());
  }

  /** sin(2 pi z1 / 4). */
  static Tensor w1(Tensor z1) {
    return z1.mul(Math.PI / 2).sin();
  }

  /** The log of a bump of some width. */
  static Tensor across(Tensor distance, double width) {
    return distance.mul(1 / width).square().mul(-0.5);
  }

  static Tensor wall(Tensor z1) {
    return z1.abs().sub(4).relu().mul(2).square().mul(0.5);
  }
}
