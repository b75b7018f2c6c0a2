package dev.credence.nn;

import dev.credence.tensor.Key;
import dev.credence.tensor.Origin;
import dev.credence.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A multilayer perceptron: dense layers with an activation between them, none after the last.
 *
 * @param layers from input to output
 * @param activation what stands between two layers
 */
public record Mlp(List<Linear> layers, Activation activation) implements Net {
  /** How one layer is computed: its plain product, or one with weights that are random. */
  @FunctionalInterface
  public interface LayerRule {
    /**
     * Applies a layer.
     *
     * @param layer its position, from 0
     * @param x rows, shape (.., B, in)
     * @return shape (.., B, out)
     */
    Tensor apply(int layer, Tensor x);
  }

  /**
   * A net of these widths, each layer as {@link Linear#init} draws it.
   *
   * @param widths input, hidden layers, output; at least two
   * @return expressions; a state computes them
   */
  public static Mlp init(Key key, Activation activation, int... widths) {
    if (widths.length < 2) {
      throw new IllegalArgumentException("a net has an input and an output width, at least");
    }
    List<Linear> layers =
        IntStream.range(1, widths.length)
            .mapToObj(i -> Linear.init(key.fold(i - 1), widths[i - 1], widths[i]))
            .toList();
    return new Mlp(layers, activation);
  }

  /**
   * Applies the net to rows.
   *
   * @param x shape (.., B, in)
   * @return shape (.., B, out)
   */
  @Override
  public Tensor apply(Tensor x) {
    return apply(x, (i, h) -> layers.get(i).apply(h));
  }

  /** Applies the net to rows, each layer by a rule of the caller's. */
  public Tensor apply(Tensor x, LayerRule rule) {
    Tensor h = x;
    for (int i = 0; i < layers.size(); i++) {
      int layer = i;
      Tensor in = i == 0 ? h : activation.apply(h);
      h = Origin.within("layers." + i, () -> rule.apply(layer, in));
    }
    return h;
  }
}
