package dev.credence.bayes;

import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/** Where the randomness of a net with random weights is drawn. */
public enum Sampling {
  /** Weights are drawn, once for all rows: a draw is a function (Blundell et al. 2015). */
  DIRECT {
    @Override
    public Tensor apply(MeanField<Mlp> net, Tensor x, Key key) {
      return net.sample(key).apply(x);
    }

    @Override
    public Tensor apply(MeanField<Mlp> net, Tensor x, int samples, Key key) {
      return net.sample(key, samples).apply(x);
    }
  },

  /** Every layer's output is drawn, anew for each row (Kingma, Salimans and Welling 2015). */
  LOCAL {
    @Override
    public Tensor apply(MeanField<Mlp> net, Tensor x, Key key) {
      return net.mean()
          .apply(
              x,
              (i, h) ->
                  LocalReparametrisation.linear(
                      net.part(mlp -> mlp.layers().get(i)), h, key.fold(i)));
    }

    @Override
    public Tensor apply(MeanField<Mlp> net, Tensor x, int samples, Key key) {
      return apply(net, x.broadcast(samples, x.shape().dim(0), x.shape().dim(1)), key);
    }
  };

  /**
   * One draw of the net's outputs.
   *
   * @param net normals over the weights of a net
   * @param x rows, shape (B, in)
   * @param key the stream
   * @return shape (B, out)
   */
  public abstract Tensor apply(MeanField<Mlp> net, Tensor x, Key key);

  /**
   * Several draws of the net's outputs; draw t depends on the program's first sample + t alone.
   *
   * @param net normals over the weights of a net
   * @param x rows, shape (B, in)
   * @param samples how many draws, T
   * @param key the stream
   * @return shape (T, B, out)
   */
  public abstract Tensor apply(MeanField<Mlp> net, Tensor x, int samples, Key key);
}
