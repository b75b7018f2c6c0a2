package dev.credence.model;

import dev.credence.dist.Normal;
import dev.credence.nn.Losses;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * What a decoder's raw outputs say about a row of data: p(x | z). Numbers of a row are independent
 * given z, so log probabilities are sums over the row, in nats, constants included.
 */
public sealed interface Likelihood {
  /** Raw numbers that a row of some width asks for. */
  int outputs(int width);

  /**
   * log p(x | z) of rows.
   *
   * @param raw shape (.., outputs)
   * @param x shape (.., width), the leading axes broadcast
   * @return shape (..)
   */
  Tensor logProb(Tensor raw, Tensor x);

  /**
   * The mean of x given z.
   *
   * @param raw shape (.., outputs)
   * @return shape (.., width)
   */
  Tensor mean(Tensor raw);

  /**
   * A draw of x given z, its noise included.
   *
   * @param raw shape (.., outputs)
   * @return shape (.., width)
   */
  Tensor sample(Tensor raw, Key key);

  /** Black or white pixels, each with a logit. Grey pixels count as probabilities of white. */
  record Bernoulli() implements Likelihood {
    @Override
    public int outputs(int width) {
      return width;
    }

    @Override
    public Tensor logProb(Tensor raw, Tensor x) {
      Tensor target = x.broadcast(Shape.broadcast(x.shape(), raw.shape()));
      return Losses.binaryCrossEntropy(raw, target).sum(-1).neg();
    }

    @Override
    public Tensor mean(Tensor raw) {
      return raw.sigmoid();
    }

    @Override
    public Tensor sample(Tensor raw, Key key) {
      Tensor u = Tensor.uniform(key, raw.shape().dims()).cast(raw.dtype());
      return u.less(raw.sigmoid()).cast(raw.dtype());
    }
  }

  /**
   * Normal numbers around raw means, with one fixed standard deviation.
   *
   * @param scale the standard deviation, positive
   */
  record Gaussian(double scale) implements Likelihood {
    /** Refuses a scale that is none. */
    public Gaussian {
      if (!(scale > 0)) {
        throw new IllegalArgumentException(
            "a standard deviation is positive, but " + scale + " was given");
      }
    }

    @Override
    public int outputs(int width) {
      return width;
    }

    private Normal normal(Tensor raw) {
      return new Normal(raw, Tensor.fill(scale, raw.type()));
    }

    @Override
    public Tensor logProb(Tensor raw, Tensor x) {
      return normal(raw).logProb(x).sum(-1);
    }

    @Override
    public Tensor mean(Tensor raw) {
      return raw;
    }

    @Override
    public Tensor sample(Tensor raw, Key key) {
      return normal(raw).sample(key);
    }
  }

  /**
   * Normal numbers whose means and log variances are both said by the decoder.
   *
   * @param leastScale standard deviations stay above, so that no density grows without bound
   */
  record LearnedGaussian(double leastScale) implements Likelihood {
    @Override
    public int outputs(int width) {
      return 2 * width;
    }

    private Normal normal(Tensor raw) {
      int width = raw.shape().dim(-1) / 2;
      Tensor scale = raw.slice(-1, width, 2 * width).mul(0.5).clamp(-20, 20).exp().add(leastScale);
      return new Normal(raw.slice(-1, 0, width), scale);
    }

    @Override
    public Tensor logProb(Tensor raw, Tensor x) {
      return normal(raw).logProb(x).sum(-1);
    }

    @Override
    public Tensor mean(Tensor raw) {
      return raw.slice(-1, 0, raw.shape().dim(-1) / 2);
    }

    @Override
    public Tensor sample(Tensor raw, Key key) {
      return normal(raw).sample(key);
    }
  }

  /** One class of some, with logits; x holds it as a one among zeros. */
  record Categorical() implements Likelihood {
    @Override
    public int outputs(int width) {
      return width;
    }

    @Override
    public Tensor logProb(Tensor raw, Tensor x) {
      return raw.logSoftmax(-1).mul(x).sum(-1);
    }

    @Override
    public Tensor mean(Tensor raw) {
      return raw.softmax(-1);
    }

    /** The largest of logits with Gumbel noise. */
    @Override
    public Tensor sample(Tensor raw, Key key) {
      Tensor u = Tensor.uniform(key, raw.shape().dims()).cast(raw.dtype()).add(0x1p-26);
      Tensor drawn = raw.sub(u.log().neg().log()).argmax(-1).unsqueeze(-1);
      return Tensor.iota(raw.shape(), -1).equal(drawn.broadcast(raw.shape())).cast(raw.dtype());
    }
  }

  /**
   * A table's columns of several kinds, side by side.
   *
   * @param columns each with the numbers it takes of a row
   */
  record Mixed(List<Column> columns) implements Likelihood {
    /**
     * Some neighbouring numbers of a row.
     *
     * @param width how many
     * @param likelihood theirs
     */
    public record Column(int width, Likelihood likelihood) {}

    @FunctionalInterface
    private interface Part {
      Tensor of(Column column, Tensor raw, int firstNumber);
    }

    private List<Tensor> parts(Tensor raw, Part part) {
      List<Tensor> parts = new ArrayList<>();
      int from = 0;
      int number = 0;
      for (Column column : columns) {
        int outputs = column.likelihood.outputs(column.width);
        parts.add(part.of(column, raw.slice(-1, from, from + outputs), number));
        from += outputs;
        number += column.width;
      }
      return parts;
    }

    @Override
    public int outputs(int width) {
      return columns.stream().mapToInt(c -> c.likelihood.outputs(c.width)).sum();
    }

    @Override
    public Tensor logProb(Tensor raw, Tensor x) {
      return parts(
              raw,
              (column, own, at) ->
                  column.likelihood.logProb(own, x.slice(-1, at, at + column.width)))
          .stream()
          .reduce(Tensor::add)
          .orElseThrow();
    }

    @Override
    public Tensor mean(Tensor raw) {
      return joined(parts(raw, (column, own, at) -> column.likelihood.mean(own)));
    }

    @Override
    public Tensor sample(Tensor raw, Key key) {
      return joined(parts(raw, (column, own, at) -> column.likelihood.sample(own, key.fold(at))));
    }

    private static Tensor joined(List<Tensor> parts) {
      return Tensor.concat(-1, parts.toArray(Tensor[]::new));
    }
  }
}
