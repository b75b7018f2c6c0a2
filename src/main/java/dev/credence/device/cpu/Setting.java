package dev.credence.device.cpu;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A choice the user makes from outside: a system property, else an environment variable. */
final class Setting {
  private Setting() {}

  /** The value of property {@code name}, else of the variable {@code NAME}, else null. */
  static @Nullable String of(String name) {
    String value = System.getProperty(name);
    if (value == null) {
      value = System.getenv(variable(name));
    }
    return value == null || value.isBlank() ? null : value.strip();
  }

  static IllegalArgumentException refused(String name, String expected, String value) {
    return new IllegalArgumentException(
        name + " (or " + variable(name) + ") takes " + expected + ", not '" + value + "'.");
  }

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT).replace('.', '_');
  }
}
