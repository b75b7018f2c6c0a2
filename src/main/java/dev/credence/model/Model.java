package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.tensor.Key;

/**
 * What training asks of a model: the bound that its weights reach on a batch. A model is a function
 * of its weights; it holds settings and never numbers.
 *
 * @param <W> the tree of weights that are learned, random or not
 * @param <B> the tree of a batch, rows along the first axis of each array
 */
@FunctionalInterface
public interface Model<W, B> {
  /**
   * The evidence lower bound, estimated from a batch.
   *
   * @param key the stream that all of its draws are split from
   */
  Elbo elbo(W weights, B batch, Key key);

  /**
   * Weights that follow the batches instead of a gradient, such as the running statistics of a
   * {@link dev.credence.nn.BatchNorm}: training gives them these values after a step and leaves all
   * others to the optimizer. A pure function of the same batch and the same draws as the bound, so
   * that what both compute is computed once.
   *
   * @return the weights given, arrays that follow the batch replaced
   */
  default W moved(W weights, B batch, Key key) {
    return weights;
  }
}
