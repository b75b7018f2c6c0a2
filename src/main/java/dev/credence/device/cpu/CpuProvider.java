package dev.credence.device.cpu;

import dev.credence.device.Device;
import dev.credence.device.DeviceProvider;
import dev.credence.device.Devices;
import java.util.List;
import java.util.Optional;

/** Finds the CPU device, which is there if the native library is. */
public final class CpuProvider implements DeviceProvider {
  /** For the service loader. */
  public CpuProvider() {}

  @Override
  public List<Devices.Entry> entries() {
    Devices.Entry entry =
        NativeLibrary.load()
            .map(library -> CpuDevice.limits(library, WorkerPool.defaultThreads()))
            .map(limits -> new Devices.Entry("cpu", Optional.of(limits), limits.description()))
            .orElseGet(() -> new Devices.Entry("cpu", Optional.empty(), NativeLibrary.whyAbsent()));
    return List.of(entry);
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
