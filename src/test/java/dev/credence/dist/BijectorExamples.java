package dev.credence.dist;

import dev.credence.nn.Activation;
import dev.credence.nn.Net;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A bijector of every kind, at least, with weights that make it anything but the identity. */
final class BijectorExamples {
  private static final Key KEY = Key.ROOT.split("example");
  private static final int CONTEXT = 2;

  private BijectorExamples() {}

  /**
   * A bijector to try laws on.
   *
   * @param kind what it is an example of
   * @param bijector with weights as its init makes them
   * @param event shape of an outcome
   * @param conditional whether it takes a context of {@link #CONTEXT} numbers
   */
  record Example(Class<?> kind, String name, Bijector bijector, Shape event, boolean conditional) {
    /** The bijector with weights drawn on the host. */
    Bijector in(DType dtype, @Nullable Tensor context) {
      Random random = new Random(17);
      Bijector drawn =
          Tree.map(
              bijector,
              (path, leaf) ->
                  Tensor.literal(
                      new TensorType(dtype, leaf.shape()),
                      random.doubles(leaf.shape().size(), -0.8, 0.8).toArray()));
      return context == null ? drawn : drawn.given(context);
    }

    /** A context for each of some outcomes, if it takes one. */
    @Nullable Tensor context(DType dtype, int batch) {
      double[] values = new Random(5).doubles((long) batch * CONTEXT, -1, 1).toArray();
      return conditional ? Tensor.literal(TensorType.of(dtype, batch, CONTEXT), values) : null;
    }

    /** Noise to start from. */
    double[] noise(int batch) {
      Random random = new Random(3);
      double[] z = new double[batch * event.size()];
      for (int i = 0; i < z.length; i++) {
        z[i] = Math.clamp(random.nextGaussian(), -2.5, 2.5);
      }
      return z;
    }

    @Override
    public String toString() {
      return kind.getSimpleName() + " " + name;
    }
  }

  private static Example rows(String name, Bijector bijector, int width) {
    return new Example(bijector.getClass(), name, bijector, Shape.of(width), false);
  }

  private static Example conditional(String name, Bijector bijector, int width) {
    return new Example(bijector.getClass(), name, bijector, Shape.of(width), true);
  }

  private static Example images(String name, Bijector bijector, int... event) {
    return new Example(bijector.getClass(), name, bijector, Shape.of(event), false);
  }

  static List<Example> all() {
    return List.of(
        rows("of rows", Affine.identity(3), 3),
        images("of channels", Affine.identity(2, 1, 1), 2, 2, 2),
        rows("of rows", ActNorm.rows(3), 3),
        images("of channels", ActNorm.images(2), 2, 2, 2),
        rows("reversed", Permutation.reverse(5), 5),
        rows("any", new Permutation(List.of(2, 0, 3, 1)), 4),
        rows("of 2", LuLinear.identity(2), 2),
        rows("of 5", LuLinear.identity(5), 5),
        images("1x1", new PixelwiseLinear(LuLinear.identity(2)), 2, 2, 2),
        rows("of 2", Planar.init(KEY, 2), 2),
        rows("of 6", Planar.init(KEY, 6), 6),
        rows("of 2", Radial.init(KEY, 2), 2),
        rows("of 6", Radial.init(KEY, 6), 6),
        rows("of rows", new Sigmoid(1), 3),
        rows("first half kept", AffineCoupling.init(KEY, 5, false, 0, 6, 6), 5),
        rows("second half kept", AffineCoupling.init(KEY, 5, true, 0, 6), 5),
        rows("of 2", AffineCoupling.init(KEY, 2, true, 0, 6), 2),
        conditional("conditional", AffineCoupling.init(KEY, 4, false, CONTEXT, 6), 4),
        rows("of 2", SplineCoupling.init(KEY, 2, false, 5, 3, 0, 6), 2),
        rows("of 7", SplineCoupling.init(KEY, 7, true, 4, 2, 0, 6), 7),
        conditional("conditional", SplineCoupling.init(KEY, 4, false, 4, 3, CONTEXT, 6), 4),
        rows("of 2", MaskedAutoregressive.init(KEY, 2, 0, 6), 2),
        rows("of 5", MaskedAutoregressive.init(KEY, 5, 0, 8, 8), 5),
        conditional("conditional", MaskedAutoregressive.init(KEY, 4, CONTEXT, 6), 4),
        rows("autoregressive", new Inverted(MaskedAutoregressive.init(KEY, 4, 0, 6)), 4),
        images("to fewer channels", new Squeeze(), 4, 1, 2),
        rows("of rows", new Split(LuLinear.identity(2)), 5),
        rows("empty", Chain.of(), 3),
        rows(
            "of many",
            Chain.of(
                ActNorm.rows(2),
                LuLinear.identity(2),
                AffineCoupling.init(KEY, 2, false, 0, 6),
                Permutation.reverse(2),
                SplineCoupling.init(KEY, 2, false, 4, 4, 0, 6)),
            2),
        images(
            "of two scales",
            Chain.of(
                ActNorm.images(1),
                new Inverted(new Squeeze()),
                new PixelwiseLinear(LuLinear.identity(4)),
                new Split(new PixelwiseLinear(LuLinear.identity(2))),
                new Squeeze()),
            1,
            2,
            4),
        new Example(
            AffineCoupling.class,
            "of channels",
            new AffineCoupling(
                new Conditioner(new PerChannel(Affine.identity(1, 1, 1)), null), false, 3),
            Shape.of(2, 2, 2),
            false));
  }

  /** A net for images of one channel in, two out. */
  record PerChannel(Affine affine) implements Net {
    @Override
    public Tensor apply(Tensor x) {
      return Tensor.concat(-3, Activation.TANH.apply(x), affine.forward(x));
    }
  }
}
