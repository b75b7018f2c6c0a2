package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/** Stochastic gradient descent (Robbins and Monro 1951): p = p - a g. */
public record Sgd() implements Optimizer {
  @Override
  public int slots() {
    return 0;
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    return new Leaf(p.sub(rate.mul(g)), List.of());
  }
}
