package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.Shape;
import java.util.List;

/** W8: a Bayesian MLP 784-400-400-10, T draws of the weights for 1000 images, mean and entropy. */
final class W8BnnPredict {
  static final int BATCH = 1000;
  static final int SAMPLES = 100;
  static final int[] WIDTHS = {784, 400, 400, 10};

  private record Given(List<BayesianLayer> layers, Digits batch) {}

  /** Standard deviations of weights and biases: softplus is taken once and not for every draw. */
  private record Scale(Tensor weight, Tensor bias) {}

  private W8BnnPredict() {}

  static Workload on(Device device, int samples, int chunk) {
    Predictive.Draws<Given, List<Scale>> draws =
        new Predictive.Draws<>() {
          @Override
          public List<Scale> shared(Given given) {
            return given.layers().stream()
                .map(l -> new Scale(l.weight().sigma(), l.bias().sigma()))
                .toList();
          }

          @Override
          public Tensor logits(Given given, List<Scale> scales, int draws) {
            Tensor h = given.batch().x();
            for (int i = 0; i < scales.size(); i++) {
              Key key = Key.ROOT.split("noise").fold(i);
              BayesianLayer layer = given.layers().get(i);
              Tensor w = sample(layer.weight().mu(), scales.get(i).weight(), draws, key.fold(0));
              Tensor b = sample(layer.bias().mu(), scales.get(i).bias(), draws, key.fold(1));
              h = (i == 0 ? h : h.relu()).matmul(w.transpose()).add(b.unsqueeze(1));
            }
            return h;
          }
        };
    Given given = new Given(BayesianLayer.stack(-3, WIDTHS), Digits.batch(BATCH, WIDTHS[0]));
    return new Predictive<>(device, given, draws, BATCH, samples, chunk);
  }

  /** Draws of an array along a new first axis. */
  private static Tensor sample(Tensor mu, Tensor sigma, int draws, Key key) {
    Shape all = Shape.of(draws).concat(mu.shape());
    Tensor noise = Tensor.of(new Draw.Normal(new Draw.Layout(key, all, true, false)));
    return mu.add(sigma.mul(noise));
  }

  static Envelope envelope(int samples) {
    double parameters = Dense.parameters(WIDTHS);
    return Envelope.bytes(8 * parameters + 4.0 * BATCH * (WIDTHS[0] + 11))
        .flops((double) samples * BATCH * Dense.forwardFlops(WIDTHS))
        .normals(samples * parameters);
  }
}
