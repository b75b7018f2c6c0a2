package dev.credence.train;

import dev.credence.model.Likelihood;
import dev.credence.model.SharedNoise;
import dev.credence.nn.Activation;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;

/**
 * Settings that regressors have in common whose net says, or learns, the noise of the target.
 *
 * @param <S> the regressor's own settings
 */
public abstract class RegressorBuilder<S extends RegressorBuilder<S>> extends NetBuilder<S> {
  /** Targets that can be told exactly would drive the noise to zero. */
  private static final double LEAST_NOISE = 1e-3;

  private static final Key INIT = Key.ROOT.split("init");

  private enum Noise {
    OF_INPUT,
    LEARNED,
    FIXED
  }

  private Noise noise = Noise.OF_INPUT;
  private double noiseStd;

  RegressorBuilder(int[] hidden, int epochs, int batchSize, double learningRate, int draws) {
    super(hidden, epochs, batchSize, learningRate, draws);
  }

  RegressorBuilder(RegressorBuilder<S> other) {
    super(other);
    noise = other.noise;
    noiseStd = other.noiseStd;
  }

  /** Adam's learning rate at the start; it falls to zero along half a cosine. */
  @Override
  public S learningRate(double lr) {
    return super.learningRate(lr);
  }

  /** The noise of the target is learned and depends on the inputs, as it does at first. */
  public S inputDependentNoise() {
    this.noise = Noise.OF_INPUT;
    return self();
  }

  /** The noise of the target is learned, one number for all rows. */
  public S learnedNoise() {
    this.noise = Noise.LEARNED;
    return self();
  }

  /**
   * The noise of the target is known.
   *
   * @param std its standard deviation in the target's unit, positive
   */
  public S fixedNoise(double std) {
    require(std > 0, "a standard deviation is positive, but " + std + " was given");
    this.noise = Noise.FIXED;
    this.noiseStd = std;
    return self();
  }

  /** What the net's outputs say of the standardised target. */
  Likelihood.Normals likelihood(Standardiser target) {
    return noise == Noise.FIXED
        ? new Likelihood.Gaussian(noiseStd / target.unit()[0])
        : new Likelihood.SoftplusGaussian(LEAST_NOISE);
  }

  /**
   * The net to start with.
   *
   * @param width numbers of a row
   * @param nets none for one net; K for K nets along a new first axis
   */
  LayeredNet net(int width, int... nets) {
    int[] widths = widths(width, noise == Noise.OF_INPUT ? 2 : 1);
    Mlp net = Mlp.init(INIT, nets, Activation.RELU, widths);
    return noise == Noise.LEARNED ? SharedNoise.init(net, 1, 0, nets) : net;
  }

  @Override
  boolean trainsAs(NetBuilder<?> other) {
    return super.trainsAs(other)
        && other instanceof RegressorBuilder<?> regressor
        && noise == regressor.noise;
  }

  /** Whether the weight at a path is one of a layer, not the noise itself. */
  boolean isOfLayer(String path) {
    return noise != Noise.LEARNED || SharedNoise.isOfNet(path);
  }
}
