package dev.credence.bayes;

import dev.credence.nn.Linear;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * Layers whose outputs are drawn instead of their weights (Kingma, Salimans and Welling 2015,
 * "Variational Dropout and the Local Reparameterization Trick", section 2.2, equation 6): the
 * gradient's mean is that of drawing weights, its variance is smaller, since rows share no noise.
 */
public final class LocalReparametrisation {
  private LocalReparametrisation() {}

  /**
   * A dense layer with normal weights: y ~ N(x mu' + mu_b, x^2 (sigma^2)' + sigma_b^2), each row
   * and each output independently.
   *
   * @param layer normals over weight (out, in) and bias (out)
   * @param x rows of shape (B, in), or (T, B, in) for T draws, whose first axis then counts in the
   *     sample word of the counter
   * @param key the stream; a row's noise follows its number in the data, not in the batch
   * @return shape (B, out) or (T, B, out)
   */
  public static Tensor linear(MeanField<Linear> layer, Tensor x, Key key) {
    Linear scale = layer.scale();
    Linear variance = new Linear(scale.weight().square(), scale.bias().square());
    Tensor mean = layer.mean().apply(x);
    Tensor deviation = variance.apply(x.square()).sqrt();
    return mean.add(deviation.mul(noise(key, mean)));
  }

  private static Tensor noise(Key key, Tensor like) {
    Shape shape = like.shape();
    Draw.Layout layout = new Draw.Layout(key, shape, shape.rank() > 2, true);
    return Tensor.of(new Draw.Normal(layout)).cast(like.dtype());
  }
}
