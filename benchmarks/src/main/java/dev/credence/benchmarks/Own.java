package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import java.io.IOException;

/** Credence as a measured process; its argument names the device. */
final class Own {
  private Own() {}

  public static void main(String[] args) throws IOException {
    Device device = Devices.get(args[0]);
    Server.serve(id -> Suite.open(id, device));
  }
}
