package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.dist.Normal;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A variational autoencoder of several stochastic layers (Burda, Grosse and Salakhutdinov 2016,
 * "Importance Weighted Autoencoders", equations 1 and 2): from below, q(z1 | x) q(z2 | z1) .., and
 * from above, p(zL) .. p(z1 | z2) p(x | z1), all normal but the last.
 *
 * @param rows N, how many rows the data set has
 * @param likelihood p(x | z1)
 * @param draws of the latents for each row, k
 * @param importance whether their weights are averaged inside the logarithm (IWAE), or the bounds
 *     outside (VAE)
 */
public record HierarchicalVae(long rows, Likelihood likelihood, int draws, boolean importance)
    implements Model<HierarchicalVae.Weights, Vae.Batch> {
  /**
   * What is learned.
   *
   * @param encoders from x to z1, from z1 to z2, ..; means, then log variances
   * @param decoders from z1 to x, from z2 to z1, ..
   */
  public record Weights(List<Mlp> encoders, List<Mlp> decoders) {}

  /**
   * A stochastic layer.
   *
   * @param latent how many numbers it has
   * @param hidden widths of the layers between it and the one below
   */
  public record Layer(int latent, int... hidden) {}

  /**
   * Dense nets between the layers.
   *
   * @param width numbers of a row, D
   * @param layers from the data up
   * @return expressions; a state computes them
   */
  public static Weights init(
      Key key, Activation activation, Likelihood likelihood, int width, List<Layer> layers) {
    List<Mlp> up = new ArrayList<>();
    List<Mlp> down = new ArrayList<>();
    int below = width;
    for (Layer layer : layers) {
      int level = up.size();
      int out = level == 0 ? likelihood.outputs(width) : 2 * below;
      up.add(
          Mlp.init(
              key.split("encoder").fold(level),
              activation,
              widths(below, layer.hidden, 2 * layer.latent, false)));
      down.add(
          Mlp.init(
              key.split("decoder").fold(level),
              activation,
              widths(layer.latent, layer.hidden, out, true)));
      below = layer.latent;
    }
    return new Weights(up, down);
  }

  private static int[] widths(int in, int[] hidden, int out, boolean backwards) {
    int n = hidden.length;
    int[] widths = new int[n + 2];
    widths[0] = in;
    widths[n + 1] = out;
    for (int i = 0; i < n; i++) {
      widths[i + 1] = hidden[backwards ? n - 1 - i : i];
    }
    return widths;
  }

  /**
   * log p(x, z) - log q(z | x) of draws of all latents.
   *
   * @param x shape (B, D)
   * @return shape (k, B)
   */
  public Tensor logWeights(Weights w, Tensor x, Key key, int draws) {
    int levels = w.encoders.size();
    List<Tensor> z = new ArrayList<>();
    Tensor logQ = null;
    for (int level = 0; level < levels; level++) {
      // Below the first layer all draws share x, so the first net sees it once.
      Tensor below = level == 0 ? x.unsqueeze(0) : z.get(level - 1);
      Normal q = normal(apply(w.encoders.get(level), below));
      Shape shape = q.batchShape().with(0, draws);
      Draw.Layout layout = new Draw.Layout(key.fold(level), shape, true, true);
      Tensor drawn = q.loc().add(q.scale().mul(Tensor.of(new Draw.Normal(layout))));
      Tensor log = q.logProb(drawn).sum(-1);
      logQ = logQ == null ? log : logQ.add(log);
      z.add(drawn);
    }
    Tensor top = z.get(levels - 1);
    Tensor logP = Normal.standard(top.type()).logProb(top).sum(-1);
    for (int level = levels - 1; level > 0; level--) {
      Normal p = normal(apply(w.decoders.get(level), z.get(level)));
      logP = logP.add(p.logProb(z.get(level - 1)).sum(-1));
    }
    Tensor raw = apply(w.decoders.get(0), z.get(0));
    return logP.add(likelihood.logProb(raw, x)).sub(Objects.requireNonNull(logQ));
  }

  /** A net on all draws and rows at once. */
  private static Tensor apply(Mlp net, Tensor x) {
    Tensor y = net.apply(x.reshape(-1, x.shape().dim(-1)));
    return y.reshape(x.shape().with(-1, y.shape().dim(-1)));
  }

  private static Normal normal(Tensor code) {
    int latent = code.shape().dim(-1) / 2;
    Tensor logVariance = code.slice(-1, latent, 2 * latent);
    return new Normal(code.slice(-1, 0, latent), logVariance.mul(0.5).exp());
  }

  @Override
  public Elbo elbo(Weights w, Vae.Batch batch, Key key) {
    Tensor weights = logWeights(w, batch.x(), key.split("z"), draws);
    Tensor bound = importance ? weights.logsumexp(0).sub(Math.log(draws)) : weights;
    return Elbo.deterministic(bound.meanAll().neg(), rows);
  }

  /**
   * Means of x given latents drawn from the prior.
   *
   * @return shape (n, D)
   */
  public Tensor sample(Weights w, Key key, int n) {
    int levels = w.decoders.size();
    int top = w.decoders.get(levels - 1).layers().getFirst().in();
    Tensor z = Tensor.of(new Draw.Normal(Draw.Layout.rows(key.fold(levels - 1), n, top)));
    for (int level = levels - 1; level > 0; level--) {
      z = normal(w.decoders.get(level).apply(z)).sample(key.fold(level - 1));
    }
    return likelihood.mean(w.decoders.get(0).apply(z));
  }
}
