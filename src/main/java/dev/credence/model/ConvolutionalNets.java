package dev.credence.model;

import dev.credence.nn.Conv2d;
import dev.credence.nn.ConvTranspose2d;
import dev.credence.nn.ImageFormat;
import dev.credence.nn.LayerRule;
import dev.credence.nn.LayeredNet;
import dev.credence.nn.Linear;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
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
   * From images to codes.
   *
   * @param layers convolutions, each followed by a rectifier
   * @param last the dense layer
   */
  public record Encoder(ImageFormat format, List<Conv2d> layers, Linear last)
      implements LayeredNet {
    @Override
    public Tensor apply(Tensor x, LayerRule rule) {
      Tensor h = format.images(x);
      for (int i = 0; i < layers.size(); i++) {
        h = rule.at("layers." + i, layers.get(i), h).relu();
      }
      return rule.at("last", last, ImageFormat.flatten(h));
    }
  }

  /**
   * From codes to images.
   *
   * @param first the dense layer
   * @param layers transposed convolutions, with rectifiers before each
   */
  public record Decoder(ImageFormat format, Linear first, List<ConvTranspose2d> layers)
      implements LayeredNet {
    @Override
    public Tensor apply(Tensor z, LayerRule rule) {
      Tensor h = smallest().images(rule.at("first", first, z));
      for (int i = 0; i < layers.size(); i++) {
        h = rule.at("layers." + i, layers.get(i), h.relu());
      }
      return ImageFormat.flatten(h);
    }

    /** What the dense layer makes. */
    private ImageFormat smallest() {
      int halvings = layers.size();
      int channels = layers.getFirst().weight().shape().dim(-4);
      return new ImageFormat(channels, format.height() >> halvings, format.width() >> halvings);
    }
  }

  /**
   * An encoder.
   *
   * @param format height and width are multiples of 2 for each convolution
   * @param outputs numbers of a code, twice those of the latents for a {@link Vae}
   * @param channels of each convolution
   * @return expressions; a state computes them
   */
  public static Encoder encoder(Key key, ImageFormat format, int outputs, int... channels) {
    require(format, channels);
    List<Conv2d> layers = new ArrayList<>();
    int in = format.channels();
    for (int out : channels) {
      layers.add(Conv2d.init(key.fold(layers.size()), in, out, SIZE, 2, 1));
      in = out;
    }
    int pixels = (format.height() >> channels.length) * (format.width() >> channels.length);
    return new Encoder(format, layers, Linear.init(key.split("last"), in * pixels, outputs));
  }

  /**
   * A decoder, the encoder's mirror image.
   *
   * @param format height and width are multiples of 2 for each convolution
   * @param inputs numbers of a code
   * @param outputs channels of raw outputs a pixel, 1 a channel for {@link Likelihood.Bernoulli}
   * @param channels of each convolution of the encoder
   * @return expressions; a state computes them
   */
  public static Decoder decoder(
      Key key, ImageFormat format, int inputs, int outputs, int... channels) {
    require(format, channels);
    int n = channels.length;
    List<ConvTranspose2d> layers = new ArrayList<>();
    for (int i = n - 1; i >= 0; i--) {
      int out = i == 0 ? outputs : channels[i - 1];
      layers.add(ConvTranspose2d.init(key.fold(n - 1 - i), channels[i], out, SIZE, 2, 1));
    }
    int pixels = (format.height() >> n) * (format.width() >> n);
    Linear first = Linear.init(key.split("first"), inputs, channels[n - 1] * pixels);
    return new Decoder(format, first, layers);
  }

  private static void require(ImageFormat format, int[] channels) {
    int factor = 1 << channels.length;
    if (channels.length == 0 || format.height() % factor != 0 || format.width() % factor != 0) {
      throw new IllegalArgumentException(
          "images of "
              + format.height()
              + "x"
              + format.width()
              + " cannot be halved "
              + channels.length
              + " times");
    }
  }

  /** Encoder and decoder of a VAE without flows. */
  public static Vae.Weights vae(Key key, ImageFormat format, int latent, int... channels) {
    return new Vae.Weights(
        encoder(key.split("encoder"), format, 2 * latent, channels),
        decoder(key.split("decoder"), format, latent, format.channels(), channels));
  }

  /** Encoder and decoder of an autoencoder. */
  public static Autoencoder.Weights autoencoder(
      Key key, ImageFormat format, int code, int... channels) {
    return new Autoencoder.Weights(
        encoder(key.split("encoder"), format, code, channels),
        decoder(key.split("decoder"), format, code, format.channels(), channels));
  }
}
