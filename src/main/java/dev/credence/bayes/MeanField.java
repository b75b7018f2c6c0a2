package dev.credence.bayes;

import dev.credence.dist.Distribution;
import dev.credence.dist.Kl;
import dev.credence.dist.Normal;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Independent normals over the weights of a model, q(w) = N(loc, softplus(rho)^2): the variational
 * posterior of Blundell et al. 2015, "Weight Uncertainty in Neural Networks", section 3.2. Any tree
 * of weights will do, so a Bayesian net is a deterministic net and its MeanField. Weights that have
 * no rho are points: they are learned as in a deterministic net.
 *
 * @param loc the means, a tree shaped like the weights
 * @param rho what the standard deviations are the softplus of, by the paths of the weights that are
 *     random
 * @param <T> the tree of weights
 */
public record MeanField<T>(T loc, Map<String, Tensor> rho) {
  /** Refuses a rho that is of no weight. */
  public MeanField {
    Map<String, Tensor> leaves = Tree.leaves(loc);
    rho.forEach(
        (path, leaf) -> {
          Tensor mean = leaves.get(path);
          if (mean == null || !mean.type().equals(leaf.type())) {
            throw new IllegalArgumentException(
                "there is a rho of type "
                    + leaf.type()
                    + " for '"
                    + path
                    + "', but the weights are "
                    + (mean == null ? leaves.keySet() : mean.type()));
          }
        });
  }

  /**
   * Normals around the weights of a deterministic model.
   *
   * @param weights the means, usually expressions of an initialisation
   * @param scale the standard deviation of all weights to start with, positive
   * @return expressions; a state computes them
   */
  public static <T> MeanField<T> init(T weights, double scale) {
    return init(weights, scale, path -> true);
  }

  /**
   * Normals around chosen weights of a deterministic model, the others points.
   *
   * @param weights the means, usually expressions of an initialisation
   * @param scale the standard deviation of the random weights to start with, positive
   * @param random chooses by path, such as {@code path -> path.startsWith("layers.2.")}
   * @return expressions; a state computes them
   * @throws IllegalArgumentException if no weight is chosen
   */
  public static <T> MeanField<T> init(T weights, double scale, Predicate<String> random) {
    if (!(scale > 0)) {
      throw new IllegalArgumentException(
          "a standard deviation is positive, but " + scale + " was given");
    }
    // The inverse of softplus, log(e^s - 1), without cancellation or overflow.
    double rho = scale + Math.log(-Math.expm1(-scale));
    Map<String, Tensor> rhos = new LinkedHashMap<>();
    Map<String, Tensor> leaves = Tree.leaves(weights);
    leaves.forEach(
        (path, leaf) -> {
          if (random.test(path)) {
            rhos.put(path, Tensor.fill(rho, leaf.type()));
          }
        });
    if (rhos.isEmpty()) {
      throw new IllegalArgumentException(
          "none of the weights " + leaves.keySet() + " was chosen to be random");
    }
    return new MeanField<>(weights, rhos);
  }

  /** Normals over all weights, means and rhos in trees of one shape. */
  public static <T> MeanField<T> of(T loc, T rho) {
    return new MeanField<>(loc, Tree.leaves(rho));
  }

  /**
   * The normals of a part of the weights, such as one layer.
   *
   * @param path where the part stands in the tree
   * @param part the part of {@link #loc} there
   */
  public <U> MeanField<U> part(String path, U part) {
    Map<String, Tensor> rhos = new LinkedHashMap<>();
    Tree.leaves(part)
        .forEach(
            (within, leaf) -> {
              Tensor own = rho.get(Tree.join(path, within));
              if (own != null) {
                rhos.put(within, own);
              }
            });
    return new MeanField<>(part, rhos);
  }

  /** Whether any weight is random. */
  public boolean isRandom() {
    return !rho.isEmpty();
  }

  /** Whether every weight is random. */
  boolean isWhole() {
    return rho.size() == Tree.list(loc).size();
  }

  /** The standard deviations, softplus(rho) or 0, a tree shaped like the weights. */
  public T scale() {
    return each((path, mean, scale) -> scale == null ? mean.zerosLike() : scale);
  }

  /** The variances, a tree shaped like the weights. */
  public T variance() {
    return Tree.map(scale(), (path, scale) -> scale.square());
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
   *     every random weight
   */
  public T sample(Key key, int... samples) {
    return each(
        (path, mean, scale) ->
            scale == null ? mean : new Normal(mean, scale).rsample(key.split(path), samples));
  }

  /** A draw less its mean; points are 0. */
  T deviation(Key key, int... samples) {
    return each(
        (path, mean, scale) ->
            scale == null
                ? mean.zerosLike()
                : new Normal(mean.zerosLike(), scale).rsample(key.split(path), samples));
  }

  /**
   * KL(q || prior) in nats, summed over all random weights: a scalar.
   *
   * @throws UnsupportedOperationException if the prior has no closed form
   */
  public Tensor kl(Prior prior) {
    return total((path, normal) -> Kl.of(normal, prior.of(path, normal.loc().type())));
  }

  /**
   * KL(q || prior) in nats, summed over all random weights: a scalar, in closed form where one is
   * known, else the mean of log q(w) - log p(w) over draws of w, an unbiased estimate (Blundell et
   * al. 2015, equation 2). The draws are those of {@link #sample} with this key, so a pass with
   * drawn weights and the same key shares them.
   *
   * @param key the stream
   * @param samples none for one draw; T for T draws
   */
  public Tensor kl(Prior prior, Key key, int... samples) {
    return total(
        (path, normal) -> {
          Distribution p = prior.of(path, normal.loc().type());
          return Kl.closed(normal, p)
              .orElseGet(
                  () -> {
                    Tensor w = normal.rsample(key.split(path), samples);
                    Tensor nats = normal.logProb(w).sub(p.logProb(w));
                    return samples.length == 0 ? nats : nats.mean(0);
                  });
        });
  }

  private Tensor total(BiFunction<String, Normal, Tensor> nats) {
    List<Tensor> sums = new ArrayList<>();
    each(
        (path, mean, scale) -> {
          if (scale != null) {
            sums.add(nats.apply(path, new Normal(mean, scale)).sumAll());
          }
          return mean;
        });
    return sums.stream()
        .reduce(Tensor::add)
        .orElseThrow(() -> new IllegalArgumentException("no weight is random"));
  }

  @FunctionalInterface
  private interface Each {
    Tensor apply(String path, Tensor mean, @Nullable Tensor scale);
  }

  private T each(Each each) {
    return Tree.map(
        loc,
        (path, mean) -> {
          Tensor own = rho.get(path);
          return each.apply(path, mean, own == null ? null : own.softplus());
        });
  }
}
