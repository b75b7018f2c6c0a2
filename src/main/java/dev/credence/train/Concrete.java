package dev.credence.train;

import dev.credence.bayes.LearnedDropout;
import dev.credence.nn.ConcreteDropout;
import dev.credence.nn.LayeredNet;
import dev.credence.run.State;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How probabilities of dropping are learned.
 *
 * @param p that all layers start with, in (0, 1)
 * @param lengthScale l of the prior N(0, 1 / l^2) of the weights, not negative
 */
public record Concrete(double p, double lengthScale) {
  /** Refuses what is no probability to start with, and no length scale. */
  public Concrete {
    FitBuilder.require(
        p > 0 && p < 1,
        "a probability of dropping that is learned starts in (0, 1), but " + p + " was given");
    FitBuilder.require(
        lengthScale >= 0, "a length scale is not negative, but " + lengthScale + " was given");
  }

  /** What has been learned, by the paths of the layers. */
  static <N extends LayeredNet> Map<String, Double> learned(State<LearnedDropout<N>> weights) {
    Map<String, Double> learned = new LinkedHashMap<>();
    for (Map.Entry<String, ConcreteDropout> layer : weights.tree().dropout().entrySet()) {
      double logit = weights.read(layer.getValue().logit()).floats()[0];
      learned.put(layer.getKey(), 1 / (1 + Math.exp(-logit)));
    }
    return learned;
  }
}
