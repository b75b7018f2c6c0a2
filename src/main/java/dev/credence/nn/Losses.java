package dev.credence.nn;

import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;

/**
 * What predictions cost. Losses of data keep the shape of the data, so that nobody has to ask
 * whether they are sums or means; penalties of weights are sums.
 */
public final class Losses {
  private Losses() {}

  /**
   * (prediction - target)^2, element by element.
   *
   * @return the common shape of both
   */
  public static Tensor squaredError(Tensor prediction, Tensor target) {
    return prediction.sub(target).square();
  }

  /**
   * -log p(target) of truth values in nats, with p(1) = sigmoid(logits): max(l, 0) - l t + log(1 +
   * exp(-|l|)), which no logit overflows. Targets between 0 and 1 are taken as probabilities.
   *
   * @param logits any shape
   * @param target numbers in [0, 1], of the logits' shape and type
   * @return the shape of both
   */
  public static Tensor binaryCrossEntropy(Tensor logits, Tensor target) {
    Tensor tail = logits.abs().neg().exp().log1p();
    return logits.relu().sub(logits.mul(target)).add(tail);
  }

  /**
   * -log p(label) in nats, with p = softmax(logits) along the last axis.
   *
   * @param logits shape (.., C)
   * @param labels int32, shape (..), each from 0 to C - 1
   * @return shape (..)
   */
  public static Tensor categoricalCrossEntropy(Tensor logits, Tensor labels) {
    Tensor logProbs = logits.logSoftmax(-1);
    return logProbs.takeAlong(labels.unsqueeze(-1), -1).neg().reshape(labels.shape());
  }

  /** The sum of |w| over all leaves of a tree, a scalar. */
  public static Tensor l1(Object tree) {
    return total(Tree.map(tree, (path, leaf) -> leaf.abs()));
  }

  /** The sum of w^2 over all leaves of a tree, a scalar. */
  public static Tensor l2(Object tree) {
    return total(Tree.map(tree, (path, leaf) -> leaf.square()));
  }

  private static Tensor total(Object tree) {
    return Tree.list(tree).stream()
        .map(Tensor::sumAll)
        .reduce(Tensor::add)
        .orElseThrow(() -> new IllegalArgumentException("the tree has no tensors"));
  }
}
