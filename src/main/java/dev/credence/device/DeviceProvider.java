package dev.credence.device;

import java.util.List;

/** Finds the devices of one kind; registered as a service, one line a kind. */
public interface DeviceProvider {
  /** The devices of this kind, or one entry that says why there is none. Never throws. */
  List<Devices.Entry> entries();

  /** Which kind is taken when nobody chooses: the largest number among those present. */
  int preference();

  /** Opens one of the entries that are present. */
  Device open(String name);
}
