package dev.credence.benchmarks.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.training.GradientCollector;
import dev.credence.benchmarks.Check;
import java.util.ArrayList;
import java.util.List;

/** W5 to W7, W9 and W10. */
final class DjlTraining {
  private DjlTraining() {}

  /** A training step: the loss of a subclass, its gradient, and an update in place. */
  abstract static class Step extends DjlTask {
    private record Slot(NDArray weight, NDArray first, NDArray second) {}

    private final List<Slot> slots = new ArrayList<>();
    private int step;

    Step(NDManager manager) {
      super(manager);
    }

    /** Makes an array a parameter. */
    NDArray parameter(NDArray array) {
      array.setRequiresGradient(true);
      slots.add(new Slot(array, array.zerosLike(), array.zerosLike()));
      return array;
    }

    abstract NDArray loss();

    @Override
    NDList compute() {
      NDArray loss;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        loss = loss();
        collector.backward(loss);
      }
      step++;
      for (Slot slot : slots) {
        NDArray gradient = slot.weight.getGradient();
        update(slot.weight, gradient, slot.first, slot.second, step);
        // Gradients add up over collectors.
        gradient.muli(0);
      }
      return new NDList(loss);
    }

    /** Adam. */
    void update(NDArray weight, NDArray gradient, NDArray first, NDArray second, int step) {
      first.muli(0.9f).addi(gradient.mul(0.1f));
      second.muli(0.999f).addi(gradient.square().muli(0.001f));
      double rate = 1e-3 / (1 - Math.pow(0.9, step));
      double unbias = 1 / Math.sqrt(1 - Math.pow(0.999, step));
      weight.subi(first.mul(rate).divi(second.sqrt().muli(unbias).addi(1e-8)));
    }

    @Override
    public String verify() {
      return Check.goesDown(
          () -> {
            try (NDScope scope = scope()) {
              return compute().get(0).getFloat();
            }
          });
    }

    NDArray dense(int in, int out) {
      return parameter(normal(out, in).muli(1 / Math.sqrt(in)));
    }

