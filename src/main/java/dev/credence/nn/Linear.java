package dev.credence.nn;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;

/**
 * A dense layer, y = x W' + b.
 *
 * <p>Weights may carry leading axes, such as T draws of one layer: a weight of shape (T, out, in)
 * applied to rows (B, in) gives (T, B, out), one result a draw.
 *
 * @param weight shape (.., out, in)
 * @param bias shape (.., out)
 */
public record Linear(Tensor weight, Tensor bias) implements AffineLayer {
  /**
   * Weights and bias drawn evenly from +-1 / sqrt(in), which keeps the variance of the rows about
   * constant (LeCun et al. 1998, "Efficient BackProp", section 4.6; torch's default).
   *
   * @param nets none for one layer; K for the layers of K nets along a new first axis
   * @return expressions; a state computes them
   */
  public static Linear init(Key key, int in, int out, int... nets) {
    return uniform(key, in, out, 1 / Math.sqrt(in), nets);
  }

  /**
   * Weights drawn evenly from +-sqrt(6 / in), of variance 2 / in, and no bias, for layers followed
   * by a rectifier (He et al. 2015, "Delving Deep into Rectifiers", equation 10).
   *
   * @return expressions; a state computes them
   */
  public static Linear he(Key key, int in, int out) {
    Linear drawn = uniform(key, in, out, Math.sqrt(6.0 / in));
    return new Linear(drawn.weight, drawn.bias.zerosLike());
  }

  /**
   * Weights drawn evenly from +-sqrt(6 / (in + out)) and no bias (Glorot and Bengio 2010,
   * "Understanding the difficulty of training deep feedforward neural networks", equation 16).
   *
   * @param nets none for one layer; K for the layers of K nets along a new first axis
   * @return expressions; a state computes them
   */
  public static Linear glorot(Key key, int in, int out, int... nets) {
    Linear drawn = uniform(key, in, out, Math.sqrt(6.0 / (in + out)), nets);
    return new Linear(drawn.weight, drawn.bias.zerosLike());
  }

  /**
   * Weights drawn evenly from +-sqrt(3 / in), of variance 1 / in, and no bias (LeCun et al. 1998,
   * "Efficient BackProp", section 4.6; Caffe's filler "xavier").
   *
   * @return expressions; a state computes them
   */
  public static Linear lecun(Key key, int in, int out) {
    Linear drawn = uniform(key, in, out, Math.sqrt(3.0 / in));
    return new Linear(drawn.weight, drawn.bias.zerosLike());
  }

  private static Linear uniform(Key key, int in, int out, double bound, int... nets) {
    Shape many = Shape.of(nets);
    return new Linear(
        Uniform.of(key.split("weight"), bound, many.concat(Shape.of(out, in)).dims()),
        Uniform.of(key.split("bias"), bound, many.concat(Shape.of(out)).dims()));
  }

  /**
   * Applies the layer to rows.
   *
   * @param x shape (.., B, in)
   * @return shape (.., B, out)
   * @throws dev.credence.tensor.TraceException if the widths differ
   */
  @Override
  public Tensor apply(Tensor x) {
    return x.matmul(weight.transpose()).add(bias.unsqueeze(-2));
  }

  /** Numbers a row goes in with. */
  public int in() {
    return weight.shape().dim(-1);
  }

  /** Numbers a row comes out with. */
  public int out() {
    return weight.shape().dim(-2);
  }
}
