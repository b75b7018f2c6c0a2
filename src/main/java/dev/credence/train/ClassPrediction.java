package dev.credence.train;

import java.util.Arrays;
import java.util.List;

/**
 * What a classification says of some rows, over T draws of the weights. Entropies are in nats.
 *
 * <p>The predictive entropy is all uncertainty; the expected entropy is what each draw by itself
 * leaves open (aleatoric), and the mutual information, the rest, what the draws disagree about
 * (epistemic; Houlsby et al. 2011; Gal 2016, section 3.3.1).
 */
public final class ClassPrediction {
  private final int draws;
  private final double[][] sums;
  private final double[] entropies;
  private final double[][] votes;
  private final float[][] probabilities;

  /**
   * A prediction, from sums over the draws.
   *
   * @param draws T
   * @param sums of the draws' probabilities, sums[row][class]
   * @param entropies of the draws, summed
   * @param votes how many draws found each class the most probable, votes[row][class]
   */
  ClassPrediction(int draws, double[][] sums, double[] entropies, double[][] votes) {
    this.draws = draws;
    this.sums = sums;
    this.entropies = entropies;
    this.votes = votes;
    this.probabilities = new float[sums.length][];
    for (int i = 0; i < sums.length; i++) {
      float[] p = new float[sums[i].length];
      for (int c = 0; c < p.length; c++) {
        p[c] = (float) (sums[i][c] / draws);
      }
      probabilities[i] = p;
    }
  }

  /**
   * What probabilities say that nothing was drawn for, such as those of {@link Classifier#average}:
   * all of their uncertainty is of the data.
   *
   * @param p probabilities p[row][class]
   */
  public static ClassPrediction of(float[][] p) {
    double[][] sums = new double[p.length][];
    double[] entropies = new double[p.length];
    double[][] votes = new double[p.length][];
    for (int i = 0; i < p.length; i++) {
      sums[i] = new double[p[i].length];
      votes[i] = new double[p[i].length];
      votes[i][Calibration.best(p[i])] = 1;
      for (int c = 0; c < p[i].length; c++) {
        sums[i][c] = p[i][c];
      }
      entropies[i] = entropy(p[i]);
    }
    return new ClassPrediction(1, sums, entropies, votes);
  }

  private static double entropy(float[] row) {
    double nats = 0;
    for (float p : row) {
      nats -= p > 0 ? p * Math.log(p) : 0;
    }
    return nats;
  }

  /**
   * The mixture of several predictions of the same rows and classes, each draw of which counts as
   * much as any other.
   */
  static ClassPrediction mixture(List<ClassPrediction> parts) {
    int rows = parts.getFirst().rows();
    int classes = parts.getFirst().probabilities[0].length;
    int draws = 0;
    double[][] sums = new double[rows][classes];
    double[] entropies = new double[rows];
    double[][] votes = new double[rows][classes];
    for (ClassPrediction part : parts) {
      draws += part.draws;
      for (int i = 0; i < rows; i++) {
        entropies[i] += part.entropies[i];
        for (int c = 0; c < classes; c++) {
          sums[i][c] += part.sums[i][c];
          votes[i][c] += part.votes[i][c];
        }
      }
    }
    return new ClassPrediction(draws, sums, entropies, votes);
  }

  /** How many rows. */
  public int rows() {
    return probabilities.length;
  }

  /** How many draws, T. */
  public int draws() {
    return draws;
  }

  /** The mean over the draws of the probability of each class, p[row][class]. */
  public float[][] probabilities() {
    float[][] copy = new float[rows()][];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = probabilities[i].clone();
    }
    return copy;
  }

  /** The most probable class of each row; the first of equals. */
  public int[] labels() {
    int[] labels = new int[rows()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = Calibration.best(probabilities[i]);
    }
    return labels;
  }

  /** All uncertainty: the entropy of the mean probabilities, at most log C. */
  public float[] predictiveEntropy() {
    float[] entropy = new float[rows()];
    for (int i = 0; i < entropy.length; i++) {
      entropy[i] = (float) entropy(probabilities[i]);
    }
    return entropy;
  }

  /** The part that the data leaves open: the mean over the draws of their entropies. */
  public float[] expectedEntropy() {
    float[] expected = new float[rows()];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) (entropies[i] / draws);
    }
    return expected;
  }

  /** The part that the draws disagree about: predictive minus expected entropy, never negative. */
  public float[] mutualInformation() {
    float[] information = predictiveEntropy();
    float[] expected = expectedEntropy();
    for (int i = 0; i < information.length; i++) {
      information[i] = Math.max(0, information[i] - expected[i]);
    }
    return information;
  }

  /** The part of the draws whose most probable class is not the one that most draws find. */
  public float[] variationRatio() {
    float[] ratio = new float[rows()];
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] = (float) (1 - Arrays.stream(votes[i]).max().orElseThrow() / draws);
    }
    return ratio;
  }
}
