package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.nn.Activation;
import dev.credence.nn.Dropout;
import dev.credence.nn.Losses;
import dev.credence.nn.Mlp;
import dev.credence.nn.Net;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/**
 * The autoencoder (Hinton and Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural
 * Networks") and its denoising variety, which restores rows from corrupted ones (Vincent et al.
 * 2010, "Stacked Denoising Autoencoders", section 3). With linear nets it spans the subspace of the
 * principal components (Baldi and Hornik 1989).
 *
 * @param rows N, how many rows the data set has
 * @param loss what a reconstruction costs
 * @param corruption of the rows that the encoder sees
 */
public record Autoencoder(long rows, Loss loss, Corruption corruption)
    implements Model<Autoencoder.Weights, Vae.Batch> {
  /** What a reconstruction costs, summed over a row. */
  public enum Loss {
    /** |x - y|^2. */
    SQUARED {
      @Override
      Tensor of(Tensor raw, Tensor x) {
        return Losses.squaredError(raw, x).sum(-1);
      }

      @Override
      Tensor output(Tensor raw) {
        return raw;
      }
    },
    /** The cross entropy of pixels in [0, 1], in nats; outputs are logits. */
    CROSS_ENTROPY {
      @Override
      Tensor of(Tensor raw, Tensor x) {
        return Losses.binaryCrossEntropy(raw, x).sum(-1);
      }

      @Override
      Tensor output(Tensor raw) {
        return raw.sigmoid();
      }
    };

    abstract Tensor of(Tensor raw, Tensor x);

    abstract Tensor output(Tensor raw);
  }

  /** What is done to rows before the encoder sees them. */
  public sealed interface Corruption {
    /** Nothing. */
    record None() implements Corruption {}

    /**
     * Numbers become 0 with a probability; the others stay as they are.
     *
     * @param probability in [0, 1)
     */
    record Mask(double probability) implements Corruption {}

    /**
     * Normal noise is added.
     *
     * @param scale its standard deviation
     */
    record Noise(double scale) implements Corruption {}

    /**
     * Corrupts rows.
     *
     * @param x shape (B, D)
     * @param key the stream; a row's noise follows its number in the data
     */
    default Tensor apply(Tensor x, Key key) {
      return switch (this) {
        case None() -> x;
        // Dropout makes up for what is lost; a corrupted row shall not.
        case Mask(double p) -> Dropout.apply(x, p, key).mul(1 - p);
        case Noise(double scale) -> {
          Draw.Layout layout = Draw.Layout.rows(key, x.shape().dims());
          yield x.add(Tensor.of(new Draw.Normal(layout)).cast(x.dtype()).mul(scale));
        }
      };
    }
  }

  /**
   * What is learned.
   *
   * @param encoder from a row to its code
   * @param decoder from the code to raw outputs
   */
  public record Weights(Net encoder, Net decoder) {}

  /**
   * Dense encoder and decoder, one the other's mirror image; without hidden layers both are linear.
   *
   * @param width numbers of a row, D
   * @param code numbers of the code
   * @param hidden widths of the encoder's hidden layers
   * @return expressions; a state computes them
   */
  public static Weights init(Key key, Activation activation, int width, int code, int... hidden) {
    int n = hidden.length;
    int[] in = new int[n + 2];
    in[0] = width;
    in[n + 1] = code;
    System.arraycopy(hidden, 0, in, 1, n);
    int[] out = new int[n + 2];
    for (int i = 0; i < n + 2; i++) {
      out[i] = in[n + 1 - i];
    }
    return new Weights(
        Mlp.init(key.split("encoder"), activation, in),
        Mlp.init(key.split("decoder"), activation, out));
  }

  @Override
  public Elbo elbo(Weights w, Vae.Batch batch, Key key) {
    Tensor seen = corruption.apply(batch.x(), key.split("corruption"));
    Tensor raw = w.decoder.apply(w.encoder.apply(seen));
    return Elbo.deterministic(loss.of(raw, batch.x()).meanAll(), rows);
  }

  /**
   * What the net makes of rows.
   *
   * @param x shape (B, D)
   * @return shape (B, D)
   */
  public Tensor reconstruct(Weights w, Tensor x) {
    return decode(w, w.encoder.apply(x));
  }

  /**
   * The rows of codes.
   *
   * @param code shape (B, K)
   * @return shape (B, D)
   */
  public Tensor decode(Weights w, Tensor code) {
    return loss.output(w.decoder.apply(code));
  }
}
