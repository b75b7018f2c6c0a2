package dev.credence.dist;

import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One of K distributions, chosen at random for each of the batch.
 *
 * @param logits of the choice, log probabilities up to a constant; shape batch shape + (K)
 * @param components K distributions of one batch shape, event shape and element kind
 */
public record Mixture(Tensor logits, List<Distribution> components) implements Distribution {
  /** Refuses components that do not fit together. */
  public Mixture {
    components = List.copyOf(components);
    Shape wanted = Shape.of(components.size());
    if (!components.isEmpty()) {
      Distribution first = components.get(0);
      wanted = first.batchShape().concat(wanted);
      for (Distribution other : components) {
        if (!other.batchShape().equals(first.batchShape())
            || !other.eventShape().equals(first.eventShape())) {
          throw new IllegalArgumentException(
              "the components of a mixture are of one shape, not "
                  + first.batchShape().concat(first.eventShape())
                  + " and "
                  + other.batchShape().concat(other.eventShape()));
        }
      }
    }
    if (components.isEmpty() || !logits.shape().equals(wanted)) {
      throw new IllegalArgumentException(
          "logits of shape "
              + logits.shape()
              + " do not choose among "
              + components.size()
              + " components, whose logits are of shape "
              + wanted);
    }
  }

  @Override
  public Shape batchShape() {
    return components.get(0).batchShape();
  }

  @Override
  public Shape eventShape() {
    return components.get(0).eventShape();
  }

  /** {@inheritDoc} logsumexp over the components of log weight + log density. */
  @Override
  public Tensor logProb(Tensor x) {
    List<Tensor> parts = components.stream().map(c -> c.logProb(x)).toList();
    Tensor joined = Tensor.stack(parts.get(0).shape().rank(), parts.toArray(Tensor[]::new));
    return joined.add(logits.logSoftmax(-1)).logsumexp(-1);
  }

  /** {@inheritDoc} All components draw, and of those draws the chosen one counts. */
  @Override
  public Tensor sample(Key key, int... sampleShape) {
    Tensor gumbel = Noise.gumbel(key.split("which"), logits.type(), sampleShape);
    Tensor which = gumbel.add(logits).argmax(-1);
    Tensor drawn = components.get(0).sample(key.fold(0), sampleShape);
    Tensor index = which.reshape(which.shape().concat(ones(eventShape())));
    for (int k = 1; k < components.size(); k++) {
      Tensor other = components.get(k).sample(key.fold(k), sampleShape);
      drawn = index.equal(k).select(other, drawn);
    }
    return drawn.stopGradient();
  }

  private static Shape ones(Shape shape) {
    int[] dims = shape.dims();
    java.util.Arrays.fill(dims, 1);
    return Shape.of(dims);
  }

  @Override
  public Tensor rsample(Key key, int... sampleShape) {
    throw Unsupported.rsample(this, "which component is drawn jumps with the logits");
  }

  @Override
  public Tensor entropy() {
    throw Unsupported.closedForm(this, "entropy");
  }

  /** The mean over the components of a number of theirs. */
  private Tensor average(Function<Distribution, Tensor> of) {
    Tensor shares = logits.softmax(-1);
    List<Tensor> terms = new ArrayList<>();
    for (int k = 0; k < components.size(); k++) {
      Tensor share = shares.slice(-1, k, k + 1).reshape(batchShape());
      Tensor value = of.apply(components.get(k));
      terms.add(value.mul(share.reshape(batchShape().concat(ones(eventShape())))));
    }
    return terms.stream().reduce(Tensor::add).orElseThrow();
  }

  @Override
  public Tensor mean() {
    return average(Distribution::mean);
  }

  /** {@inheritDoc} The mean of the components' variances plus the variance of their means. */
  @Override
  public Tensor variance() {
    Tensor mean = mean();
    return average(c -> c.variance().add(c.mean().sub(mean).square()));
  }

  /** {@inheritDoc} The mean of the components', for scalar events. */
  @Override
  public Tensor cdf(Tensor x) {
    if (eventShape().rank() > 0) {
      throw Unsupported.closedForm(this, "distribution function");
    }
    return average(c -> c.cdf(x));
  }

  /** A mixture of normals, each of one mean and standard deviation. */
  public static Mixture ofNormals(
      TensorType type, double[] shares, double[] locs, double[] scales) {
    List<Distribution> normals = new ArrayList<>();
    List<Tensor> logits = new ArrayList<>();
    for (int k = 0; k < shares.length; k++) {
      normals.add(Normal.of(locs[k], scales[k], type));
      logits.add(Tensor.fill(Math.log(shares[k]), type));
    }
    return new Mixture(Tensor.stack(type.shape().rank(), logits.toArray(Tensor[]::new)), normals);
  }
}
