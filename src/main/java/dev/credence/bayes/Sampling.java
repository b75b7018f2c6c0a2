package dev.credence.bayes;

import dev.credence.nn.AffineLayer;
import dev.credence.nn.LayeredNet;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * Where the randomness of a net with random weights is drawn. All ways give an output the same
 * distribution and gradients of the same mean; they differ in what rows share, and so in the
 * variance of a batch's gradient.
 */
public enum Sampling {
  /** Weights are drawn, once for all rows: a draw is a function (Blundell et al. 2015). */
  DIRECT {
    @Override
    Tensor draw(MeanField<? extends LayeredNet> net, Tensor x, Key key, int... samples) {
      return net.sample(key, samples).apply(x);
    }
  },

  /**
   * Every layer's output is drawn, anew for each row (Kingma, Salimans and Welling 2015,
   * "Variational Dropout and the Local Reparameterization Trick", section 2.2, equation 6): for
   * weights N(m, s^2) the result is normal, its mean that of the layer with weights m applied to x,
   * its variance that of the layer with weights s^2 applied to x^2. The outputs of a row are drawn
   * independently, which for dense layers they are; the positions that a convolution's filter
   * passes over share it, and their correlation is left out.
   */
  LOCAL {
    @Override
    Tensor draw(MeanField<? extends LayeredNet> net, Tensor x, Key key, int... samples) {
      return net.mean()
          .apply(
              repeated(x, samples),
              (path, layer, h) ->
                  local(net.part(path, layer), h, key.split(path), samples.length > 0));
    }
  },

  /**
   * One deviation of the weights serves all rows, each of which turns signs of its inputs and
   * outputs, so that rows are not correlated (Wen et al. 2018, "Flipout", equations 3 and 4). Signs
   * are drawn for features, and stay the same over the positions of an image.
   */
  FLIPOUT {
    @Override
    Tensor draw(MeanField<? extends LayeredNet> net, Tensor x, Key key, int... samples) {
      return net.mean()
          .apply(
              repeated(x, samples),
              (path, layer, h) -> flipout(net.part(path, layer), h, key.split(path), samples));
    }
  };

  /**
   * One draw of the net's outputs.
   *
   * @param net normals over the weights of a net
   * @param x rows, shape (B, ..)
   * @param key the stream; a row's own noise follows its number in the data, not in the batch
   * @return shape (B, ..)
   */
  public Tensor apply(MeanField<? extends LayeredNet> net, Tensor x, Key key) {
    return draw(net, x, key);
  }

  /**
   * Several draws of the net's outputs; draw t depends on the program's first sample + t alone.
   *
   * @param net normals over the weights of a net
   * @param x rows, shape (B, ..)
   * @param samples how many draws, T
   * @param key the stream
   * @return shape (T, B, ..)
   */
  public Tensor apply(MeanField<? extends LayeredNet> net, Tensor x, int samples, Key key) {
    return draw(net, x, key, samples);
  }

  abstract Tensor draw(MeanField<? extends LayeredNet> net, Tensor x, Key key, int... samples);

  private static Tensor repeated(Tensor x, int... samples) {
    return x.broadcast(Shape.of(samples).concat(x.shape()));
  }

  private static Tensor local(MeanField<AffineLayer> layer, Tensor x, Key key, boolean draws) {
    Tensor mean = layer.mean().apply(x);
    if (!layer.isRandom()) {
      return mean;
    }
    Tensor variance = layer.variance().apply(x.square());
    // Where only some weights are random an input of zeros leaves no variance, and the slope of a
    // root has no bound there.
    Tensor deviation = (layer.isWhole() ? variance : variance.maximum(1e-30)).sqrt();
    Draw.Layout layout = new Draw.Layout(key, mean.shape(), draws, true);
    return mean.add(deviation.mul(Tensor.of(new Draw.Normal(layout)).cast(mean.dtype())));
  }

  private static Tensor flipout(MeanField<AffineLayer> layer, Tensor x, Key key, int... samples) {
    Tensor mean = layer.mean().apply(x);
    if (!layer.isRandom()) {
      return mean;
    }
    boolean draws = samples.length > 0;
    Tensor deviation = layer.deviation(key, samples).apply(turned(x, key.split("inputs"), draws));
    return mean.add(turned(deviation, key.split("outputs"), draws));
  }

  /** With the sign of every feature of every row drawn. */
  private static Tensor turned(Tensor x, Key key, boolean draws) {
    Shape signs = x.shape();
    for (int axis = draws ? 3 : 2; axis < signs.rank(); axis++) {
      signs = signs.with(axis, 1);
    }
    Tensor keep = Tensor.of(new Draw.Bernoulli(new Draw.Layout(key, signs, draws, true), 0.5));
    return keep.broadcast(x.shape()).select(x, x.neg());
  }
}
