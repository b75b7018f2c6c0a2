package dev.credence.app;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import picocli.CommandLine.Option;

/** The option that says where to compute. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "NAME",
      description =
          "auto, cpu, reference or another that 'credence devices' lists (default:"
              + " ${DEFAULT-VALUE}).")
  private String name = "auto";

  /**
   * The device that it names.
   *
   * @throws UserError if there is none of that name
   */
  Device named() {
    try {
      return Devices.get(name);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()));
    }
  }
}
