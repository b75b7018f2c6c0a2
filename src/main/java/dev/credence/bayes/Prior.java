package dev.credence.bayes;

import dev.credence.dist.Distribution;
import dev.credence.dist.Laplace;
import dev.credence.dist.Normal;
import dev.credence.dist.ScaleMixture;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.Map;

/**
 * What is believed of weights before any data: a distribution for each array of a tree. Those made
 * here from numbers are equal where the numbers are.
 */
@FunctionalInterface
public interface Prior {
  /**
   * The prior of one array of weights.
   *
   * @param path where it stands in the tree, such as layers.0.weight
   * @param type of the array, which the distribution's batch shape and element type equal
   */
  Distribution of(String path, TensorType type);

  /**
   * Every weight of the net is normal, of mean 0 and one standard deviation.
   *
   * @param scale the standard deviation, positive
   */
  static Prior normal(double scale) {
    return new OneNormal(scale);
  }

  /** See {@link #normal}. */
  record OneNormal(double scale) implements Prior {
    /** Refuses a scale that is none. */
    public OneNormal {
      requirePositive("a prior's standard deviation", scale);
    }

    @Override
    public Distribution of(String path, TensorType type) {
      return Normal.of(0, scale, type);
    }
  }

  /**
   * Every weight of the net is of density exp(-|w| / b) / 2b.
   *
   * @param scale b, positive; the standard deviation is sqrt(2) b
   */
  static Prior laplace(double scale) {
    return new OneLaplace(scale);
  }

  /** See {@link #laplace}. */
  record OneLaplace(double scale) implements Prior {
    /** Refuses a scale that is none. */
    public OneLaplace {
      requirePositive("a prior's scale", scale);
    }

    @Override
    public Distribution of(String path, TensorType type) {
      return new Laplace(Tensor.zeros(type), Tensor.fill(scale, type));
    }
  }

  /**
   * Every weight of the net is from one of two normals around 0, a wide and a narrow one (Blundell
   * et al. 2015, equation 7). The divergence from it has no closed form, so that it is estimated
   * from draws.
   *
   * @param share probability of the first normal, pi, in (0, 1)
   * @param first its standard deviation, positive
   * @param second the other's standard deviation, positive
   */
  static Prior scaleMixture(double share, double first, double second) {
    return new TwoNormals(share, first, second);
  }

  /** See {@link #scaleMixture}. */
  record TwoNormals(double share, double first, double second) implements Prior {
    /** Refuses now what it would refuse of the first array of weights. */
    public TwoNormals {
      new ScaleMixture(share, first, second, TensorType.of(DType.FLOAT32));
    }

    @Override
    public Distribution of(String path, TensorType type) {
      return new ScaleMixture(share, first, second, type);
    }
  }

  /**
   * Every weight of the net is believed to be as other data left it, the normal of its own (Nguyen
   * et al. 2018, "Variational Continual Learning", equation 2).
   *
   * @param posterior normals over all weights that the next net draws; its tensors are those of a
   *     state that stays as it is, or constants
   */
  static Prior of(MeanField<?> posterior) {
    Map<String, Tensor> means = Tree.leaves(posterior.mean());
    Map<String, Tensor> scales = Tree.leaves(posterior.scale());
    return (path, type) -> {
      Tensor mean = means.get(path);
      Tensor scale = scales.get(path);
      if (mean == null || scale == null || !posterior.rho().containsKey(path)) {
        throw new IllegalArgumentException(
            "the posterior that is to be a prior has normals for "
                + posterior.rho().keySet()
                + ", and none for '"
                + path
                + "'");
      }
      if (!mean.type().equals(type)) {
        throw new IllegalArgumentException(
            "the posterior that is to be a prior has '"
                + path
                + "' of type "
                + mean.type()
                + ", but the net of type "
                + type);
      }
      return new Normal(mean, scale);
    };
  }

  private static void requirePositive(String what, double scale) {
    if (!(scale > 0)) {
      throw new IllegalArgumentException(what + " is positive, but " + scale + " was given");
    }
  }
}
