package dev.credence.model;

import dev.credence.dist.Distribution;
import dev.credence.dist.Normal;
import dev.credence.nn.Losses;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * What a net's raw outputs say about a row of data: p(x | z) of a decoder, p(y | x, w) of a
 * regression or classification. Numbers of a row are independent given the outputs, so log
 * probabilities are sums over the row, in nats, constants included.
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
   * -log p(x | z), averaged over rows: what training minimises.
   *
   * @param raw shape (.., outputs)
   * @param x shape (.., width), the leading axes broadcast
   * @return a scalar
   */
  default Tensor meanNll(Tensor raw, Tensor x) {
    return logProb(raw, x).neg().meanAll();
  }

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

  /** Distributions of single numbers, side by side. */
  sealed interface Numbers extends Likelihood {
    /**
     * The distribution of every number.
     *
     * @param raw shape (.., outputs)
     * @return batch shape (.., width)
     */
    Distribution of(Tensor raw);

    @Override
    default Tensor logProb(Tensor raw, Tensor x) {
      return of(raw).logProb(x).sum(-1);
    }

    /** {@inheritDoc} In one sum over rows and numbers, which takes one kernel instead of two. */
    @Override
    default Tensor meanNll(Tensor raw, Tensor x) {
      Tensor each = of(raw).logProb(x).neg();
      return each.sumAll().mul((double) each.shape().dim(-1) / each.shape().size());
    }

    @Override
    default Tensor mean(Tensor raw) {
      return of(raw).mean();
    }

    @Override
    default Tensor sample(Tensor raw, Key key) {
      return of(raw).sample(key);
    }
  }

  /** Normal numbers, which tell the noise of the data from the doubt of a model. */
  sealed interface Normals extends Numbers {
    @Override
    Normal of(Tensor raw);
  }

  /** Black or white pixels, each with a logit. Grey pixels count as probabilities of white. */
  record Bernoulli() implements Numbers {
    @Override
    public int outputs(int width) {
      return width;
    }

    @Override
    public Distribution of(Tensor raw) {
      return new dev.credence.dist.Bernoulli(raw);
    }
  }

  /**
   * Normal numbers around raw means, with one fixed standard deviation.
   *
   * @param scale the standard deviation, positive
   */
  record Gaussian(double scale) implements Normals {
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

    @Override
    public Normal of(Tensor raw) {
      return new Normal(raw, Tensor.fill(scale, raw.type()));
    }
  }

  /**
   * Normal numbers whose means and log variances are both said by the decoder.
   *
   * @param leastScale standard deviations stay above, so that no density grows without bound
   */
  record LearnedGaussian(double leastScale) implements Normals {
    @Override
    public int outputs(int width) {
      return 2 * width;
    }

    @Override
    public Normal of(Tensor raw) {
      int width = raw.shape().dim(-1) / 2;
      Tensor scale = raw.slice(-1, width, 2 * width).mul(0.5).clamp(-20, 20).exp().add(leastScale);
      return new Normal(raw.slice(-1, 0, width), scale);
    }
  }

  /**
   * Normal numbers of which a net with random weights says means and standard deviations (Nix and
   * Weigend 1994; Kendall and Gal 2017, equation 5). The deviation is a softplus, not the
   * exponential of a log variance: over draws of the weights an exponential has tails so heavy that
   * few draws decide the mean of the variance.
   *
   * @param leastScale standard deviations stay above: targets that can be told exactly would drive
   *     the noise to zero and the density to infinity
   */
  record SoftplusGaussian(double leastScale) implements Normals {
    @Override
    public int outputs(int width) {
      return 2 * width;
    }

    @Override
    public Normal of(Tensor raw) {
      int width = raw.shape().dim(-1) / 2;
      Tensor scale = raw.slice(-1, width, 2 * width).softplus().add(leastScale);
      return new Normal(raw.slice(-1, 0, width), scale);
    }
  }

  /**
   * The number of one class, with logits; x holds it as int32, a row of width 1.
   *
   * @param classes how many there are
   */
  record Labels(int classes) implements Likelihood {
    @Override
    public int outputs(int width) {
      return classes * width;
    }

    @Override
    public Tensor logProb(Tensor raw, Tensor x) {
      return nll(raw, x).neg();
    }

    @Override
    public Tensor meanNll(Tensor raw, Tensor x) {
      return nll(raw, x).meanAll();
    }

    private static Tensor nll(Tensor raw, Tensor x) {
      Shape rows = raw.shape().without(-1);
      return Losses.categoricalCrossEntropy(raw, x.reshape(x.shape().without(-1)).broadcast(rows));
    }

    /** {@inheritDoc} The probability of each class, shape (.., classes). */
    @Override
    public Tensor mean(Tensor raw) {
      return raw.softmax(-1);
    }

    @Override
    public Tensor sample(Tensor raw, Key key) {
      return new dev.credence.dist.Categorical(raw).sample(key).unsqueeze(-1);
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

    @Override
    public Tensor sample(Tensor raw, Key key) {
      Tensor drawn = new dev.credence.dist.Categorical(raw).sample(key).unsqueeze(-1);
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
