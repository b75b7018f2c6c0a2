package dev.credence.run;

import dev.credence.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Scratch memory of a device, leased by programs while they run, so that programs which never run
 * at the same time share it.
 */
final class Arenas {
  private static final Map<Device, Arenas> OF = new WeakHashMap<>();

  private final Device device;
  private final List<Device.Buffer> free = new ArrayList<>();
  private int programs;

  private Arenas(Device device) {
    this.device = device;
  }

  static Arenas of(Device device) {
    synchronized (OF) {
      return OF.computeIfAbsent(device, Arenas::new);
    }
  }

  /** Counts a program that may lease. */
  synchronized void join() {
    programs++;
  }

  /** Forgets a program; the last one to leave gives all scratch memory back. */
  synchronized void leave() {
    if (--programs == 0) {
      free.forEach(Device.Buffer::close);
      free.clear();
    }
  }

  /** An arena of at least this size, the one used last if it will do. */
  synchronized Device.Buffer lease(long bytes, Device.@Nullable Buffer last) {
    int found = -1;
    for (int i = 0; i < free.size(); i++) {
      Device.Buffer arena = free.get(i);
      if (arena == last) {
        found = i;
        break;
      }
      if (arena.bytes() >= bytes && (found < 0 || arena.bytes() < free.get(found).bytes())) {
        found = i;
      }
    }
    if (found >= 0) {
      return free.remove(found);
    }
    // A larger arena replaces one that lies idle and has become too small.
    if (!free.isEmpty()) {
      free.remove(free.size() - 1).close();
    }
    return device.allocate(bytes);
  }

  /** Gives an arena back. */
  synchronized void release(Device.Buffer arena) {
    if (programs == 0) {
      arena.close();
    } else {
      free.add(arena);
    }
  }
}
