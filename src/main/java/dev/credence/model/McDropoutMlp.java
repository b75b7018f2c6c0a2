package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.nn.Activation;
import dev.credence.nn.Dropout;
import dev.credence.nn.Linear;
import dev.credence.nn.Losses;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Monte Carlo dropout (Gal and Ghahramani 2016, "Dropout as a Bayesian Approximation"): Bernoulli
 * masks before every dense layer, the first included, in training as in prediction, are draws of
 * the weights W = M diag(mask) / (1 - p), and weight decay stands for the divergence of their
 * distribution from a normal prior of length scale l. With N rows and the model's precision tau the
 * decay is l^2 (1 - p) / (2 N tau) for the sum of the squared weights beside the mean loss, biases
 * free.
 */
public final class McDropoutMlp {
  private McDropoutMlp() {}

  /**
   * Probabilities of dropping.
   *
   * @param inputs before the first layer, in [0, 1)
   * @param hidden before every other layer, in [0, 1)
   */
  public record Rates(double inputs, double hidden) {
    /** Refuses what is no probability of dropping. */
    public Rates {
      if (!(inputs >= 0 && inputs < 1 && hidden >= 0 && hidden < 1)) {
        throw new IllegalArgumentException(
            "probabilities of dropping lie in [0, 1), but "
                + inputs
                + " and "
                + hidden
                + " were given");
      }
    }

    /** One probability before all layers. */
    public static Rates of(double p) {
      return new Rates(p, p);
    }

    /** That of a layer counted from 0. */
    public double before(int layer) {
      return layer == 0 ? inputs : hidden;
    }
  }

  /**
   * The weight decay l^2 (1 - p) / (2 N tau), a factor of the sum of squared weights.
   *
   * @param p probability of dropping
   * @param lengthScale l of the prior
   * @param rows N
   * @param precision tau, one over the variance of the noise
   */
  public static double weightDecay(double p, double lengthScale, long rows, double precision) {
    return lengthScale * lengthScale * (1 - p) / (2.0 * rows * precision);
  }

  /** The precision tau = l^2 (1 - p) / (2 N decay) that a weight decay stands for. */
  public static double precision(double p, double lengthScale, long rows, double weightDecay) {
    return lengthScale * lengthScale * (1 - p) / (2.0 * rows * weightDecay);
  }

  /** The length scale l = sqrt(2 N tau decay / (1 - p)) that a weight decay stands for. */
  public static double lengthScale(double p, long rows, double precision, double weightDecay) {
    return Math.sqrt(2.0 * rows * precision * weightDecay / (1 - p));
  }

  /**
   * Weights to start with, as {@link Linear#glorot} draws them.
   *
   * @param activation what stands between two layers
   * @param widths input, hidden layers, output
   * @return expressions; a state computes them
   */
  public static Mlp init(Key key, Activation activation, int... widths) {
    List<Linear> layers =
        IntStream.range(1, widths.length)
            .mapToObj(i -> Linear.glorot(key.fold(i - 1), widths[i - 1], widths[i]))
            .toList();
    return new Mlp(layers, activation);
  }

  /**
   * One draw of the net's outputs, each row with masks of its own.
   *
   * @param x rows, shape (B, in)
   * @param key the stream of the masks
   * @return shape (B, out)
   */
  public static Tensor draw(Mlp net, Tensor x, Rates rates, Key key) {
    return masked(net, x, rates, key, false);
  }

  /**
   * Several draws of the net's outputs; draw t of a row depends on the program's first sample + t
   * and on the row's number alone.
   *
   * @param x rows, shape (B, in)
   * @param samples how many draws, T
   * @param key the stream of the masks
   * @return shape (T, B, out)
   */
  public static Tensor draws(Mlp net, Tensor x, Rates rates, int samples, Key key) {
    Tensor repeated = x.broadcast(samples, x.shape().dim(0), x.shape().dim(1));
    return masked(net, repeated, rates, key, true);
  }

  private static Tensor masked(Mlp net, Tensor x, Rates rates, Key key, boolean draws) {
    return net.apply(
        x,
        (path, layer, h) -> {
          int i = net.layers().indexOf(layer);
          return layer.apply(Dropout.apply(h, rates.before(i), key.fold(i), draws));
        });
  }

  /** Each layer's decay times the sum of its squared weights, a scalar. */
  private static Tensor penalty(
      Mlp net, Rates rates, double lengthScale, long rows, double precision) {
    return IntStream.range(0, net.layers().size())
        .mapToObj(
            i -> {
              double decay = weightDecay(rates.before(i), lengthScale, rows, precision);
              return Losses.l2(net.layers().get(i).weight()).mul(decay);
            })
        .reduce(Tensor::add)
        .orElseThrow();
  }

  /**
   * Regression with fixed noise, y ~ N(f(x), 1 / tau). Its loss is the published one, mean squared
   * error of the standardised target + decay, times half the standardised target's precision, which
   * makes the error a log likelihood in nats and leaves the optimum where it was. As there, tau is
   * that of the target's own unit in the decay too.
   *
   * @param rows N, how many rows the data set has
   * @param rates of dropping
   * @param lengthScale l of the prior
   * @param precision tau, of the target's own unit
   * @param unit what a standardised 1 stands for in the target's unit
   */
  public record Regression(
      long rows, Rates rates, double lengthScale, double precision, double unit)
      implements Model<Mlp, Regression.Batch> {
    /**
     * Rows to learn from.
     *
     * @param x inputs, shape (B, in)
     * @param y standardised targets, shape (B)
     */
    public record Batch(Tensor x, Tensor y) {}

    /** The precision of the standardised target. */
    public double standardisedPrecision() {
      return precision * unit * unit;
    }

    @Override
    public Elbo elbo(Mlp net, Batch batch, Key key) {
      Tensor mean = draw(net, batch.x(), rates, key).reshape(batch.y().shape());
      double half = 0.5 * standardisedPrecision();
      Tensor nll =
          Losses.squaredError(mean, batch.y())
              .meanAll()
              .mul(half)
              .add(0.5 * Math.log(Math.PI / half));
      Tensor penalty = penalty(net, rates, lengthScale, rows, precision);
      return new Elbo(nll, penalty.mul(half * rows), rows);
    }
  }

  /**
   * Classification by a softmax; tau is 1.
   *
   * @param rows N, how many rows the data set has
   * @param rates of dropping
   * @param lengthScale l of the prior
   */
  public record Classification(long rows, Rates rates, double lengthScale)
      implements Model<Mlp, Classification.Batch> {
    /**
     * Rows to learn from.
     *
     * @param x inputs, shape (B, in)
     * @param labels int32, shape (B)
     */
    public record Batch(Tensor x, Tensor labels) {}

    @Override
    public Elbo elbo(Mlp net, Batch batch, Key key) {
      Tensor logits = draw(net, batch.x(), rates, key);
      Tensor nll = Losses.categoricalCrossEntropy(logits, batch.labels()).meanAll();
      return new Elbo(nll, penalty(net, rates, lengthScale, rows, 1).mul(rows), rows);
    }
  }
}
