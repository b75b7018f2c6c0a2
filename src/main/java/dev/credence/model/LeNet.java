package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.nn.Conv2d;
import dev.credence.nn.Dropout;
import dev.credence.nn.ImageFormat;
import dev.credence.nn.LayerRule;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Linear;
import dev.credence.nn.Losses;
import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * LeNet as Caffe has it and as Gal and Ghahramani 2015 ("Bayesian Convolutional Neural Networks
 * with Bernoulli Approximate Variational Inference", section 4) make it Bayesian: 20 filters of
 * 5x5, the largest of each 2x2, 50 filters of 5x5, the largest of each 2x2, 500 rectified units,
 * one output a class. Nothing stands between a convolution and its pooling but dropout.
 *
 * @param format of the images
 * @param conv1 the first convolution
 * @param conv2 the second convolution
 * @param ip1 the first inner product, the rectified units
 * @param ip2 the second inner product, the classes
 */
public record LeNet(ImageFormat format, Conv2d conv1, Conv2d conv2, Linear ip1, Linear ip2)
    implements LayeredNet {
  private static final int FILTER = 5;

  /**
   * Probabilities of dropping an output of a layer, each in [0, 1).
   *
   * @param conv1 after the first convolution, before pooling
   * @param conv2 after the second convolution, before pooling
   * @param ip1 of the rectified units
   */
  public record Rates(double conv1, double conv2, double ip1) {
    /** No dropout: "lenet-none" of the paper, the deterministic baseline. */
    public static final Rates NONE = new Rates(0, 0, 0);

    /** Refuses what is no probability of dropping. */
    public Rates {
      for (double p : new double[] {conv1, conv2, ip1}) {
        if (!(p >= 0 && p < 1)) {
          throw new IllegalArgumentException(
              "probabilities of dropping lie in [0, 1), but " + p + " was given");
        }
      }
    }

    /** Dropout of the rectified units alone, "lenet-ip" of the paper: the usual way. */
    public static Rates ip(double p) {
      return new Rates(0, 0, p);
    }

    /** Dropout after every layer but the last, "lenet-all" of the paper: the Bayesian way. */
    public static Rates all(double p) {
      return new Rates(p, p, p);
    }

    /** That after a layer. */
    private double after(String layer) {
      return switch (layer) {
        case "conv1" -> conv1;
        case "conv2" -> conv2;
        case "ip1" -> ip1;
        default -> 0;
      };
    }
  }

  /**
   * Weights to start with, as Caffe's "xavier" draws them, and no biases.
   *
   * @param format of the images; at least 16x16 pixels
   * @param classes how many
   * @return expressions; a state computes them
   * @throws IllegalArgumentException if the images are too small for the filters
   */
  public static LeNet init(Key key, ImageFormat format, int classes) {
    int height = left(left(format.height()));
    int width = left(left(format.width()));
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "images of "
              + format.height()
              + "x"
              + format.width()
              + " pixels are too small for LeNet, which asks for 16x16");
    }
    return new LeNet(
        format,
        Conv2d.lecun(key.split("conv1"), format.channels(), 20, FILTER),
        Conv2d.lecun(key.split("conv2"), 20, 50, FILTER),
        Linear.lecun(key.split("ip1"), 50 * height * width, 500),
        Linear.lecun(key.split("ip2"), 500, classes));
  }

  /** What a convolution and a pooling leave of an extent. */
  private static int left(int extent) {
    return (extent - FILTER + 1) / 2;
  }

  /**
   * Applies the net to images as rows, each layer by a rule.
   *
   * @param x shape (B, C H W), or (T, B, C H W) for T draws
   * @return logits, shape (.., B, classes)
   */
  @Override
  public Tensor apply(Tensor x, LayerRule rule) {
    Tensor h = pooled(rule.at("conv1", conv1, format.images(x)));
    h = pooled(rule.at("conv2", conv2, h));
    h = rule.at("ip1", ip1, ImageFormat.flatten(h)).relu();
    return rule.at("ip2", ip2, h);
  }

  private static Tensor pooled(Tensor images) {
    return Convolution.maxPool2d(images, 2, 2);
  }

  /**
   * One draw of the logits, each row with masks of its own.
   *
   * @param x images as rows, shape (B, C H W)
   * @param key the stream of the masks
   * @return shape (B, classes)
   */
  public Tensor draw(Tensor x, Rates rates, Key key) {
    return apply(
        x,
        (path, layer, h) ->
            Dropout.apply(layer.apply(h), rates.after(path), key.split(path), false));
  }

  /**
   * Several draws of the logits; draw t of a row depends on the program's first sample + t and on
   * the row's number alone. What lies before the first mask is computed once for all draws.
   *
   * @param x images as rows, shape (B, C H W)
   * @param samples how many draws, T
   * @param key the stream of the masks
   * @return shape (T, B, classes)
   */
  public Tensor draws(Tensor x, Rates rates, int samples, Key key) {
    Tensor logits =
        apply(
            x,
            (path, layer, h) -> {
              Tensor y = layer.apply(h);
              double p = rates.after(path);
              return p == 0 ? y : Dropout.apply(repeated(y, samples), p, key.split(path), true);
            });
    return repeated(logits, samples);
  }

  /** Outputs of a layer, the same for all draws unless they already differ. */
  private static Tensor repeated(Tensor y, int samples) {
    boolean drawn = y.shape().rank() % 2 == 1;
    return drawn ? y : y.broadcast(Shape.of(samples).concat(y.shape()));
  }

  /**
   * Classification of images with decay of all weights and biases, as Caffe has it: what a weight
   * costs is half the decay times its square, beside the mean loss of a row. N times that is, but
   * for a constant, minus the log density of a normal prior of variance 1 / (N decay).
   *
   * @param rows N, how many rows the data set has
   * @param rates of dropping
   * @param weightDecay a factor of half the sum of squares
   */
  public record Classification(long rows, Rates rates, double weightDecay)
      implements Model<LeNet, Examples> {
    @Override
    public Elbo elbo(LeNet net, Examples batch, Key key) {
      Tensor logits = net.draw(batch.x(), rates, key);
      Tensor nll = Losses.categoricalCrossEntropy(logits, batch.y()).meanAll();
      return new Elbo(nll, Losses.l2(net).mul(0.5 * weightDecay * rows), rows);
    }
  }
}
