package dev.credence.app;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Numbers as people read them; the same in every country. */
final class Text {
  private Text() {}

  /** Four digits that matter, without a power of ten where one can do without. */
  static String number(double value) {
    double size = Math.abs(value);
    if (value == 0 || !Double.isFinite(value)) {
      return value == 0 ? "0" : String.valueOf(value);
    }
    if (size < 1e-4 || size >= 1e7) {
      return format("%.3e", value);
    }
    int decimals = Math.clamp(3 - (int) Math.floor(Math.log10(size)), 0, 6);
    return format("%." + decimals + "f", value);
  }

  /** A number on an axis: as short as can be. */
  static String tick(double value) {
    double size = Math.abs(value);
    boolean plain = size < 1e-12 || (size >= 1e-4 && size < 1e7);
    String pattern = plain ? "#,##0.######" : "0.##E0";
    return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
  }

  /** A part of a whole, in percent. */
  static String percent(double part) {
    return format("%.1f%%", 100 * part);
  }

  /** A duration, in a unit that suits it. */
  static String seconds(double seconds) {
    return seconds < 1
        ? format("%.0f ms", 1000 * seconds)
        : seconds < 120 ? format("%.1f s", seconds) : format("%.1f min", seconds / 60);
  }

  /** A duration of a step, in a unit that suits it. */
  static String micros(double micros) {
    return micros < 1000 ? format("%.1f us", micros) : format("%.2f ms", micros / 1000);
  }

  /** An amount of memory. */
  static String bytes(long bytes) {
    return bytes < 1L << 30
        ? format("%.0f MiB", bytes / 0x1p20)
        : format("%.1f GiB", bytes / 0x1p30);
  }

  /** What a column is called; one without a name has its number. */
  static String column(String name) {
    return name.chars().allMatch(Character::isDigit) ? "column " + name : name;
  }

  /** A count with its noun. */
  static String count(long n, String noun) {
    return format("%,d %s%s", n, noun, n == 1 ? "" : "s");
  }

  /** {@link String#format} in no country's notation. */
  static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }
}
