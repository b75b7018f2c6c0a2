package dev.credence.dist;

import dev.credence.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * Activation normalisation (Kingma and Dhariwal 2018, "Glow", section 3.1): shift and scale of each
 * number (or of each channel of an image), set once so that the first data come out with mean 0 and
 * standard deviation 1, and learned like all other weights from then on.
 *
 * @param affine the weights; they are the whole state, so what saves weights saves this
 */
public record ActNorm(Affine affine) implements Bijector {
  /** Keeps the logarithm finite where a number is the same in all data. */
  private static final double SMALLEST_VARIANCE = 1e-12;

  /** For rows of some numbers; the identity until {@link #initialised}. */
  public static ActNorm rows(int width) {
    return new ActNorm(Affine.identity(width));
  }

  /** For images of some channels; the identity until {@link #initialised}. */
  public static ActNorm images(int channels) {
    return new ActNorm(Affine.identity(channels, 1, 1));
  }

  @Override
  public int eventRank() {
    return affine.eventRank();
  }

  @Override
  public Mapped forwardAndLogDet(Tensor z) {
    return affine.forwardAndLogDet(z);
  }

  @Override
  public Mapped inverseAndLogDet(Tensor x) {
    return affine.inverseAndLogDet(x);
  }

  @Override
  public ActNorm initialised(Tensor x) {
    // All axes but that of the channels, which is the first of the event.
    int channel = x.shape().rank() - eventRank();
    int[] others = IntStream.range(0, x.shape().rank()).filter(i -> i != channel).toArray();
    Tensor shift = x.mean(others).reshape(affine.shift().shape());
    Tensor variance = x.sub(shift).square().mean(others).reshape(shift.shape());
    return new ActNorm(new Affine(shift, variance.maximum(SMALLEST_VARIANCE).log().mul(0.5)));
  }
}
