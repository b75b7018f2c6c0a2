package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.dist.Bijector;
import dev.credence.dist.Chain;
import dev.credence.dist.Kl;
import dev.credence.dist.Normal;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.nn.Net;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * The variational autoencoder (Kingma and Welling 2014, "Auto-Encoding Variational Bayes").
 *
 * <p>The model is p(z) p(x | z) with a standard normal z; the encoder says q(z | x) = N(mean, diag
 * sigma^2). With noise e, z = mean + sigma e (equation 4), and the bound of a row is E_q[log p(x |
 * z)] - KL(q(z | x) || p(z)) (equation 3), the divergence in closed form (appendix B). Instead, the
 * importance-weighted bound of k draws is log mean p(x, z_i) / q(z_i | x) (Burda, Grosse and
 * Salakhutdinov 2016, equation 8), which rises with k to log p(x).
 *
 * <p>A flow may follow the encoder's normal (Rezende and Mohamed 2015), another make up the prior;
 * then the divergence is estimated from the draws.
 *
 * @param rows N, how many rows the data set has
 * @param likelihood p(x | z), of the decoder's outputs
 * @param bound what training raises
 */
public record Vae(long rows, Likelihood likelihood, Bound bound)
    implements Model<Vae.Weights, Vae.Batch> {

  /**
   * What training raises.
   *
   * @param draws of z for each row, k
   * @param importance whether their weights are averaged inside the logarithm (IWAE), or the bounds
   *     outside (VAE)
   * @param beta weight of the divergence (Higgins et al. 2017, "beta-VAE"); 1 for the bound
   * @param warmUp steps over which that weight rises from 0 (Bowman et al. 2016); 0 for none
   * @param freeBits nats of each latent's mean divergence that cost nothing (Kingma et al. 2016,
   *     equation 15); 0 for none
   */
  public record Bound(int draws, boolean importance, double beta, long warmUp, double freeBits) {
    /** The evidence lower bound with one draw a row. */
    public static final Bound ELBO = elbo(1);

    /** The mean of k bounds. */
    public static Bound elbo(int draws) {
      return new Bound(draws, false, 1, 0, 0);
    }

    /** The importance-weighted bound of k draws. */
    public static Bound importance(int draws) {
      return new Bound(draws, true, 1, 0, 0);
    }

    /** With another weight of the divergence. */
    public Bound beta(double weight) {
      return new Bound(draws, importance, weight, warmUp, freeBits);
    }

    /** With a weight of the divergence that rises over the first steps. */
    public Bound warmUp(long steps) {
      return new Bound(draws, importance, beta, steps, freeBits);
    }

    /** With a divergence of each latent that costs nothing. */
    public Bound freeBits(double nats) {
      return new Bound(draws, importance, beta, warmUp, nats);
    }

    private Tensor weight() {
      Tensor full = Tensor.scalar(beta);
      if (warmUp == 0) {
        return full;
      }
      Tensor step = Tensor.integer(Source.Number.STEP).cast(DType.FLOAT32);
      return full.mul(step.mul(1.0 / warmUp).minimum(1));
    }
  }

  /**
   * What is learned.
   *
   * @param encoder from a row (and its condition) to means and log variances of L latents
   * @param decoder from L latents (and the condition) to raw outputs
   * @param posterior from the encoder's normal to q(z | x); an empty chain for none
   * @param prior from a standard normal to p(z); an empty chain for none
   */
  public record Weights(Net encoder, Net decoder, Bijector posterior, Bijector prior) {
    /** Without flows. */
    public Weights(Net encoder, Net decoder) {
      this(encoder, decoder, Chain.of(), Chain.of());
    }

    boolean plain() {
      return posterior.equals(Chain.of()) && prior.equals(Chain.of());
    }
  }

  /**
   * Rows to learn from.
   *
   * @param x shape (B, D)
   */
  public record Batch(Tensor x) {}

  /**
   * Dense encoder and decoder, one the other's mirror image.
   *
   * @param width numbers of a row, D
   * @param condition numbers of the condition; 0 for none
   * @param latent L
   * @param hidden widths of the encoder's hidden layers, and of the decoder's from its end
   * @return expressions; a state computes them
   */
  public static Weights init(
      Key key,
      Activation activation,
      Likelihood likelihood,
      int width,
      int condition,
      int latent,
      int... hidden) {
    int n = hidden.length;
    int[] in = new int[n + 2];
    int[] out = new int[n + 2];
    in[0] = width + condition;
    in[n + 1] = 2 * latent;
    out[0] = latent + condition;
    out[n + 1] = likelihood.outputs(width);
    for (int i = 0; i < n; i++) {
      in[i + 1] = hidden[i];
      out[n - i] = hidden[i];
    }
    return new Weights(
        Mlp.init(key.split("encoder"), activation, in),
        Mlp.init(key.split("decoder"), activation, out));
  }

  /**
   * The encoder's normal, before a flow.
   *
   * @param x shape (B, D)
   * @param condition shape (B, C), or null
   * @return batch shape (B, L)
   */
  public static Normal encode(Weights w, Tensor x, @Nullable Tensor condition) {
    Tensor code = w.encoder.apply(with(x, condition));
    int latent = code.shape().dim(-1) / 2;
    Tensor logVariance = code.slice(-1, latent, 2 * latent);
    return new Normal(code.slice(-1, 0, latent), logVariance.mul(0.5).exp());
  }

  /**
   * The decoder's raw outputs.
   *
   * @param z shape (.., B, L)
   * @param condition shape (B, C), or null
   * @return shape (.., B, outputs)
   */
  public static Tensor decode(Weights w, Tensor z, @Nullable Tensor condition) {
    Tensor in = with(z, condition);
    // All draws and rows as the rows of one product.
    Tensor raw = w.decoder.apply(in.reshape(-1, in.shape().dim(-1)));
    return raw.reshape(z.shape().with(-1, raw.shape().dim(-1)));
  }

  private static Tensor with(Tensor x, @Nullable Tensor condition) {
    if (condition == null) {
      return x;
    }
    Shape leading = x.shape().without(-1);
    Tensor repeated = condition.broadcast(leading.concat(Shape.of(condition.shape().dim(-1))));
    return Tensor.concat(-1, x, repeated);
  }

  /**
   * Draws of z and what the bounds are made of, each of shape (k, B).
   *
   * @param z the draws, shape (k, B, L)
   * @param logLikelihood log p(x | z)
   * @param logRatio log q(z | x) - log p(z)
   */
  public record Draws(Tensor z, Tensor logLikelihood, Tensor logRatio) {
    /** log p(x, z) - log q(z | x). */
    public Tensor logWeights() {
      return logLikelihood.sub(logRatio);
    }

    /** The importance-weighted bound of each row, shape (B). */
    public Tensor importanceBound() {
      return logWeights().logsumexp(0).sub(Math.log(z.shape().dim(0)));
    }
  }

  /**
   * Draws of z for each row.
   *
   * @param x shape (B, D)
   * @param condition shape (B, C), or null
   * @param draws k; the first axis counts in the sample word of the counter
   */
  public Draws draw(Weights w, Tensor x, @Nullable Tensor condition, Key key, int draws) {
    Normal q = encode(w, x, condition);
    Shape shape = Shape.of(draws).concat(q.batchShape());
    Tensor noise = Tensor.of(new Draw.Normal(new Draw.Layout(key, shape, true, true)));
    Bijector.Mapped z = w.posterior.forwardAndLogDet(q.loc().add(q.scale().mul(noise)));
    Bijector.Mapped origin = w.prior.inverseAndLogDet(z.value());
    // Of log q - log p the normals' constants cancel, and q's exponent is that of the noise.
    Tensor exponents = origin.value().square().sub(noise.square()).sum(-1).mul(0.5);
    Tensor logRatio = exponents.sub(q.scale().log().sum(-1)).sub(z.logDet()).sub(origin.logDet());
    Tensor logLikelihood = likelihood.logProb(decode(w, z.value(), condition), x);
    return new Draws(z.value(), logLikelihood, logRatio);
  }

  @Override
  public Elbo elbo(Weights w, Batch batch, Key key) {
    return elbo(w, batch.x(), null, key);
  }

  /** The bound under a condition, shape (B, C). */
  Elbo elbo(Weights w, Tensor x, @Nullable Tensor condition, Key key) {
    Draws draws = draw(w, x, condition, key.split("z"), bound.draws);
    if (bound.importance) {
      return Elbo.deterministic(draws.importanceBound().meanAll().neg(), rows);
    }
    Tensor divergence =
        w.plain() ? closedDivergence(encode(w, x, condition)) : draws.logRatio.meanAll();
    Tensor nll = draws.logLikelihood.meanAll().neg();
    return new Elbo(nll, divergence.mul(bound.weight()).mul(rows), rows);
  }

  /**
   * The rows' mean divergence from the standard normal, latent by latent at least the free bits.
   */
  private Tensor closedDivergence(Normal q) {
    Tensor each = Kl.of(q, Normal.standard(q.loc().type())).mean(0);
    return (bound.freeBits > 0 ? each.maximum(bound.freeBits) : each).sumAll();
  }

  /**
   * What the model makes of rows: the mean of x given the mean of the encoder's normal.
   *
   * @param x shape (B, D)
   * @return shape (B, D)
   */
  public Tensor reconstruct(Weights w, Tensor x, @Nullable Tensor condition) {
    Tensor z = w.posterior.forward(encode(w, x, condition).loc());
    return likelihood.mean(decode(w, z, condition));
  }

  /**
   * Latents drawn from the prior.
   *
   * @return shape (n, L)
   */
  public static Tensor prior(Weights w, Key key, int n, int latent) {
    return w.prior.forward(Tensor.of(new Draw.Normal(Draw.Layout.rows(key, n, latent))));
  }
}
