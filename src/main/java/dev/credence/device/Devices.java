package dev.credence.device;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds and opens devices. A process opens each device once and shares it.
 *
 * <p>The property credence.device, or else the variable CREDENCE_DEVICE, names the device that
 * {@link #best()} gives; without them it is the most preferred one present.
 */
public final class Devices {
  private static final System.Logger LOG = System.getLogger(Devices.class.getName());
  private static final Map<String, Device> OPEN = new HashMap<>();
  private static boolean logged;

  private Devices() {}

  /**
   * A device that is there, or one that is not.
   *
   * @param name what it is asked for by
   * @param limits what it can do; empty if absent
   * @param reason in one sentence, why it is absent, or what was found
   */
  public record Entry(String name, Optional<Device.Limits> limits, String reason) {}

  private static List<DeviceProvider> providers() {
    List<DeviceProvider> providers = new ArrayList<>();
    ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader())
        .forEach(providers::add);
    providers.sort(Comparator.comparingInt(DeviceProvider::preference).reversed());
    return providers;
  }

  /** Every device, the most preferred first, present or not. */
  public static List<Entry> all() {
    return providers().stream().flatMap(p -> p.entries().stream()).toList();
  }

  /**
   * The device chosen by credence.device or CREDENCE_DEVICE, else the most preferred one present.
   *
   * @throws IllegalArgumentException if the one asked for is not there
   */
  public static Device best() {
    String asked = System.getProperty("credence.device");
    String where = "the property credence.device asks for it";
    if (asked == null) {
      asked = System.getenv("CREDENCE_DEVICE");
      where = "the variable CREDENCE_DEVICE asks for it";
    }
    if (asked == null || asked.isBlank() || asked.equals("auto")) {
      asked = null;
    }
    Device device = asked == null ? mostPreferred() : get(asked);
    log(device, asked == null ? "it is the most preferred device present" : where);
    return device;
  }

  private static Device mostPreferred() {
    for (Entry entry : all()) {
      if (entry.limits().isPresent()) {
        return get(entry.name());
      }
    }
    throw new IllegalStateException("no device is present, not even the reference device");
  }

  private static synchronized void log(Device device, String why) {
    if (!logged) {
      logged = true;
      LOG.log(
          System.Logger.Level.INFO,
          "Credence runs on {0} ({1}): {2}.",
          device.name(),
          device.limits().description(),
          why);
    }
  }

  /**
   * The device of this name; auto is {@link #best()}, and a kind without a number, such as opencl,
   * means the first of that kind. All who ask are given the same one, until it is closed or lost.
   *
   * @throws IllegalArgumentException in one sentence, if there is none of this name or it is absent
   */
  public static Device get(String name) {
    if (name.equals("auto")) {
      return best();
    }
    synchronized (OPEN) {
      @Nullable Device open = OPEN.get(name);
      if (open != null && open.isOpen()) {
        return open;
      }
      for (DeviceProvider provider : providers()) {
        for (Entry entry : provider.entries()) {
          if (entry.name().equals(name + ":0")) {
            return get(entry.name());
          }
          if (entry.name().equals(name)) {
            if (entry.limits().isEmpty()) {
              throw new IllegalArgumentException(
                  "device " + name + " is not available: " + entry.reason());
            }
            Device device = provider.open(name);
            OPEN.put(name, device);
            return device;
          }
        }
      }
    }
    throw new IllegalArgumentException(
        "there is no device "
            + name
            + "; known are "
            + all().stream().map(Entry::name).collect(Collectors.joining(", ")));
  }
}
