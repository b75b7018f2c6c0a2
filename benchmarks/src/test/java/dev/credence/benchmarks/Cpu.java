package dev.credence.benchmarks;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.Device;
import dev.credence.device.Devices;

/** The cpu device, or a reason to skip the test. */
final class Cpu {
  private Cpu() {}

  static Device device() {
    Devices.Entry entry =
        Devices.all().stream().filter(e -> e.name().equals("cpu")).findFirst().orElseThrow();
    assumeTrue(entry.limits().isPresent(), entry.reason());
    return Devices.get("cpu");
  }
}
