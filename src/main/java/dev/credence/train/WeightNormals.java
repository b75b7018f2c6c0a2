package dev.credence.train;

/**
 * What is known of one array of weights: independent normals.
 *
 * @param path where the array stands in the net, such as layers.0.weight
 * @param mean of each weight, row-major
 * @param std of each weight, likewise; 0 for weights that are not random
 */
public record WeightNormals(String path, float[] mean, float[] std) {
  /**
   * |mean| / standard deviation of each weight: how far it is from being nothing (Blundell et al.
   * 2015, section 5.1). Infinite for weights known for sure, 0 for those that are 0 for sure.
   */
  public float[] signalToNoise() {
    float[] ratio = new float[mean.length];
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] = mean[i] == 0 ? 0 : Math.abs(mean[i]) / std[i];
    }
    return ratio;
  }
}
