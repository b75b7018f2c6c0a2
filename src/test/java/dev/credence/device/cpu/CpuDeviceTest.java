package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.LoopText;
import dev.credence.kernel.RandomLoops;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The CPU device gives the reference device's bits. */
final class CpuDeviceTest {
  private static final int CASES = 1500;

  @Test
  void randomLoops() {
    NativeLibrary library = NativeLibrary.load().orElseThrow();
    try (ReferenceDevice reference = new ReferenceDevice();
        CpuDevice one = new CpuDevice(library, 1);
        CpuDevice two = new CpuDevice(library, 2);
        CpuDevice floor = new CpuDevice(library.atFloor(), 2)) {
      RandomLoops loops = new RandomLoops(1);
      for (int i = 0; i < CASES; i++) {
        RandomLoops.Case c = loops.next();
        List<MemorySegment> wanted = Twin.run(reference, c.loop(), c.arguments(), c.params());
        for (CpuDevice device : List.of(one, two, floor)) {
          List<MemorySegment> got = Twin.run(device, c.loop(), c.arguments(), c.params());
          String difference = Twin.difference(c.loop(), wanted, got);
          assertEquals("", difference, () -> LoopText.of(c.loop()));
        }
      }
    }
  }
}
