package dev.credence.benchmarks;

import dev.credence.device.Device;
import dev.credence.device.Devices;
import java.io.IOException;

/** Credence as a measured process; its argument names the device. */
final class Own {
  private Own() {}

  public static void main(String[] args) throws IOException {
    Device device = Devices.get(args[0]);
    Server.serve(
        id -> {
          Task task = Suite.open(id, device);
          return task == null ? null : new Awaited(task, device);
        });
  }

  /** Work that a device may still be at when it has been handed over. */
  private record Awaited(Task task, Device device) implements Task {
    @Override
    public void run() {
      task.run();
      device.await();
    }

    @Override
    public String verify() {
      return task.verify();
    }

    @Override
    public int steps() {
      return task.steps();
    }

    @Override
    public void close() {
      task.close();
    }
  }
}
