package dev.credence.nn;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A net whose output i depends on inputs before i alone (Germain et al. 2015, "MADE: Masked
 * Autoencoder for Distribution Estimation", equations 12 and 13). Inputs are numbered 1 .. D,
 * hidden units bear the numbers 1 .. D - 1 in turn, and a weight counts where numbers do not fall
 * (for outputs: where they rise). A context reaches every unit of the first hidden layer.
 *
 * @param layers from input to output
 * @param context weight of the context, shape (first hidden width, context width), or null
 */
public record MaskedMlp(List<Linear> layers, @Nullable Tensor context) {
  /**
   * A net whose last layer is zero.
   *
   * @param width numbers of a row, D
   * @param context numbers of the context; 0 for none
   * @param hidden widths of the hidden layers; at least one
   * @param heads outputs for each number: D first outputs, then D second ones, ..
   * @return expressions; a state computes them
   */
  public static MaskedMlp init(Key key, int width, int context, int[] hidden, int heads) {
    if (hidden.length == 0) {
      throw new IllegalArgumentException("a masked net has a hidden layer, at least");
    }
    List<Linear> layers = new ArrayList<>();
    int in = width;
    for (int out : hidden) {
      layers.add(Linear.init(key.fold(layers.size()), in, out));
      in = out;
    }
    Linear last = Linear.init(key.fold(layers.size()), in, heads * width);
    layers.add(new Linear(last.weight().zerosLike(), last.bias().zerosLike()));
    Tensor side =
        context == 0 ? null : Linear.init(key.split("context"), context, hidden[0]).weight();
    return new MaskedMlp(List.copyOf(layers), side);
  }

  /**
   * Applies the net.
   *
   * @param x shape (.., D)
   * @param given the context, shape (.., width), or null for none
   * @return shape (.., heads D)
   */
  public Tensor apply(Tensor x, @Nullable Tensor given) {
    int width = x.shape().dim(-1);
    Tensor h = x.reshape(-1, width);
    for (int i = 0; i < layers.size(); i++) {
      Linear layer = layers.get(i);
      h = new Linear(layer.weight().mul(mask(i, width)), layer.bias()).apply(h);
      if (i == 0 && given != null && context != null) {
        h = h.add(given.reshape(-1, given.shape().dim(-1)).matmul(context.transpose()));
      }
      if (i < layers.size() - 1) {
        h = h.relu();
      }
    }
    return h.reshape(x.shape().with(-1, h.shape().dim(-1)));
  }

  private Tensor mask(int layer, int width) {
    Shape shape = layers.get(layer).weight().shape();
    Tensor to = Tensor.iota(shape, 0);
    Tensor from = Tensor.iota(shape, 1);
    int turn = Math.max(1, width - 1);
    Tensor source = layer == 0 ? from : from.remainder(turn);
    Tensor allowed =
        layer == layers.size() - 1
            ? source.less(to.remainder(width))
            : source.lessEqual(to.remainder(turn));
    return allowed.cast(layers.get(layer).weight().dtype());
  }
}
