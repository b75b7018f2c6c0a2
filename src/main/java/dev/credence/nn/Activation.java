package dev.credence.nn;

import dev.credence.tensor.Tensor;

/** What stands between two layers, element by element. */
public enum Activation {
  /** max(x, 0). */
  RELU,
  /** Hyperbolic tangent. */
  TANH,
  /** 1 / (1 + exp(-x)). */
  SIGMOID,
  /** log(1 + exp(x)). */
  SOFTPLUS,
  /** x times the standard normal distribution function of x (Hendrycks and Gimpel 2016). */
  GELU,
  /** x itself: layers without anything between them. */
  IDENTITY;

  /** Applies it to every element; the shape stays. */
  public Tensor apply(Tensor x) {
    return switch (this) {
      case RELU -> x.relu();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
      case SOFTPLUS -> x.softplus();
      case GELU -> x.gelu();
      case IDENTITY -> x;
    };
  }
}
