package dev.credence.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.reference.ReferenceDevice;
import org.junit.jupiter.api.Test;

/** Memory that was not given back is told with the line that asked for it. */
class LeaksTest {
  @Test
  void aBufferStillOutIsToldWithItsLineAndSize() {
    ReferenceDevice device = new ReferenceDevice();
    Device.Buffer kept = device.allocate(96);
    Device.Buffer given = device.allocate(32);
    given.close();
    String sentence = Leaks.of(device).orElseThrow();
    assertTrue(sentence.contains("96 bytes at "), sentence);
    assertTrue(sentence.contains(".java:"), sentence);
    kept.close();
    assertTrue(Leaks.of(device).isEmpty());
    device.close();
    assertEquals(0, device.allocatedBytes());
  }
}