    NDArray bias(int out) {
      return parameter(zeros(out));
    }
  }

  private static NDArray nll(NDArray logits, NDArray y) {
    return logits.logSoftmax(-1).gather(y, 1).mean().neg();
  }

  /** W5 and W5l. */
  static final class BayesByBackprop extends Step {
    private static final int[] WIDTHS = {784, 1200, 1200, 10};
    private final boolean local;
    private final NDArray x = uniform(128, 784);
    private final NDArray y = classes(128);
    private final NDArray[] mu = new NDArray[6];
    private final NDArray[] rho = new NDArray[6];

    BayesByBackprop(NDManager manager, boolean local) {
      super(manager);
      this.local = local;
      for (int i = 0; i < 3; i++) {
        mu[2 * i] = dense(WIDTHS[i], WIDTHS[i + 1]);
        mu[2 * i + 1] = bias(WIDTHS[i + 1]);
        rho[2 * i] = parameter(zeros(WIDTHS[i + 1], WIDTHS[i]).subi(5));
        rho[2 * i + 1] = parameter(zeros(WIDTHS[i + 1]).subi(5));
      }
    }

    @Override
    NDArray loss() {
      NDArray h = x;
      NDArray kl = manager.create(0f);
      for (int i = 0; i < 3; i++) {
        NDArray in = i == 0 ? h : relu(h);
        NDArray sw = softplus(rho[2 * i]);
        NDArray sb = softplus(rho[2 * i + 1]);
        if (local) {
          NDArray mean = linear(in, mu[2 * i], mu[2 * i + 1]);
          NDArray variance = linear(in.square(), sw.square(), sb.square());
          NDArray noise = normal(mean.getShape().getShape());
          h = mean.add(variance.add(1e-12).sqrt().mul(noise));
        } else {
          h = linear(in, sample(mu[2 * i], sw), sample(mu[2 * i + 1], sb));
        }
        kl = kl.add(kl(mu[2 * i], sw)).add(kl(mu[2 * i + 1], sb));
      }
      return nll(h, y).add(kl.mul(1 / 60_000f));
    }

    private NDArray sample(NDArray mu, NDArray sigma) {
      return mu.add(sigma.mul(normal(mu.getShape().getShape())));
    }

    private static NDArray kl(NDArray mu, NDArray sigma) {
      return sigma.square().add(mu.square()).sub(1).mul(0.5f).sub(sigma.log()).sum();
    }

    @Override
    public String verify() {
      double expected = 0;
      double found = 0;
      try (NDScope scope = scope()) {
        for (int i = 0; i < 6; i++) {
          expected += Check.gaussianKl(mu[i].toFloatArray(), rho[i].toFloatArray());
          found += kl(mu[i], softplus(rho[i])).getFloat();
        }
      }
      Check.near("the KL", found, expected, 1e-5);
      return super.verify();
    }
  }

  /** W6. */
  static final class Vae extends Step {
    private final NDArray x = uniform(128, 784);
    private final NDArray[] w = {dense(784, 400), dense(400, 40), dense(20, 400), dense(400, 784)};
    private final NDArray[] b = {bias(400), bias(40), bias(400), bias(784)};

    Vae(NDManager manager) {
      super(manager);
    }

    @Override
    NDArray loss() {
      NDList code = linear(relu(linear(x, w[0], b[0])), w[1], b[1]).split(2, 1);
      NDArray mean = code.get(0);
      NDArray logVariance = code.get(1);
      NDArray z = mean.add(logVariance.mul(0.5f).exp().mul(normal(128, 20)));
      NDArray logits = linear(relu(linear(z, w[2], b[2])), w[3], b[3]);
      NDArray nll = softplus(logits).sub(logits.mul(x)).sum();
      NDArray kl = mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum().mul(0.5f);
      return nll.add(kl).div(128);
    }
  }

  /** W7. */
  static final class Flow extends Step {
    private static final int COUPLINGS = 8;
    private static final int[] WIDTHS = {32, 256, 256, 64};
    private final NDArray x = normal(1024, 64);
    private final NDArray[] w = new NDArray[3 * COUPLINGS];
    private final NDArray[] b = new NDArray[3 * COUPLINGS];

    Flow(NDManager manager) {
      super(manager);
      for (int i = 0; i < w.length; i++) {
        w[i] = dense(WIDTHS[i % 3], WIDTHS[i % 3 + 1]);
        b[i] = bias(WIDTHS[i % 3 + 1]);
      }
    }

    @Override
    NDArray loss() {
      NDList halves = x.split(2, 1);
      NDArray kept = halves.get(0);
      NDArray moved = halves.get(1);
      NDArray logDeterminant = zeros(1024);
      for (int c = 0; c < w.length; c += 3) {
        NDArray h = relu(linear(kept, w[c], b[c]));
        NDArray g = relu(linear(h, w[c + 1], b[c + 1]));
        NDList out = linear(g, w[c + 2], b[c + 2]).split(2, 1);
        NDArray scale = out.get(0).tanh();
        NDArray next = moved.mul(scale.exp()).add(out.get(1));
        logDeterminant = logDeterminant.add(scale.sum(new int[] {1}));
        moved = kept;
        kept = next;
      }
      NDArray squares = kept.square().sum(new int[] {1}).add(moved.square().sum(new int[] {1}));
      float constant = (float) (32 * Math.log(2 * Math.PI));
      return squares.mul(0.5f).add(constant).sub(logDeterminant).mean();
    }
  }

  /** W9. */
  static final class Cnn extends Step {
    private final NDArray x = uniform(128, 1, 28, 28);
    private final NDArray y = classes(128);
    private final LeNetWeights net = new LeNetWeights(this);

    Cnn(NDManager manager) {
      super(manager);
      net.all().forEach(this::parameter);
    }

    @Override
    NDArray loss() {
      return nll(net.logits(net.features(x)), y);
    }

    @Override
    void update(NDArray weight, NDArray gradient, NDArray first, NDArray second, int step) {
      first.muli(0.9f).addi(gradient);
      weight.subi(first.mul(0.01f));
    }
  }

  /** W10, one epoch of four steps. */
  static final class Tiny extends Step {
    private static final int ROWS = 455;
    private static final int BATCH = 128;
    private final NDArray x = normal(ROWS, 13);
    private final NDArray y = x.sum(new int[] {1}, true).sin();
    private final NDArray w1 = dense(13, 50);
    private final NDArray b1 = bias(50);
    private final NDArray w2 = dense(50, 1);
    private final NDArray b2 = bias(1);
    private NDArray batch = y;

    Tiny(NDManager manager) {
      super(manager);
    }

    @Override
    public int steps() {
      return 4;
    }

    @Override
    NDList compute() {
      NDList last = new NDList();
      for (NDArray rows :
          manager.randomPermutation(ROWS).split(new long[] {BATCH, 2 * BATCH, 3 * BATCH})) {
        batch = rows;
        last = super.compute();
      }
      return last;
    }

    private NDArray gather(NDArray from) {
      return from.getNDArrayInternal().embedding(batch, from, SparseFormat.DENSE).get(0);
    }

    @Override
    NDArray loss() {
      NDArray hidden = relu(linear(dropout(gather(x), 0.05), w1, b1));
      NDArray out = linear(dropout(hidden, 0.05), w2, b2);
      NDArray penalty = w1.square().sum().add(w2.square().sum()).mul(1e-4f);
      return out.sub(gather(y)).square().mean().add(penalty);
    }
  }
}
