package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** W7: a step of RealNVP with 8 affine couplings in 64 dimensions (Dinh et al. 2017). */
final class W7Flow {
  static final int BATCH = 1024;
  static final int COUPLINGS = 8;
  static final int HALF = 32;
  static final int[] CONDITIONER = {HALF, 256, 256, 2 * HALF};

  private record Sample(Tensor x) {}

  private W7Flow() {}

  static Workload on(Device device) {
    Key key = Key.ROOT.split("flow");
    List<List<Dense>> initial =
        IntStream.range(0, COUPLINGS).mapToObj(i -> Dense.stack(key.fold(i), CONDITIONER)).toList();
    Sample sample = new Sample(Tensor.normal(key.split("x"), BATCH, 2 * HALF));
    return new Training<>(device, initial, sample, Optimizer.ADAM, W7Flow::terms);
  }

  private static Map<String, Tensor> terms(List<List<Dense>> couplings, Sample sample) {
    Tensor kept = sample.x().slice(1, 0, HALF);
    Tensor moved = sample.x().slice(1, HALF, 2 * HALF);
    Tensor logDeterminant = Tensor.scalar(0).broadcast(BATCH);
    for (List<Dense> conditioner : couplings) {
      Tensor out = Dense.mlp(conditioner, kept);
      Tensor scale = out.slice(1, 0, HALF).tanh();
      Tensor shift = out.slice(1, HALF, 2 * HALF);
      Tensor next = moved.mul(scale.exp()).add(shift);
      logDeterminant = logDeterminant.add(scale.sum(1));
      moved = kept;
      kept = next;
    }
    Tensor squares = kept.square().sum(1).add(moved.square().sum(1));
    Tensor nll = squares.mul(0.5).add(HALF * Math.log(2 * Math.PI)).sub(logDeterminant).meanAll();
    return Map.of("loss", nll);
  }

  static Envelope envelope() {
    double parameters = COUPLINGS * Dense.parameters(CONDITIONER);
    // The first conditioner alone sees data, which want no gradient.
    double flops =
        3 * COUPLINGS * Dense.forwardFlops(CONDITIONER) - 2.0 * CONDITIONER[0] * CONDITIONER[1];
    return Envelope.bytes(parameters * Optimizer.ADAM.bytesPerParameter()).flops(BATCH * flops);
  }
}
