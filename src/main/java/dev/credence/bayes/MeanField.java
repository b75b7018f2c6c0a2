package dev.credence.bayes;

import dev.credence.dist.Kl;
import dev.credence.dist.Normal;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Independent normals over every weight of a model, q(w) = N(loc, softplus(rho)^2): the variational
 * posterior of Blundell et al. 2015, "Weight Uncertainty in Neural Networks", section 3.2. Any tree
 * of weights will do, so a Bayesian net is a deterministic net and its MeanField.
 *
 * @param loc the means, a tree shaped like the weights
 * @param rho what the standard deviations are the softplus of, a tree shaped like the weights
 * @param <T> the tree of weights
 */
public record MeanField<T>(T loc, T rho) {
  /**
   * Normals around the weights of a deterministic model.
   *
   * @param weights the means, usually expressions of an initialisation
   * @param scale the standard deviation of all weights to start with, positive
   * @return expressions; a state computes them
   */
  public static <T> MeanField<T> init(T weights, double scale) {
    if (!(scale > 0)) {
      throw new IllegalArgumentException(
          "a standard deviation is positive, but " + scale + " was given");
    }
    // The inverse of softplus, log(e^s - 1), without cancellation or overflow.
    double rho = scale + Math.log(-Math.expm1(-scale));
    return new MeanField<>(
        weights, Tree.map(weights, (path, leaf) -> Tensor.fill(rho, leaf.type())));
  }

  /** The normals of a part of the weights, such as one layer. */
  public <U> MeanField<U> part(Function<T, U> part) {
    return new MeanField<>(part.apply(loc), part.apply(rho));
  }

  /** The standard deviations, softplus(rho), a tree shaped like the weights. */
  public T scale() {
    return Tree.map(rho, (path, leaf) -> leaf.softplus());
  }

  /** The means, a tree shaped like the weights. */
  public T mean() {
    return loc;
  }

  /**
   * One draw of all weights, w = loc + softplus(rho) e (direct reparametrisation).
   *
   * @param key the stream, split by the paths of the weights
   * @param samples none for a tree shaped like the weights; T for T draws along a new first axis of
   *     every weight
   */
  public T sample(Key key, int... samples) {
    return zip((path, normal) -> normal.rsample(key.split(path), samples));
  }

  /**
   * KL(q || prior) in nats, summed over all weights: a scalar.
   *
   * @throws UnsupportedOperationException if the prior has no closed form
   */
  public Tensor kl(Prior prior) {
    T parts = zip((path, normal) -> Kl.of(normal, prior.of(path, normal.loc().type())).sumAll());
    return Tree.list(parts).stream()
        .reduce(Tensor::add)
        .orElseThrow(() -> new IllegalArgumentException("the tree has no tensors"));
  }

  @FunctionalInterface
  private interface Each {
    Tensor apply(String path, Normal normal);
  }

  private T zip(Each each) {
    List<String> paths = List.copyOf(Tree.leaves(loc).keySet());
    List<Tensor> locs = Tree.list(loc);
    List<Tensor> scales = Tree.list(scale());
    return Tree.with(
        loc,
        IntStream.range(0, locs.size())
            .mapToObj(i -> each.apply(paths.get(i), new Normal(locs.get(i), scales.get(i))))
            .toList());
  }
}
