package dev.credence.bayes;

import dev.credence.nn.ConcreteDropout;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Losses;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A net with dropout before layers, each of a probability that is learned with the weights (Gal,
 * Hron and Kendall 2017, "Concrete Dropout"). Layers without are learned as in a deterministic net.
 *
 * @param net the weights
 * @param dropout before a layer, by the path of the layer in the net
 * @param <N> the net
 */
public record LearnedDropout<N extends LayeredNet>(N net, Map<String, ConcreteDropout> dropout) {
  private static final String WEIGHT = ".weight";

  /**
   * A net with dropout before all layers.
   *
   * @param p the probability that all start with, in (0, 1)
   * @return expressions; a state computes them
   */
  public static <N extends LayeredNet> LearnedDropout<N> init(N net, double p) {
    return init(net, p, layer -> true);
  }

  /**
   * A net with dropout before chosen layers.
   *
   * @param p the probability that all start with, in (0, 1)
   * @param layers chooses by path, such as {@code path -> !path.equals("conv1")}
   * @return expressions; a state computes them
   * @throws IllegalArgumentException if no layer is chosen
   */
  public static <N extends LayeredNet> LearnedDropout<N> init(
      N net, double p, Predicate<String> layers) {
    Map<String, ConcreteDropout> dropout = new LinkedHashMap<>();
    weights(net)
        .forEach(
            (layer, weight) -> {
              if (layers.test(layer)) {
                dropout.put(layer, ConcreteDropout.init(p));
              }
            });
    if (dropout.isEmpty()) {
      throw new IllegalArgumentException(
          "none of the layers " + weights(net).keySet() + " was chosen to have dropout before it");
    }
    return new LearnedDropout<>(net, dropout);
  }

  /** Weights without biases, by the paths of their layers. */
  private static Map<String, Tensor> weights(Object net) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Tree.leaves(net)
        .forEach(
            (path, leaf) -> {
              if (path.endsWith(WEIGHT)) {
                weights.put(path.substring(0, path.length() - WEIGHT.length()), leaf);
              }
            });
    return weights;
  }

  /**
   * One draw of the net's outputs, each row with masks of its own.
   *
   * @param x rows, shape (B, ..)
   * @param key the stream of the masks
   */
  public Tensor draw(Tensor x, Key key) {
    return masked(x, key, false);
  }

  /**
   * Several draws of the net's outputs; draw t of a row depends on the program's first sample + t
   * and on the row's number alone.
   *
   * @param x rows, shape (B, ..)
   * @param samples how many draws, T
   * @param key the stream of the masks
   * @return shape (T, B, ..)
   */
  public Tensor draws(Tensor x, int samples, Key key) {
    return masked(x.broadcast(Shape.of(samples).concat(x.shape())), key, true);
  }

  private Tensor masked(Tensor x, Key key, boolean draws) {
    return net.apply(
        x,
        (path, layer, h) -> {
          ConcreteDropout own = dropout.get(path);
          return layer.apply(own == null ? h : own.apply(h, key.split(path), draws));
        });
  }

  /**
   * KL(q || prior) in nats, but for a constant, summed over all weights; biases are free.
   *
   * @param lengthScale l of the prior N(0, 1 / l^2)
   * @return a scalar
   */
  public Tensor kl(double lengthScale) {
    return weights(net).entrySet().stream()
        .map(
            layer -> {
              Tensor weight = layer.getValue();
              ConcreteDropout own = dropout.get(layer.getKey());
              return own == null
                  ? Losses.l2(weight).mul(0.5 * lengthScale * lengthScale)
                  : own.kl(weight, lengthScale, weight.shape().dim(1));
            })
        .reduce(Tensor::add)
        .orElseThrow(() -> new IllegalArgumentException("the net has no weights"));
  }
}
