package dev.credence.train;

import dev.credence.tensor.Tensor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2): p = (1 - a l) p, then
 * Adam's step. Unlike a penalty in the loss, the decay is not divided by Adam's root.
 *
 * @param adam the step
 * @param decay l, not negative
 */
public record AdamW(Adam adam, double decay) implements Optimizer {
  /** Adam's constants and l = 0.01. */
  public AdamW() {
    this(new Adam(), 0.01);
  }

  @Override
  public int slots() {
    return adam.slots();
  }

  @Override
  public Leaf leaf(Tensor p, Tensor g, List<Tensor> moments, Tensor rate, Tensor count) {
    Tensor shrunk = p.sub(rate.mul(decay).mul(p));
    return adam.leaf(shrunk, g, moments, rate, count);
  }
}
