package dev.credence.nn;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A multilayer perceptron: dense layers with an activation between them, none after the last.
 *
 * @param layers from input to output
 * @param activation what stands between two layers
 */
public record Mlp(List<Linear> layers, Activation activation) implements LayeredNet {
  /**
   * A net of these widths, each layer as {@link Linear#init} draws it.
   *
   * @param widths input, hidden layers, output; at least two
   * @return expressions; a state computes them
   */
  public static Mlp init(Key key, Activation activation, int... widths) {
    return init(key, new int[0], activation, widths);
  }

  /**
   * Nets of these widths, each with draws of its own.
   *
   * @param nets none for one net; K for K nets along a new first axis of all weights
   * @param widths input, hidden layers, output; at least two
   * @return expressions; a state computes them
   */
  public static Mlp init(Key key, int[] nets, Activation activation, int... widths) {
    if (widths.length < 2) {
      throw new IllegalArgumentException("a net has an input and an output width, at least");
    }
    List<Linear> layers =
        IntStream.range(1, widths.length)
            .mapToObj(i -> Linear.init(key.fold(i - 1), widths[i - 1], widths[i], nets))
            .toList();
    return new Mlp(layers, activation);
  }

  /**
   * Applies the net to rows, each layer by a rule.
   *
   * @param x shape (.., B, in)
   * @return shape (.., B, out)
   */
  @Override
  public Tensor apply(Tensor x, LayerRule rule) {
    Tensor h = x;
    for (int i = 0; i < layers.size(); i++) {
      h = rule.at("layers." + i, layers.get(i), i == 0 ? h : activation.apply(h));
    }
    return h;
  }
}
