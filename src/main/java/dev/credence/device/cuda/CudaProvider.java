package dev.credence.device.cuda;

import dev.credence.device.Device;
import dev.credence.device.DeviceProvider;
import dev.credence.device.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the CUDA devices: cuda:0, cuda:1 and so on. */
public final class CudaProvider implements DeviceProvider {
  private static final String KIND = "cuda:";

  /** For the service loader. */
  public CudaProvider() {}

  @Override
  public List<Devices.Entry> entries() {
    CudaLibraries libraries = CudaLibraries.load();
    if (!libraries.present()) {
      return List.of(new Devices.Entry("cuda", Optional.empty(), libraries.sentence()));
    }
    List<Devices.Entry> entries = new ArrayList<>();
    try {
      for (int i = 0; i < Driver.deviceCount(); i++) {
        Device.Limits limits = CudaDevice.limits(i, CudaDevice.Products.chosen(libraries.blas()));
        entries.add(new Devices.Entry(KIND + i, Optional.of(limits), libraries.sentence()));
      }
      return List.copyOf(entries);
    } catch (CudaError e) {
      String reason = "The NVIDIA driver does not describe its devices: " + e.getMessage() + ".";
      return List.of(new Devices.Entry("cuda", Optional.empty(), reason));
    }
  }

  /** Above all others, but not over a driver that was named by hand: that one must be asked for. */
  @Override
  public int preference() {
    return CudaLibraries.load().driverByHand() ? -1 : 30;
  }

  @Override
  public Device open(String name) {
    return new CudaDevice(Integer.parseInt(name.substring(KIND.length())));
  }
}
