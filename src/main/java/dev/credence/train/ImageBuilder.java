package dev.credence.train;

import dev.credence.nn.ImageFormat;

/**
 * Settings that classifiers of images have in common. Pixels are taken as they are given.
 *
 * @param <S> the classifier's own settings
 */
public abstract class ImageBuilder<S extends ImageBuilder<S>> extends EstimatorBuilder<S> {
  final ImageFormat format;

  ImageBuilder(ImageFormat format, int epochs, int batchSize, double learningRate, int draws) {
    super(epochs, batchSize, learningRate, draws);
    this.format = format;
  }

  ImageBuilder(ImageBuilder<S> other) {
    super(other);
    format = other.format;
  }

  /** Refuses rows that are no images. */
  @Override
  Standardiser inputs(float[][] x) {
    require(
        x[0].length == format.size(),
        "images of "
            + format.channels()
            + "x"
            + format.height()
            + "x"
            + format.width()
            + " have "
            + format.size()
            + " numbers a row, but x has "
            + x[0].length);
    return super.inputs(x);
  }

  /** Few images, whose channels then stay in caches. */
  @Override
  int block() {
    return 64;
  }
}
