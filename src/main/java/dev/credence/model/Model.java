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
}
