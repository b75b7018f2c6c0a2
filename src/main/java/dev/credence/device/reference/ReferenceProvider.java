package dev.credence.device.reference;

import dev.credence.device.Device;
import dev.credence.device.DeviceProvider;
import dev.credence.device.Devices;
import java.util.List;
import java.util.Optional;

/** Finds the reference device, which is always there. */
public final class ReferenceProvider implements DeviceProvider {
  /** For the service loader. */
  public ReferenceProvider() {}

  @Override
  public List<Devices.Entry> entries() {
    Device.Limits limits;
    try (Device device = new ReferenceDevice()) {
      limits = device.limits();
    }
    return List.of(new Devices.Entry("reference", Optional.of(limits), limits.description()));
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public Device open(String name) {
    return new ReferenceDevice();
  }
}
