package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;

/** W4: LeNet with dropout left on: 100 images, T passes with fresh masks, mean and entropy. */
final class W4McDropout {
  static final int BATCH = 100;
  static final int SAMPLES = 100;

  private record Given(LeNet net, Digits batch) {}

  /** The first convolution lies before the first mask. */
  private record Shared(Tensor features) {}

  private W4McDropout() {}

  static Workload on(Device device, int samples, int chunk) {
    Predictive.Draws<Given, Shared> draws =
        new Predictive.Draws<>() {
          @Override
          public Shared shared(Given given) {
            return new Shared(given.net().features(given.batch().x()));
          }

          @Override
          public Tensor logits(Given given, Shared shared, int draws) {
            return given.net().logitsOfSamples(shared.features(), draws, Key.ROOT.split("masks"));
          }
        };
    Given given = new Given(LeNet.initial(), Digits.batch(BATCH, 1, 28, 28));
    return new Predictive<>(device, given, draws, BATCH, samples, chunk);
  }

  static Envelope envelope(int samples) {
    double passes = (double) BATCH * samples;
    return Envelope.bytes(4 * (LeNet.PARAMETERS + BATCH * (28 * 28 + 11)))
        .flops(BATCH * LeNet.FIRST_FLOPS + passes * LeNet.REST_FLOPS)
        .words(passes * LeNet.MASKED);
  }
}
