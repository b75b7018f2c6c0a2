package dev.credence.device;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Remembers which source line allocated each buffer that has not been given back, so that a device
 * closed with memory still out can say whose it is.
 */
public final class Leaks {
  private static final System.Logger LOG = System.getLogger(Leaks.class.getName());
  private static final StackWalker WALKER = StackWalker.getInstance();
  private static final int SHOWN = 8;
  private static final Map<Device.Buffer, String> OUT =
      Collections.synchronizedMap(new IdentityHashMap<>());

  private Leaks() {}

  /** Notes a buffer and the first source line outside Credence that asked for it. */
  public static <B extends Device.Buffer> B opened(B buffer) {
    OUT.put(buffer, WALKER.walk(Leaks::line));
    return buffer;
  }

  /** Notes that a buffer was given back. */
  public static void closed(Device.Buffer buffer) {
    OUT.remove(buffer);
  }

  /** What a device's users still hold, in one sentence; empty if nothing. */
  public static Optional<String> of(Device device) {
    List<String> lines = new ArrayList<>();
    long bytes = 0;
    synchronized (OUT) {
      for (Map.Entry<Device.Buffer, String> entry : OUT.entrySet()) {
        if (entry.getKey().device() == device) {
          bytes += entry.getKey().bytes();
          lines.add(entry.getKey().bytes() + " bytes at " + entry.getValue());
        }
      }
    }
    if (lines.isEmpty()) {
      return Optional.empty();
    }
    String shown = lines.stream().limit(SHOWN).collect(Collectors.joining(", "));
    return Optional.of(
        "device "
            + device.name()
            + " is closed while "
            + bytes
            + " bytes in "
            + lines.size()
            + " buffers were not given back, allocated: "
            + shown
            + (lines.size() > SHOWN ? " and elsewhere." : "."));
  }

  /** Logs what a device's users still hold and forgets it; a device calls this as it closes. */
  public static void report(Device device) {
    of(device).ifPresent(sentence -> LOG.log(System.Logger.Level.WARNING, sentence));
    synchronized (OUT) {
      OUT.keySet().removeIf(buffer -> buffer.device() == device);
    }
  }

  private static String line(java.util.stream.Stream<StackWalker.StackFrame> frames) {
    List<StackWalker.StackFrame> all =
        frames.filter(f -> !f.getClassName().startsWith("java.")).toList();
    return all.stream()
        .filter(f -> !f.getClassName().startsWith("dev.credence."))
        .findFirst()
        .or(() -> all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1)))
        .map(f -> f.getFileName() + ":" + f.getLineNumber())
        .orElse("an unknown line");
  }
}
