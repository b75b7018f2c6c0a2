package dev.credence.device;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DevicesTest {
  /** All share a device, but not one that somebody has closed. */
  @Test
  void aClosedDeviceIsOpenedAnew() {
    Device first = Devices.get("reference");
    assertSame(first, Devices.get("reference"));
    first.close();
    assertFalse(first.isOpen());
    assertThrows(IllegalStateException.class, () -> first.allocate(4));
    Device second = Devices.get("reference");
    assertNotSame(first, second);
    assertTrue(second.isOpen());
    second.allocate(4).close();
  }
}
