package dev.credence.data;

import java.util.regex.Pattern;

/** What counts as a number in a table. */
final class Numbers {
  /** As Java reads them, but without its hexadecimal notation and its suffixes. */
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  private static final Pattern NOT_FINITE =
      Pattern.compile("[+-]?(nan|inf|infinity)", Pattern.CASE_INSENSITIVE);

  private static final Pattern DECIMAL_COMMA = Pattern.compile("[+-]?\\d+,\\d+");

  private Numbers() {}

  /** Whether a field was meant as a number, so that its line is no header. */
  static boolean looksLikeNumber(String text) {
    return NUMBER.matcher(text).matches()
        || NOT_FINITE.matcher(text).matches()
        || DECIMAL_COMMA.matcher(text).matches();
  }

  /**
   * A field's value.
   *
   * @throws NumberFormatException if it is not a finite number; the message says what it is
   */
  static float parse(String text) {
    if (NUMBER.matcher(text).matches()) {
      float value = Float.parseFloat(text);
      if (Float.isInfinite(value)) {
        throw new NumberFormatException(text + " is too large for a 32-bit number");
      }
      return value;
    }
    if (text.isEmpty()) {
      throw new NumberFormatException("the value is missing");
    }
    if (NOT_FINITE.matcher(text).matches()) {
      throw new NumberFormatException(text + " is not a finite number");
    }
    if (DECIMAL_COMMA.matcher(text).matches()) {
      throw new NumberFormatException(
          "'" + text + "' is not a number, since decimals are written with a point");
    }
    throw new NumberFormatException("'" + shortened(text) + "' is not a number");
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 37) + "...";
  }
}
