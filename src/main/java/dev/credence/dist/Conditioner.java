package dev.credence.dist;

import dev.credence.nn.Activation;
import dev.credence.nn.Linear;
import dev.credence.nn.Mlp;
import dev.credence.nn.Net;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The net of a coupling: it sees the half that is kept, and a context if there is one, and says how
 * to move the other half.
 *
 * @param net from the kept half, and the context behind it, to what the coupling asks for
 * @param context shape (.., width), or null for none
 */
public record Conditioner(Net net, @Nullable Tensor context) {
  /**
   * A dense net whose last layer is zero, so that a coupling starts as the identity.
   *
   * @param in numbers of the kept half
   * @param context numbers of the context; 0 for none
   * @param hidden widths of the hidden layers
   * @param out what the coupling asks for
   * @return expressions; a state computes them
   */
  public static Conditioner init(
      Key key, Activation activation, int in, int context, int[] hidden, int out) {
    int[] widths = new int[hidden.length + 2];
    widths[0] = in + context;
    System.arraycopy(hidden, 0, widths, 1, hidden.length);
    widths[widths.length - 1] = out;
    Mlp net = Mlp.init(key, activation, widths);
    List<Linear> layers = new ArrayList<>(net.layers());
    Linear last = layers.removeLast();
    layers.add(new Linear(last.weight().zerosLike(), last.bias().zerosLike()));
    return new Conditioner(new Mlp(layers, activation), null);
  }

  /**
   * What the net says.
   *
   * @param kept shape (.., in)
   */
  public Tensor apply(Tensor kept) {
    return net.apply(context == null ? kept : Tensor.concat(-1, kept, context));
  }

  /** The same net under a condition. */
  public Conditioner given(Tensor condition) {
    return new Conditioner(net, condition);
  }
}
