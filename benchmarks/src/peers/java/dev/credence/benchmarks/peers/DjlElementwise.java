package dev.credence.benchmarks.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import dev.credence.benchmarks.Check;

/** W1 to W3. In place wherever an operand is not needed any more: that is faster. */
final class DjlElementwise {
  private static final int N = 1 << 24;

  private DjlElementwise() {}

  /** W1. */
  static final class SampleWeights extends DjlTask {
    private final NDArray mu = normal(N).muli(0.1);
    private final NDArray rho = normal(N).muli(0.1).subi(3);

    SampleWeights(NDManager manager) {
      super(manager);
    }

    @Override
    NDList compute() {
      return new NDList(normal(N).muli(softplus(rho)).addi(mu));
    }

    @Override
    public String verify() {
      try (NDScope scope = scope()) {
        return Check.standardNormal(
            compute().get(0).toFloatArray(), mu.toFloatArray(), rho.toFloatArray());
      }
    }
  }

  /** W2, with the gradient written out: faster than collecting it. */
  static final class GaussianKl extends DjlTask {
    private final NDArray mu = normal(N).muli(0.1);
    private final NDArray rho = normal(N).muli(0.1).subi(3);

    GaussianKl(NDManager manager) {
      super(manager);
    }

    @Override
    NDList compute() {
      NDArray sigma = softplus(rho);
      NDArray squares = sigma.square().addi(mu.square()).subi(1).muli(0.5);
      NDArray kl = squares.subi(sigma.log()).sum();
      NDArray inverse = sigma.getNDArrayInternal().rdiv(1);
      NDArray drho = sigma.subi(inverse).muli(rho.getNDArrayInternal().sigmoid());
      return new NDList(kl, mu.duplicate(), drho);
    }

    @Override
    public String verify() {
      try (NDScope scope = scope()) {
        double expected = Check.gaussianKl(mu.toFloatArray(), rho.toFloatArray());
        NDList found = compute();
        Check.near("the KL", found.get(0).getFloat(), expected, 1e-5);
        double r = rho.getFloat(12345);
        double s = Math.log1p(Math.exp(r));
        double slope = (s - 1 / s) / (1 + Math.exp(-r));
        Check.near("a gradient", found.get(2).getFloat(12345), slope, 1e-4);
        return Check.text("KL %.8g of %.8g nats", found.get(0).getFloat(), expected);
      }
    }
  }

  /** W3, with the mask made by dropping out ones: 0 or 2, ready to multiply by. */
  static final class Mask extends DjlTask {
    private final NDArray x = normal(N);
    private final NDArray dy = normal(N);

    Mask(NDManager manager) {
      super(manager);
    }

    @Override
    NDList compute() {
      // Whole bits are drawn more than twice as fast as dropout's own.
      NDArray mask = manager.randomInteger(0, 2, x.getShape(), DataType.FLOAT32).muli(2);
      NDArray y = x.mul(mask);
      return new NDList(y, mask.muli(dy));
    }

    @Override
    public String verify() {
      try (NDScope scope = scope()) {
        NDList found = compute();
        return Check.halfKept(
            x.toFloatArray(),
            dy.toFloatArray(),
            found.get(0).toFloatArray(),
            found.get(1).toFloatArray());
      }
    }
  }
}
