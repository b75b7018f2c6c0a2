package dev.credence.benchmarks.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.credence.benchmarks.Check;

/** W4 and W8: class probabilities averaged over draws, never all of them at once. */
final class DjlPredict {
  private static final int SAMPLES = 100;

  private DjlPredict() {}

  /** Mean probability and its entropy from a sum of probabilities. */
  private static NDList finish(NDArray sum) {
    NDArray mean = sum.divi(SAMPLES);
    NDArray entropy = mean.add(1e-12).log().muli(mean).sum(new int[] {1}).negi();
    return new NDList(mean, entropy);
  }

  private static String verify(DjlTask task) {
    try (NDScope scope = DjlTask.scope()) {
      NDList found = task.compute();
      return Check.predictive(found.get(0).toFloatArray(), found.get(1).toFloatArray());
    }
  }

  /** W4, the first convolution once for all draws. */
  static final class McDropout extends DjlTask {
    private static final int CHUNK = 10;
    private final LeNetWeights net = new LeNetWeights(this);
    private final NDArray x = uniform(100, 1, 28, 28);

    McDropout(NDManager manager) {
      super(manager);
    }

    @Override
    NDList compute() {
      NDArray sum = zeros(100, 10);
      NDArray features = net.features(x);
      for (int t = 0; t < SAMPLES; t += CHUNK) {
        try (NDScope scope = scope()) {
          NDArray repeated = features.tile(new long[] {CHUNK, 1, 1, 1});
          NDArray p = net.logits(repeated).softmax(-1);
          sum.addi(p.reshape(CHUNK, 100, 10).sum(new int[] {0}));
        }
      }
      return finish(sum);
    }

    @Override
    public String verify() {
      return DjlPredict.verify(this);
    }
  }

  /** W8, standard deviations once for all draws. */
  static final class BnnPredict extends DjlTask {
    private static final int[] WIDTHS = {784, 400, 400, 10};
    private final NDArray[] mu = new NDArray[6];
    private final NDArray[] rho = new NDArray[6];
    private final NDArray x = uniform(1000, 784);

    BnnPredict(NDManager manager) {
      super(manager);
      for (int i = 0; i < 3; i++) {
        long in = WIDTHS[i];
        long out = WIDTHS[i + 1];
        mu[2 * i] = normal(out, in).muli(1 / Math.sqrt(in));
        mu[2 * i + 1] = zeros(out);
        rho[2 * i] = zeros(out, in).subi(3);
        rho[2 * i + 1] = zeros(out).subi(3);
      }
    }

    @Override
    NDList compute() {
      NDArray sum = zeros(1000, 10);
      NDArray[] sigma = new NDArray[6];
      for (int i = 0; i < 6; i++) {
        sigma[i] = softplus(rho[i]);
      }
      for (int t = 0; t < SAMPLES; t++) {
        try (NDScope scope = scope()) {
          NDArray h = x;
          for (int i = 0; i < 3; i++) {
            NDArray w = sample(mu[2 * i], sigma[2 * i]);
            NDArray b = sample(mu[2 * i + 1], sigma[2 * i + 1]);
            h = linear(i == 0 ? h : relu(h), w, b);
          }
          sum.addi(h.softmax(-1));
        }
      }
      return finish(sum);
    }

    private NDArray sample(NDArray mu, NDArray sigma) {
      return normal(mu.getShape().getShape()).muli(sigma).addi(mu);
    }

    @Override
    public String verify() {
      return DjlPredict.verify(this);
    }
  }
}
