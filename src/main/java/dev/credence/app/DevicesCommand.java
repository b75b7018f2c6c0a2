package dev.credence.app;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Lists the devices. */
@Command(
    name = "devices",
    description = "Lists every device with its limits, and why an absent one is absent.",
    mixinStandardHelpOptions = true)
final class DevicesCommand implements Runnable {
  private final PrintWriter out;

  DevicesCommand(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void run() {
    int width = Devices.all().stream().mapToInt(entry -> entry.name().length()).max().orElse(0);
    for (Devices.Entry entry : Devices.all()) {
      String name = entry.name() + " ".repeat(width - entry.name().length());
      String more = " ".repeat(width) + "  ";
      if (entry.limits().isPresent()) {
        Device.Limits limits = entry.limits().get();
        out.println(name + "  " + limits.description());
        out.println(more + limits(limits));
      } else {
        out.println(name + "  absent");
      }
      out.println(more + entry.reason());
    }
  }

  private static String limits(Device.Limits limits) {
    return String.join(
        ", ",
        bytes(limits.memoryBytes()) + " memory",
        bytes(limits.maxBufferBytes()) + " largest buffer",
        limits.threads() == 1 ? "1 thread" : limits.threads() + " threads",
        limits.float64() ? "float32 and float64" : "float32",
        limits.exactFloat32() ? "correctly rounded" : "not correctly rounded");
  }

  private static String bytes(long bytes) {
    if (bytes == Long.MAX_VALUE) {
      return "no limit of";
    }
    return Text.bytes(bytes) + " of";
  }
}
