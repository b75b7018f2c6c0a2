package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.run.Program;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * W5 and W5l: a step of Bayes by Backprop on an MLP 784-1200-1200-10, with one draw of the weights
 * (direct reparametrisation) or with drawn outputs (local reparametrisation).
 */
final class W5BayesByBackprop implements Workload {
  static final int BATCH = 128;
  static final int[] WIDTHS = {784, 1200, 1200, 10};
  static final double ROWS = 60_000;
  static final double INITIAL_RHO = -5;

  private final Training<List<BayesianLayer>, Digits> training;

  W5BayesByBackprop(Device device, boolean local) {
    training =
        new Training<>(
            device,
            BayesianLayer.stack(INITIAL_RHO, WIDTHS),
            Digits.batch(BATCH, WIDTHS[0]),
            Optimizer.ADAM,
            (layers, batch) -> terms(layers, batch, local));
  }

  private static Map<String, Tensor> terms(
      List<BayesianLayer> layers, Digits batch, boolean local) {
    Tensor nll = batch.nll(logits(layers, batch.x(), local));
    Tensor kl = kl(layers);
    return Map.of("nll", nll, "kl", kl, "loss", nll.add(kl.mul(1 / ROWS)));
  }

  static Tensor logits(List<BayesianLayer> layers, Tensor x, boolean local) {
    Tensor h = x;
    for (int i = 0; i < layers.size(); i++) {
      Key key = Key.ROOT.split("noise").fold(i);
      Tensor in = i == 0 ? h : h.relu();
      h = local ? layers.get(i).local(in, key) : layers.get(i).direct(in, key);
    }
    return h;
  }

  static Tensor kl(List<BayesianLayer> layers) {
    return layers.stream().map(BayesianLayer::kl).reduce(Tensor.scalar(0), Tensor::add);
  }

  static Envelope envelope(boolean local) {
    double parameters = 2.0 * Dense.parameters(WIDTHS);
    double products = BATCH * Dense.trainingFlops(WIDTHS);
    double outputs = BATCH * (WIDTHS[1] + WIDTHS[2] + WIDTHS[3]);
    return Envelope.bytes(parameters * Optimizer.ADAM.bytesPerParameter())
        .flops(local ? 2 * products : products)
        .normals(local ? outputs : Dense.parameters(WIDTHS));
  }

  @Override
  public void run() {
    training.run();
  }

  @Override
  public String verify() {
    double expected = 0;
    for (BayesianLayer layer : training.weights()) {
      for (Gaussian q : List.of(layer.weight(), layer.bias())) {
        expected += Check.gaussianKl(training.read(q.mu()), training.read(q.rho()));
      }
    }
    run();
    Check.near("the KL", training.term("kl"), expected, 1e-5);
    return training.verify();
  }

  @Override
  public List<Program> programs() {
    return training.programs();
  }

  @Override
  public void close() {
    training.close();
  }
}
