package dev.credence.device.cpu;

import dev.credence.compile.Graph;
import dev.credence.grad.Gradients;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.train.Adam;
import dev.credence.train.Momentum;
import dev.credence.train.Optimizer;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The programs whose inner loops native/fused.c has passes for: what Bayesian nets spend their time
 * with beside products. Only the arithmetic counts; sizes, constants and layouts are any.
 */
final class HotPrograms {
  private static final Key KEY = Key.ROOT.split("hot");

  private final Map<String, Graph> programs = new LinkedHashMap<>();
  private final int rows;
  private final int columns;

  private HotPrograms(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
  }

  /**
   * All of them by name, in the order in which they are printed: over arrays so large that what two
   * loops need is computed twice, then over some so small that it is stored.
   */
  static Map<String, Graph> all() {
    Map<String, Graph> all = new LinkedHashMap<>(of(1200, 784));
    of(100, 100).forEach((name, program) -> all.put(name + "-near", program));
    return all;
  }

  /** The same over arrays of these extents. */
  static Map<String, Graph> of(int rows, int columns) {
    HotPrograms hot = new HotPrograms(rows, columns);
    hot.normals();
    hot.dropout();
    hot.layers();
    hot.losses();
    hot.updates("adam", new Adam());
    hot.updates("momentum", new Momentum());
    return hot.programs;
  }

  private record Gaussian(Tensor mu, Tensor rho) {
    Tensor sigma() {
      return rho.softplus();
    }

    Tensor sample() {
      return mu.add(sigma().mul(Tensor.normal(KEY, mu.shape().dims())));
    }

    Tensor kl() {
      Tensor sigma = sigma();
      return sigma.square().add(mu.square()).sub(1).mul(0.5).sub(sigma.log()).sumAll();
    }
  }

  private static Tensor array(String name, int... dims) {
    return Tensor.parameter(name, TensorType.of(DType.FLOAT32, dims));
  }

  private Gaussian gaussian() {
    return new Gaussian(array("mu", rows, columns), array("rho", rows, columns));
  }

  private void add(String name, Tensor... outputs) {
    add(name, List.of(outputs));
  }

  private void add(String name, List<Tensor> outputs) {
    List<Graph.Output> named = new ArrayList<>();
    for (Tensor output : outputs) {
      named.add(new Graph.Output("out" + named.size(), output));
    }
    programs.put(name, new Graph(named, List.of()));
  }

  private static List<Tensor> both(List<Tensor> first, List<Tensor> second) {
    return Stream.of(first, second).flatMap(List::stream).toList();
  }

  /** Weights that are normal distributions: drawn, and held against a standard normal. */
  private void normals() {
    Gaussian q = gaussian();
    Gaussian gradient = Gradients.of(q.kl(), q);
    Tensor sigma = array("sigma", rows, columns);
    add("normal", q.mu().add(sigma.mul(Tensor.normal(KEY, rows, columns))));
    add("normal-weights", q.sample());
    add("normal-weights-kl", q.kl(), q.sample());
    add("normal-variance-kl", q.kl(), q.sigma().square());
    add("normal-kl", q.kl());
    add("normal-kl-gradients", q.kl(), gradient.mu(), gradient.rho());
  }

  private Tensor kept(double keep) {
    return Tensor.of(new Draw.Bernoulli(Draw.Layout.rows(KEY, rows, columns), keep));
  }

  private Tensor dropped(Tensor x, double keep) {
    return kept(keep).select(x.mul(1 / keep), x.zerosLike());
  }

  private static Tensor gradient(Tensor loss, Tensor x) {
    return Gradients.of(loss, List.of(x)).get(0);
  }

  private void dropout() {
    Tensor x = array("x", rows, columns);
    Tensor dy = array("dy", rows, columns);
    Tensor relu = x.add(array("bias", columns)).relu();
    add("dropout", dropped(x, 0.5));
    add("dropout-gradient", gradient(dropped(x, 0.5).mul(dy).sumAll(), x));
    add("relu-dropout", dropped(relu, 0.5));
    add("relu-dropout-gradient", gradient(dropped(relu, 0.5).mul(dy).sumAll(), x));
    Tensor out = dropped(relu, 0.5).matmul(array("next", columns, 8)).square().sumAll();
    add("relu-dropout-layer", gradient(out, x));
  }

