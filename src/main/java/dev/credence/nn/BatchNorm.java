package dev.credence.nn;

import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.stream.IntStream;

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithms 1 and 2): every feature is shifted and
 * scaled to mean 0 and variance 1, and then to a shift and a scale that are learned. A prediction
 * normalises by running statistics, a step of training by those of its batch; which of the two is
 * said by calling {@link #apply} or {@link #train}, and by nothing else: statistics do not move
 * because a dropout mask is drawn or a gradient taken.
 *
 * <p>Features are axis 1 of a batch, (B, C) or (B, C, H, W); with a leading axis of T draws, (T, B,
 * C) or (T, B, C, H, W), draws count as rows.
 *
 * @param scale of each feature, learned, shape (C)
 * @param shift of each feature, learned, shape (C)
 * @param mean running mean, shape (C)
 * @param variance running variance, with n - 1, shape (C)
 * @param momentum how far running statistics move towards those of a batch, in (0, 1]
 * @param epsilon added to variances
 */
public record BatchNorm(
    Tensor scale, Tensor shift, Tensor mean, Tensor variance, double momentum, double epsilon) {
  /** Refuses a momentum that moves nothing or beyond the batch. */
  public BatchNorm {
    if (!(momentum > 0 && momentum <= 1)) {
      throw new IllegalArgumentException(
          "the momentum of running statistics lies in (0, 1], but " + momentum + " was given");
    }
  }

  /**
   * Of scale 1 and shift 0, with mean 0 and variance 1 until training moves them, momentum 0.1 and
   * epsilon 1e-5 (torch's defaults).
   *
   * @return expressions; a state computes them
   */
  public static BatchNorm init(int features) {
    TensorType type = TensorType.of(DType.FLOAT32, features);
    Tensor ones = Tensor.fill(1, type);
    Tensor zeros = Tensor.zeros(type);
    return new BatchNorm(ones, zeros, zeros, ones, 0.1, 1e-5);
  }

  /**
   * What training makes of a batch.
   *
   * @param y normalised by the batch's own statistics, shaped like x
   * @param layer the layer with its running statistics moved towards the batch's
   */
  public record Trained(Tensor y, BatchNorm layer) {}

  /**
   * Normalises by the running statistics.
   *
   * @param x shape (B, C), (B, C, H, W) or either with a leading axis
   * @return x's shape
   */
  public Tensor apply(Tensor x) {
    return normalised(x, mean, variance);
  }

  /**
   * Normalises by the statistics of the batch, and moves the running ones.
   *
   * @param x shape (B, C), (B, C, H, W) or either with a leading axis
   * @throws IllegalArgumentException if each feature has one number only, so that there is no
   *     variance
   */
  public Trained train(Tensor x) {
    int[] others = others(x.shape());
    long count = (long) x.shape().size() / x.shape().dim(features(x.shape()));
    if (count < 2) {
      throw new IllegalArgumentException(
          "a batch of " + x.type() + " has one number a feature, and so no variance");
    }
    Tensor own = x.mean(others);
    Tensor spread = x.sub(along(own, x.shape())).square().mean(others);
    Tensor unbiased = spread.mul((double) count / (count - 1));
    BatchNorm moved =
        new BatchNorm(scale, shift, moved(mean, own), moved(variance, unbiased), momentum, epsilon);
    return new Trained(normalised(x, own, spread), moved);
  }

  private Tensor moved(Tensor running, Tensor batch) {
    return running.mul(1 - momentum).add(batch.mul(momentum));
  }

  private Tensor normalised(Tensor x, Tensor centre, Tensor spread) {
    Shape shape = x.shape();
    Tensor unit = spread.add(epsilon).rsqrt().mul(scale);
    return x.sub(along(centre, shape)).mul(along(unit, shape)).add(along(shift, shape));
  }

  private static int features(Shape shape) {
    return shape.rank() < 4 ? shape.rank() - 1 : shape.rank() - 3;
  }

  private static int[] others(Shape shape) {
    int features = features(shape);
    return IntStream.range(0, shape.rank()).filter(axis -> axis != features).toArray();
  }

  /** A number a feature, beside the features of a shape. */
  private static Tensor along(Tensor perFeature, Shape shape) {
    return shape.rank() < 4 ? perFeature : perFeature.unsqueeze(-1).unsqueeze(-1);
  }
}
