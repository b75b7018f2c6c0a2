package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.tensor.Key;
import java.util.Map;

/** W9: a training step of LeNet with dropout, gradient descent with momentum. */
final class W9CnnTraining {
  static final int BATCH = 128;

  private W9CnnTraining() {}

  static Workload on(Device device) {
    return new Training<>(
        device,
        LeNet.initial(),
        Digits.batch(BATCH, 1, 28, 28),
        Optimizer.MOMENTUM,
        (net, batch) ->
            Map.of(
                "loss", batch.nll(net.logits(net.features(batch.x()), Key.ROOT.split("masks")))));
  }

  static Envelope envelope() {
    return Envelope.bytes(LeNet.PARAMETERS * Optimizer.MOMENTUM.bytesPerParameter())
        .flops(BATCH * (2 * LeNet.FIRST_FLOPS + 3 * LeNet.REST_FLOPS))
        .words(BATCH * LeNet.MASKED);
  }
}