  /** Rectified neurons; the outputs of a Bayesian layer drawn themselves. */
  private void layers() {
    Tensor x = array("x", rows, columns);
    Tensor h = x.add(array("bias", columns)).relu();
    Tensor dh = array("dh", rows, columns);
    add("relu", h);
    Tensor kept = array("h", rows, columns);
    add("relu-gradient", Tensor.scalar(0).less(kept).select(dh, dh.zerosLike()));

    Tensor variance = array("variance", rows, columns).add(array("bias-variance", columns));
    Tensor noise = Tensor.normal(KEY, rows, columns);
    Tensor mean = x.add(array("bias", columns));
    Tensor drawn = mean.add(variance.add(1e-12).sqrt().mul(noise)).relu();
    add("drawn-outputs", drawn, drawn.square());
    // Its gradients as the next layer's two products hand them back.
    Tensor means = drawn.matmul(array("next", columns, 8)).square().sumAll();
    Tensor squares = drawn.square().matmul(array("next2", columns, 8)).square().sumAll();
    add("drawn-outputs-gradients", Gradients.of(means.add(squares), List.of(mean, variance)));
  }

  private void losses() {
    Tensor pixels = array("pixels", rows, columns).add(array("bias", columns));
    Tensor x = array("x", rows, columns);
    Tensor bernoulli = pixels.softplus().sub(pixels.mul(x)).sumAll().mul(1.0 / 128);
    add("bernoulli-loss", bernoulli, gradient(bernoulli, pixels));
  }

  /** Steps of optimizers, with the gradients of what lies between a product and its weights. */
  private void updates(String name, Optimizer optimizer) {
    Tensor g = array("g", rows, columns);
    Tensor p = array("p", rows, columns);
    List<Tensor> step = step(optimizer, p, g);
    add(name, step);
    // Weights of one shape are updated by one loop.
    List<Tensor> two =
        both(step, step(optimizer, array("p2", rows, columns), array("g2", rows, columns)));
    add(name + "-of-two", two);
    add(
        name + "-of-three",
        both(two, step(optimizer, array("p3", rows, columns), array("g3", rows, columns))));
    Gaussian q = gaussian();
    Tensor kl = q.kl().mul(1.0 / 60_000);
    Tensor variances = q.sigma().square().mul(array("g2", rows, columns)).sumAll();
    Gaussian drawn = Gradients.of(q.sample().mul(g).sumAll().add(kl), q);
    Gaussian local = Gradients.of(q.mu().mul(g).sumAll().add(variances).add(kl), q);
    List<Tensor> means = step(optimizer, q.mu(), drawn.mu());
    add(name + "-means", means);
    add(name + "-drawn-deviations", step(optimizer, q.rho(), drawn.rho()));
    add(name + "-drawn-normals", both(means, step(optimizer, q.rho(), drawn.rho())));
    add(name + "-deviations", step(optimizer, q.rho(), local.rho()));
    // Forward and backward in one.
    Tensor x = array("x", 8, columns);
    Tensor y = x.matmul(q.sample().transpose());
    Gaussian dq = Gradients.of(y.square().sumAll().add(kl), q);
    List<Tensor> steps = both(step(optimizer, q.mu(), dq.mu()), step(optimizer, q.rho(), dq.rho()));
    add(name + "-drawn-layer", both(List.of(q.kl()), steps));
    Tensor z = x.square().matmul(q.sigma().square().transpose());
    Gaussian lq = Gradients.of(q.mu().mul(g).sumAll().add(z.square().sumAll()).add(kl), q);
    steps = both(step(optimizer, q.mu(), lq.mu()), step(optimizer, q.rho(), lq.rho()));
    add(name + "-layer", both(List.of(q.kl()), steps));
    Tensor decay = p.square().sumAll();
    Tensor decaying = gradient(p.mul(g).sumAll().add(decay.mul(1e-4)), p);
    add(name + "-decay", both(List.of(decay), step(optimizer, p, decaying)));
  }

  /** What a parameter and its moments become. */
  private static List<Tensor> step(Optimizer optimizer, Tensor p, Tensor g) {
    List<Tensor> moments = new ArrayList<>();
    for (int i = 0; i < optimizer.slots(); i++) {
      moments.add(Tensor.parameter("moment" + i, p.type()));
    }
    Tensor count = Tensor.integer("count").cast(DType.FLOAT32);
    Optimizer.Leaf leaf = optimizer.leaf(p, g, moments, Tensor.number("rate"), count);
    return both(leaf.moments(), List.of(leaf.parameter()));
  }
}
