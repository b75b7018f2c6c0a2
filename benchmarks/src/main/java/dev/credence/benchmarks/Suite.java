package dev.credence.benchmarks;

import dev.credence.device.Device;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All workloads, and how a word such as W5 or W8:30 becomes one. */
final class Suite {
  /**
   * A standard workload.
   *
   * @param id W1 to W10
   * @param title a few words
   * @param envelope what it cannot do without
   */
  record Entry(String id, String title, Envelope envelope) {}

  /** The standard workloads. */
  static final List<Entry> ALL =
      List.of(
          new Entry("W1", "sample-weights", W1SampleWeights.envelope(W1SampleWeights.N)),
          new Entry("W2", "gaussian-kl", W2GaussianKl.envelope(W2GaussianKl.N)),
          new Entry("W3", "bernoulli-mask", W3BernoulliMask.envelope(W3BernoulliMask.N)),
          new Entry("W4", "mc-dropout-predict", W4McDropout.envelope(W4McDropout.SAMPLES)),
          new Entry("W5", "bbb-train-step", W5BayesByBackprop.envelope(false)),
          new Entry("W5l", "bbb-local-reparam", W5BayesByBackprop.envelope(true)),
          new Entry("W6", "vae-train-step", W6Vae.envelope()),
          new Entry("W7", "flow-train-step", W7Flow.envelope()),
          new Entry("W8", "bnn-predict", W8BnnPredict.envelope(W8BnnPredict.SAMPLES)),
          new Entry("W9", "cnn-train-step", W9CnnTraining.envelope()),
          new Entry("W10", "tiny-step", W10TinyStep.envelope()));

  private Suite() {}

  /** The standard workload of a name. */
  static Optional<Entry> find(String id) {
    return ALL.stream().filter(e -> e.id().equals(id)).findFirst();
  }

  /**
   * A task, ready to run on a device: a standard workload, one of another size behind a colon (n of
   * W1 to W3, T of W4, W5 and W8), a product, or a ceiling. Null if there is none of this name.
   */
  static @Nullable Task open(String id, Device device) {
    String name = id.replaceFirst(":.*", "");
    String size = id.substring(name.length()).replaceFirst("^:", "");
    return switch (name) {
      case "product" -> new OwnProduct(device, Product.parse(size));
      case "copy" ->
          device.name().equals("cpu")
              ? new HostCopy(device.limits().threads())
              : new DeviceCopy(device);
      case "normals" -> Draws.normals(device);
      case "words" -> Draws.words(device);
      default -> workload(id, device);
    };
  }

  /** A workload by the same words, or null. */
  static @Nullable Workload workload(String id, Device device) {
    String name = id.replaceFirst(":.*", "");
    int size = id.equals(name) ? 0 : Integer.parseInt(id.substring(name.length() + 1));
    return switch (name) {
      case "W1" -> new W1SampleWeights(device, size > 0 ? size : W1SampleWeights.N);
      case "W2" -> new W2GaussianKl(device, size > 0 ? size : W2GaussianKl.N);
      case "W3" -> new W3BernoulliMask(device, size > 0 ? size : W3BernoulliMask.N);
      case "W4" -> W4McDropout.on(device, samples(size), chunk(device, samples(size), 10));
      case "W5" -> size > 0 ? new W5ManyDraws(device, size) : new W5BayesByBackprop(device, false);
      case "W5l" -> new W5BayesByBackprop(device, true);
      case "W6" -> W6Vae.on(device);
      case "W7" -> W7Flow.on(device);
      case "W8" -> W8BnnPredict.on(device, samples(size), chunk(device, samples(size), 1));
      case "W9" -> W9CnnTraining.on(device);
      case "W10" -> new W10TinyStep(device);
      default -> null;
    };
  }

  private static int samples(int size) {
    return size > 0 ? size : 100;
  }

  /** Draws at a time: few on a CPU, whose caches are small, and more where much runs at once. */
  private static int chunk(Device device, int samples, int onCpu) {
    int wanted = device.name().equals("cpu") ? onCpu : 50;
    for (int chunk = Math.min(Integer.getInteger("credence.chunk", wanted), samples); ; chunk--) {
      if (samples % chunk == 0) {
        return chunk;
      }
    }
  }
}
