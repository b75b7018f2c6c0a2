package dev.credence.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
  @ParameterizedTest
  @CsvSource({
    "0.62514, 0.6251",
    "-0.000512345, -0.000512",
    "0, 0",
    "12.3456, 12.35",
    "123456, 123456",
    "1e9, 1.000e+09",
    "NaN, NaN",
    "0.00001234, 1.234e-05"
  })
  void numbers(double value, String text) {
    assertEquals(text, Text.number(value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"0.30000000000000004|0.3", "90000|90,000", "0|0", "-2e-7|-2E-7", "1.5e9|1.5E9"})
  void ticks(double value, String text) {
    assertEquals(text, Text.tick(value));
  }

  @ParameterizedTest
  @CsvSource({"0.0042, 4 ms", "3.14159, 3.1 s", "600, 10.0 min"})
  void seconds(double seconds, String text) {
    assertEquals(text, Text.seconds(seconds));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"1|1 row", "0|0 rows", "1599|1,599 rows"})
  void counts(long n, String text) {
    assertEquals(text, Text.count(n, "row"));
  }
}
