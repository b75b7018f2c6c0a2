package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.nn.Activation;
import dev.credence.nn.Dropout;
import dev.credence.nn.Linear;
import dev.credence.nn.Losses;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
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
    return init(key, new int[0], activation, widths);
  }

  /**
   * Weights for nets of one shape to start with, each with draws of its own.
   *
   * @param nets none for one net; K for K nets along a new first axis of all weights
   * @param activation what stands between two layers
   * @param widths input, hidden layers, output
   * @return expressions; a state computes them
   */
  public static Mlp init(Key key, int[] nets, Activation activation, int... widths) {
    List<Linear> layers =
        IntStream.range(1, widths.length)
            .mapToObj(i -> Linear.glorot(key.fold(i - 1), widths[i - 1], widths[i], nets))
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
    return masked(net, x, (i, h) -> Dropout.apply(h, rates.before(i), key.fold(i), draws));
  }

  /** Drops elements of the rows that go into a layer, counted from 0. */
  @FunctionalInterface
  private interface Mask {
    Tensor before(int layer, Tensor h);
  }

  private static Tensor masked(Mlp net, Tensor x, Mask mask) {
    return net.apply(
        x, (path, layer, h) -> layer.apply(mask.before(net.layers().indexOf(layer), h)));
  }

  /**
   * Each layer's decay times the sum of its squared weights.
   *
   * @param decays of a layer counted from 0: a scalar, or K numbers for K nets
   * @return of the decays' shape
   */
  private static Tensor penalty(Mlp net, IntFunction<Tensor> decays) {
    return IntStream.range(0, net.layers().size())
        .mapToObj(i -> net.layers().get(i).weight().square().sum(-2, -1).mul(decays.apply(i)))
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
      implements Model<Mlp, Examples> {
    /** The precision of the standardised target. */
    public double standardisedPrecision() {
      return precision * unit * unit;
    }

    private double decay(int layer) {
      return weightDecay(rates.before(layer), lengthScale, rows, precision);
    }

    @Override
    public Elbo elbo(Mlp net, Examples batch, Key key) {
      Tensor mean = draw(net, batch.x(), rates, key);
      return bound(net, mean, batch.y(), rows, number -> scalar(number.applyAsDouble(this), mean));
    }
  }

  /** A number of every net: a scalar for one, shape (K) for K. */
  @FunctionalInterface
  private interface Each {
    Tensor of(ToDoubleFunction<Regression> number);
  }

  private static Tensor scalar(double value, Tensor like) {
    return Tensor.fill(value, new TensorType(like.dtype(), Shape.SCALAR));
  }

  /** The sum of the bounds of one net or of several, whose outputs are (.., B, 1). */
  private static Elbo bound(Mlp net, Tensor mean, Tensor y, long rows, Each each) {
    Tensor half = each.of(r -> 0.5 * r.standardisedPrecision());
    Tensor norm = each.of(r -> 0.5 * Math.log(2 * Math.PI / r.standardisedPrecision()));
    Tensor error = Losses.squaredError(mean.reshape(y.shape()), y).mean(-1);
    Tensor penalty = penalty(net, i -> each.of(r -> r.decay(i)));
    return new Elbo(error.mul(half).add(norm).sumAll(), penalty.mul(half).mul(rows).sumAll(), rows);
  }

  /**
   * Regressions of equally many rows that are learned at once by nets of one shape, whose weights
   * have a first axis for them: the splits of a cross-validation, the points of a grid, an
   * ensemble. The bound is the sum of theirs. No net's bound depends on another's weights, so an
   * optimizer that treats every number by itself trains each as it would alone.
   *
   * @param nets the K regressions
   */
  public record Regressions(List<Regression> nets) implements Model<Mlp, Examples> {
    /** Refuses none, and those that differ in their number of rows. */
    public Regressions {
      if (nets.stream().mapToLong(Regression::rows).distinct().count() != 1) {
        throw new IllegalArgumentException(
            "nets that are trained at once have equally many rows, but these have "
                + nets.stream().map(Regression::rows).toList());
      }
    }

    /**
     * The sum of the bounds.
     *
     * @param net weights of shape (K, ..)
     * @param batch inputs of shape (B, K, in), targets of shape (B, K)
     */
    @Override
    public Elbo elbo(Mlp net, Examples batch, Key key) {
      Tensor x = batch.x().permute(1, 0, 2);
      Tensor mean =
          masked(net, x, (i, h) -> Dropout.apply(h, each(r -> r.rates().before(i)), key.fold(i)));
      TensorType type = TensorType.of(mean.dtype(), nets.size());
      return bound(
          net,
          mean,
          batch.y().transpose(),
          nets.getFirst().rows(),
          number -> Tensor.literal(type, each(number)));
    }

    private double[] each(ToDoubleFunction<Regression> number) {
      return nets.stream().mapToDouble(number).toArray();
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
      implements Model<Mlp, Examples> {
    @Override
    public Elbo elbo(Mlp net, Examples batch, Key key) {
      Tensor logits = draw(net, batch.x(), rates, key);
      Tensor nll = Losses.categoricalCrossEntropy(logits, batch.y()).meanAll();
      Tensor penalty =
          penalty(net, i -> scalar(weightDecay(rates.before(i), lengthScale, rows, 1), logits));
      return new Elbo(nll, penalty.mul(rows), rows);
    }
  }
}
