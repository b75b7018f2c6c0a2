package dev.credence.train;

import dev.credence.bayes.LearnedDropout;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Sampling;
import dev.credence.model.McDropoutMlp;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Mlp;
import dev.credence.nn.Net;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * How a net's raw outputs are drawn.
 *
 * @param <W> the tree of weights
 */
interface Outputs<W> {
  /**
   * T draws of the raw outputs.
   *
   * @param x rows, shape (B, in)
   * @return shape (T, B, outputs)
   */
  Tensor draws(W weights, Tensor x, int samples, Key key);

  /** Raw outputs of the weights' mean, without a draw, of shape (B, outputs). */
  Tensor average(W weights, Tensor x);

  /** Those of a net whose draws are all the same. */
  static <N extends Net> Outputs<N> plain() {
    return new Outputs<>() {
      @Override
      public Tensor draws(N net, Tensor x, int samples, Key key) {
        Tensor raw = net.apply(x);
        return raw.broadcast(Shape.of(samples).concat(raw.shape()));
      }

      @Override
      public Tensor average(N net, Tensor x) {
        return net.apply(x);
      }
    };
  }

  /** Those of a net with masks before its layers. */
  static Outputs<Mlp> dropout(McDropoutMlp.Rates rates) {
    return new Outputs<>() {
      @Override
      public Tensor draws(Mlp net, Tensor x, int samples, Key key) {
        return McDropoutMlp.draws(net, x, rates, samples, key);
      }

      @Override
      public Tensor average(Mlp net, Tensor x) {
        return net.apply(x);
      }
    };
  }

  /** Those of a net with masks of learned probabilities before its layers. */
  static <N extends LayeredNet> Outputs<LearnedDropout<N>> learnedDropout() {
    return new Outputs<>() {
      @Override
      public Tensor draws(LearnedDropout<N> weights, Tensor x, int samples, Key key) {
        return weights.draws(x, samples, key);
      }

      @Override
      public Tensor average(LearnedDropout<N> weights, Tensor x) {
        return weights.net().apply(x);
      }
    };
  }

  /** Those of a net with normals over its weights. */
  static <N extends LayeredNet> Outputs<MeanField<N>> normal(Sampling sampling) {
    return new Outputs<>() {
      @Override
      public Tensor draws(MeanField<N> q, Tensor x, int samples, Key key) {
        return sampling.apply(q, x, samples, key);
      }

      @Override
      public Tensor average(MeanField<N> q, Tensor x) {
        return q.mean().apply(x);
      }
    };
  }
}
