package dev.credence.benchmarks;

import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;

/**
 * LeNet with dropout after every layer but the last, as Gal and Ghahramani (2016) have it: two
 * convolutions of 5 by 5, each pooled, and two dense layers.
 *
 * <p>It is written out beside the library's own: W4 keeps what comes before the first dropout from
 * one chunk of draws to the next, where that one is a single program, and a workload stays what it
 * is when a model of the library changes.
 */
record LeNet(Conv first, Conv second, Dense hidden, Dense out) {
  static final double P = 0.5;

  /** Arithmetic of the parts for one image. */
  static final double FIRST_FLOPS = 2.0 * 20 * 24 * 24 * 25;

  static final double REST_FLOPS = 2.0 * (50 * 8 * 8 * 20 * 25 + 800 * 500 + 500 * 10);
  static final double PARAMETERS = 20 * 26 + 50 * 501 + 500 * 801 + 10 * 501;

  /** Dropped elements of an image: two convolutions and the hidden layer. */
  static final double MASKED = 20 * 24 * 24 + 50 * 8 * 8 + 500;

  /** A convolution: weight [out, in, 5, 5] and bias [out, 1, 1]. */
  record Conv(Tensor weight, Tensor bias) {
    static Conv initial(Key key, int in, int out) {
      return new Conv(
          Tensor.normal(key, out, in, 5, 5).mul(1 / Math.sqrt(25 * in)),
          Tensor.zeros(TensorType.of(DType.FLOAT32, out, 1, 1)));
    }

    Tensor apply(Tensor x) {
      return Convolution.conv2d(x, weight).add(bias);
    }
  }

  static LeNet initial() {
    Key key = Key.ROOT.split("lenet");
    return new LeNet(
        Conv.initial(key.split("first"), 1, 20),
        Conv.initial(key.split("second"), 20, 50),
        Dense.initial(key.split("hidden"), 800, 500),
        Dense.initial(key.split("out"), 500, 10));
  }

  /** What comes before the first dropout, for images [N, 1, 28, 28]. */
  Tensor features(Tensor x) {
    return first.apply(x);
  }

  /** The logits of a batch, each image with masks of its own. */
  Tensor logits(Tensor features, Key key) {
    Tensor a = Convolution.maxPool2d(Dropout.of(features, P, key.split("first")), 2, 2);
    Tensor b = second.apply(a);
    Tensor c = Convolution.maxPool2d(Dropout.of(b, P, key.split("second")), 2, 2);
    Tensor h = hidden.apply(c.reshape(-1, 800)).relu();
    return out.apply(Dropout.of(h, P, key.split("hidden")));
  }

  /** The logits [T, N, 10] of many draws of the masks for one batch. */
  Tensor logitsOfSamples(Tensor features, int samples, Key key) {
    int n = features.shape().dim(0);
    Tensor repeated = features.broadcast(samples, n, 20, 24, 24);
    Tensor a = Dropout.ofSamples(repeated, P, key.split("first")).reshape(-1, 20, 24, 24);
    Tensor b = second.apply(Convolution.maxPool2d(a, 2, 2)).reshape(samples, n, 50, 8, 8);
    Tensor c = Dropout.ofSamples(b, P, key.split("second")).reshape(-1, 50, 8, 8);
    Tensor h = hidden.apply(Convolution.maxPool2d(c, 2, 2).reshape(-1, 800)).relu();
    Tensor d = Dropout.ofSamples(h.reshape(samples, n, 500), P, key.split("hidden"));
    return out.apply(d.reshape(-1, 500)).reshape(samples, n, 10);
  }
}
