package dev.credence.dist;

import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;

/** Noise that draws are made of; the first axis of a sample shape counts in the sample word. */
final class Noise {
  /** Of a candidate less than 5% are refused, so of 16 in a row about one in 10^21. */
  private static final int CANDIDATES = 16;

  private Noise() {}

  private static Draw.Layout layout(Key key, Shape own, int... sampleShape) {
    Shape shape = Shape.of(sampleShape).concat(own);
    return new Draw.Layout(key, shape, sampleShape.length > 0, false);
  }

  /** Standard normal numbers. */
  static Tensor normal(Key key, TensorType own, int... sampleShape) {
    Draw.Layout layout = layout(key, own.shape(), sampleShape);
    return Tensor.of(new Draw.Normal(layout)).cast(own.dtype());
  }

  /** Numbers spread evenly in (0, 1): of 24 bits, and never 0, so that they have a logarithm. */
  static Tensor uniform(Key key, TensorType own, int... sampleShape) {
    Draw.Layout layout = layout(key, own.shape(), sampleShape);
    return Tensor.of(new Draw.Uniform(layout)).cast(own.dtype()).add(0x1p-26);
  }

  /** Numbers of density exp(-x), x positive. */
  static Tensor exponential(Key key, TensorType own, int... sampleShape) {
    return uniform(key, own, sampleShape).log().neg();
  }

  /** Numbers of density exp(-x - exp(-x)), whose largest picks a class by logits. */
  static Tensor gumbel(Key key, TensorType own, int... sampleShape) {
    return exponential(key, own, sampleShape).log().neg();
  }

  /**
   * Gamma numbers of rate 1 by Marsaglia and Tsang 2000, "A simple method for generating gamma
   * variables", with a fixed number of candidates of which the first accepted one counts; below
   * concentration 1 by their boost, gamma(a) = gamma(a + 1) u^(1 / a). No gradient flows to the
   * concentration.
   *
   * @param concentration positive, of the shape of one draw
   */
  static Tensor gamma(Key key, Tensor concentration, int... sampleShape) {
    DType dtype = concentration.dtype();
    Tensor a = concentration.stopGradient();
    Tensor small = a.less(1);
    Tensor d = small.select(a.add(1), a).sub(1.0 / 3);
    Shape tries = a.shape().concat(Shape.of(CANDIDATES));
    TensorType wide = new TensorType(dtype, tries);
    Tensor z = normal(key.split("normal"), wide, sampleShape);
    Tensor logU = uniform(key.split("accept"), wide, sampleShape).log();
    Tensor each = d.unsqueeze(-1);
    Tensor root = z.div(each.sqrt().mul(3)).add(1);
    Tensor v = root.maximum(1e-6).pow(3);
    Tensor bound = z.square().mul(0.5).add(each.mul(v.log().sub(v).add(1)));
    Tensor accepted = root.greater(0).and(logU.less(bound)).cast(DType.INT32);
    Tensor first = accepted.argmax(-1).unsqueeze(-1);
    Tensor kept = v.takeAlong(first, -1);
    Tensor drawn = kept.reshape(kept.shape().without(-1)).mul(d);
    TensorType own = new TensorType(dtype, a.shape());
    Tensor boost = uniform(key.split("boost"), own, sampleShape).pow(a.pow(-1));
    return small.select(drawn.mul(boost), drawn).stopGradient();
  }
}
