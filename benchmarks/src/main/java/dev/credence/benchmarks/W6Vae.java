package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * W6: a step of a variational autoencoder 784-400-(20, 20), 20-400-784 (Kingma and Welling 2014).
 */
final class W6Vae {
  static final int BATCH = 128;
  static final int LATENT = 20;
  static final int[] ENCODER = {784, 400, 2 * LATENT};
  static final int[] DECODER = {LATENT, 400, 784};

  private record Weights(List<Dense> encoder, List<Dense> decoder) {}

  private W6Vae() {}

  static Workload on(Device device) {
    Key key = Key.ROOT.split("vae");
    Weights initial =
        new Weights(
            Dense.stack(key.split("encoder"), ENCODER), Dense.stack(key.split("decoder"), DECODER));
    return new Training<>(
        device, initial, Digits.batch(BATCH, ENCODER[0]), Optimizer.ADAM, W6Vae::terms);
  }

  private static Map<String, Tensor> terms(Weights w, Digits batch) {
    Tensor x = batch.x();
    Tensor code = Dense.mlp(w.encoder(), x);
    Tensor mean = code.slice(1, 0, LATENT);
    Tensor logVariance = code.slice(1, LATENT, 2 * LATENT);
    Tensor noise = Tensor.normal(Key.ROOT.split("z"), BATCH, LATENT);
    Tensor z = mean.add(logVariance.mul(0.5).exp().mul(noise));
    Tensor logits = Dense.mlp(w.decoder(), z);
    // -log p(x | z) of Bernoulli pixels, for either sign of the logit.
    Tensor nll = logits.softplus().sub(logits.mul(x)).sumAll().mul(1.0 / BATCH);
    Tensor kl =
        mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sumAll().mul(0.5 / BATCH);
    return Map.of("nll", nll, "kl", kl, "loss", nll.add(kl));
  }

  static Envelope envelope() {
    double parameters = Dense.parameters(ENCODER) + Dense.parameters(DECODER);
    return Envelope.bytes(parameters * Optimizer.ADAM.bytesPerParameter())
        .flops(BATCH * (Dense.trainingFlops(ENCODER) + 3 * Dense.forwardFlops(DECODER)))
        .normals(BATCH * LATENT);
  }
}
