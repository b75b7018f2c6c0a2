package dev.credence.device.opencl;

import dev.credence.device.Device;
import dev.credence.device.DeviceProvider;
import dev.credence.device.Devices;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lwjgl.PointerBuffer;
import org.lwjgl.opencl.CL10;
import org.lwjgl.system.MemoryStack;

/** Finds the devices of all OpenCL platforms, once; GPUs come first. */
public final class OpenClProvider implements DeviceProvider {
  /** A GPU is preferred to the CPU device, another way to the same processor is not. */
  private static final int GPU = 20;

  private static final int OTHER = 5;

  private record Found(List<Devices.Entry> entries, List<Hardware> usable) {}

  private record Handle(long platform, long device) {}

  private static @Nullable Found found;

  /** For the service loader. */
  public OpenClProvider() {}

  @Override
  public List<Devices.Entry> entries() {
    return found().entries;
  }

  @Override
  public int preference() {
    return found().usable.stream().anyMatch(h -> Hardware.isGpu(h.device())) ? GPU : OTHER;
  }

  @Override
  public Device open(String name) {
    return new OpenClDevice(hardware(name));
  }

  /** A device that may be opened. */
  static Hardware hardware(String name) {
    return found().usable.stream()
        .filter(hardware -> hardware.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("There is no device " + name + "."));
  }

  private static synchronized Found found() {
    if (found == null) {
      found = find();
    }
    return found;
  }

  private static Found find() {
    Optional<String> absence = OpenClLibrary.whyAbsent();
    if (absence.isPresent()) {
      return absent(absence.get());
    }
    List<Long> platforms = platforms();
    if (platforms.isEmpty()) {
      return absent("The OpenCL loader knows no platform: no driver is installed.");
    }
    List<Handle> handles = new ArrayList<>();
    platforms.forEach(platform -> handles.addAll(devices(platform)));
    if (handles.isEmpty()) {
      return absent("The OpenCL drivers that are installed find no device of theirs.");
    }
    handles.sort(Comparator.comparingInt(OpenClProvider::rank));
    List<Devices.Entry> entries = new ArrayList<>();
    List<Hardware> usable = new ArrayList<>();
    for (Handle handle : handles) {
      String name = "opencl:" + entries.size();
      Hardware hardware = Hardware.of(name, handle.platform, handle.device);
      Optional<String> refusal = hardware.whyRefused();
      if (refusal.isEmpty()) {
        usable.add(hardware);
      }
      entries.add(
          refusal
              .map(why -> new Devices.Entry(name, Optional.empty(), why))
              .orElseGet(
                  () ->
                      new Devices.Entry(
                          name, Optional.of(hardware.limits()), hardware.limits().description())));
    }
    return new Found(List.copyOf(entries), List.copyOf(usable));
  }

  private static Found absent(String why) {
    return new Found(List.of(new Devices.Entry("opencl", Optional.empty(), why)), List.of());
  }

  private static int rank(Handle handle) {
    return Hardware.isGpu(handle.device) ? 0 : Hardware.isProcessor(handle.device) ? 2 : 1;
  }

  private static List<Long> platforms() {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer count = stack.callocInt(1);
      // A loader without drivers answers with an error of an extension.
      int code = CL10.clGetPlatformIDs(null, count);
      if (code != CL10.CL_SUCCESS || count.get(0) == 0) {
        return List.of();
      }
      PointerBuffer platforms = stack.callocPointer(count.get(0));
      CL10.clGetPlatformIDs(platforms, (IntBuffer) null);
      return list(platforms);
    }
  }

  private static List<Handle> devices(long platform) {
    try (MemoryStack stack = MemoryStack.stackPush()) {
      IntBuffer count = stack.callocInt(1);
      int code = CL10.clGetDeviceIDs(platform, CL10.CL_DEVICE_TYPE_ALL, null, count);
      if (code != CL10.CL_SUCCESS || count.get(0) == 0) {
        return List.of();
      }
      PointerBuffer devices = stack.callocPointer(count.get(0));
      CL10.clGetDeviceIDs(platform, CL10.CL_DEVICE_TYPE_ALL, devices, (IntBuffer) null);
      return list(devices).stream().map(device -> new Handle(platform, device)).toList();
    }
  }

  private static List<Long> list(PointerBuffer pointers) {
    List<Long> list = new ArrayList<>();
    for (int i = 0; i < pointers.capacity(); i++) {
      list.add(pointers.get(i));
    }
    return list;
  }
}
