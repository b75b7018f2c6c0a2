package dev.credence.model;

import dev.credence.nn.Activation;
import dev.credence.nn.Linear;
import dev.credence.nn.Net;
import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Encoder and decoder of images for autoencoders: convolutions of 4x4 and stride 2 that halve the
 * image, a dense layer, and the same the other way round (Radford, Metz and Chintala 2016, "DCGAN",
 * section 3). Images go in and come out as rows, (B, C H W), so that the nets stand wherever dense
 * ones do.
 */
public final class ConvolutionalNets {
  private static final int SIZE = 4;

  private ConvolutionalNets() {}

  /**
   * Images, as rows are read.
   *
   * @param channels 1 for grey
   * @param height a multiple of 2 for each convolution
   * @param width a multiple of 2 for each convolution
   */
  public record Format(int channels, int height, int width) {}

  /**
   * Filters and biases of one layer.
   *
   * @param weight (out, in, 4, 4), or (in, out, 4, 4) where it is transposed
   * @param bias (out)
   */
  public record Filters(Tensor weight, Tensor bias) {
    /** Filters of a shape, drawn evenly from +-1 / sqrt(numbers that an output sums). */
    private static Filters init(Key key, int first, int second, int in, int out) {
      double bound = 1 / Math.sqrt(in * SIZE * SIZE);
      Tensor weight = Tensor.uniform(key, first, second, SIZE, SIZE);
      return new Filters(
          weight.mul(2 * bound).sub(bound), Tensor.zeros(TensorType.of(DType.FLOAT32, out)));
    }

    private Tensor biased(Tensor y) {
      return y.add(bias.reshape(-1, 1, 1));
    }
  }

  /**
   * From images to codes.
   *
   * @param layers convolutions, each followed by a rectifier
   * @param last the dense layer
   */
  public record Encoder(Format format, List<Filters> layers, Linear last) implements Net {
    @Override
    public Tensor apply(Tensor x) {
      Tensor h = x.reshape(-1, format.channels, format.height, format.width);
      for (Filters layer : layers) {
        h = Activation.RELU.apply(layer.biased(Convolution.conv2d(h, layer.weight, 2, 1, 1, 1)));
      }
      return last.apply(h.reshape(h.shape().dim(0), -1));
    }
  }

  /**
   * From codes to images.
   *
   * @param first the dense layer
   * @param layers transposed convolutions, with rectifiers before each
   */
  public record Decoder(Format format, Linear first, List<Filters> layers) implements Net {
    @Override
    public Tensor apply(Tensor z) {
      int halvings = layers.size();
      int channels = layers.getFirst().weight.shape().dim(0);
      Tensor h =
          first.apply(z).reshape(-1, channels, format.height >> halvings, format.width >> halvings);
      for (Filters layer : layers) {
        Tensor in = Activation.RELU.apply(h);
        h = layer.biased(Convolution.convTranspose2d(in, layer.weight, 2, 1, 0, 1, 1));
      }
      return h.reshape(h.shape().dim(0), -1);
    }
  }

  /**
   * An encoder.
   *
   * @param outputs numbers of a code, twice those of the latents for a {@link Vae}
   * @param channels of each convolution
   * @return expressions; a state computes them
   */
  public static Encoder encoder(Key key, Format format, int outputs, int... channels) {
    require(format, channels);
    List<Filters> layers = new ArrayList<>();
    int in = format.channels;
    for (int out : channels) {
      layers.add(Filters.init(key.fold(layers.size()), out, in, in, out));
      in = out;
    }
    int pixels = (format.height >> channels.length) * (format.width >> channels.length);
    return new Encoder(format, layers, Linear.init(key.split("last"), in * pixels, outputs));
  }

  /**
   * A decoder, the encoder's mirror image.
   *
   * @param inputs numbers of a code
   * @param outputs channels of raw outputs a pixel, 1 a channel for {@link Likelihood.Bernoulli}
   * @param channels of each convolution of the encoder
   * @return expressions; a state computes them
   */
  public static Decoder decoder(Key key, Format format, int inputs, int outputs, int... channels) {
    require(format, channels);
    int n = channels.length;
    List<Filters> layers = new ArrayList<>();
    for (int i = n - 1; i >= 0; i--) {
      int out = i == 0 ? outputs : channels[i - 1];
      layers.add(Filters.init(key.fold(n - 1 - i), channels[i], out, channels[i], out));
    }
    int pixels = (format.height >> n) * (format.width >> n);
    Linear first = Linear.init(key.split("first"), inputs, channels[n - 1] * pixels);
    return new Decoder(format, first, layers);
  }

  private static void require(Format format, int[] channels) {
    int factor = 1 << channels.length;
    if (channels.length == 0 || format.height % factor != 0 || format.width % factor != 0) {
      throw new IllegalArgumentException(
          "images of "
              + format.height
              + "x"
              + format.width
              + " cannot be halved "
              + channels.length
              + " times");
    }
  }

  /** Encoder and decoder of a VAE without flows. */
  public static Vae.Weights vae(Key key, Format format, int latent, int... channels) {
    return new Vae.Weights(
        encoder(key.split("encoder"), format, 2 * latent, channels),
        decoder(key.split("decoder"), format, latent, format.channels, channels));
  }

  /** Encoder and decoder of an autoencoder. */
  public static Autoencoder.Weights autoencoder(Key key, Format format, int code, int... channels) {
    return new Autoencoder.Weights(
        encoder(key.split("encoder"), format, code, channels),
        decoder(key.split("decoder"), format, code, format.channels, channels));
  }
}
