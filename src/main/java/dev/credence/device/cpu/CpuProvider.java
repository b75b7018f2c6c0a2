package dev.credence.device.cpu;

import dev.credence.device.Device;
import dev.credence.device.DeviceProvider;
import dev.credence.device.Devices;
import java.util.List;
import java.util.Optional;

/** Finds the CPU, which is there wherever the C library was built and can be loaded. */
public final class CpuProvider implements DeviceProvider {
  /** For the service loader. */
  public CpuProvider() {}

  @Override
  public List<Devices.Entry> entries() {
    String absent = NativeLibrary.whyAbsent();
    if (!absent.isEmpty()) {
      return List.of(new Devices.Entry("cpu", Optional.empty(), absent));
    }
    Device.Limits limits;
    try (Device device = new CpuDevice()) {
      limits = device.limits();
    }
    return List.of(new Devices.Entry("cpu", Optional.of(limits), limits.description()));
  }

  @Override
  public int preference() {
    return 10;
  }

  @Override
  public Device open(String name) {
    return new CpuDevice();
  }
}
