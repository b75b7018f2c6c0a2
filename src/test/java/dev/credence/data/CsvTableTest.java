package dev.credence.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTableTest {
  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("data.csv"), text);
  }

  private Table read(String text) throws IOException {
    return CsvTable.read(file(text));
  }

  /** The error that a text gives, without the folder. */
  private String error(String text) throws IOException {
    Path file = file(text);
    Exception error = assertThrows(DataException.class, () -> CsvTable.read(file));
    return String.valueOf(error.getMessage()).replace(folder + "/", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t", " ", "   ", ", ", " ;"})
  void detectsTheSeparator(String separator) throws IOException {
    Table table = read("a,b,c\n1,-2.5,3\n4,5e1,.5\n".replace(",", separator));
    assertEquals(List.of("a", "b", "c"), table.names());
    assertArrayEquals(new float[] {-2.5f, 50}, table.column("b"));
    assertArrayEquals(new float[][] {{3, 1}, {0.5f, 4}}, table.matrix(List.of("c", "a")));
  }

  @Test
  void namesColumnsByNumberWithoutAHeader() throws IOException {
    Table table = read("  0.5   1.5\n\n  2.5   3.5\n");
    assertEquals(List.of("1", "2"), table.names());
    assertEquals(2, table.rows());
    assertArrayEquals(new float[] {1.5f, 3.5f}, table.column("2"));
  }

  @Test
  void unquotes() throws IOException {
    Table table = read("\"fixed; acidity\";\"say \"\"pH\"\"\" ; c\n\"1\"; \"2\" ;3\n");
    assertEquals(List.of("fixed; acidity", "say \"pH\"", "c"), table.names());
    assertArrayEquals(new float[] {2}, table.column("say \"pH\""));
    assertEquals(List.of("fixed acidity", "b"), read("\"fixed acidity\" b\n1 2\n").names());
  }

  @Test
  void readsASingleColumn() throws IOException {
    assertEquals(List.of("fixed acidity"), read("fixed acidity\n1\n2\n").names());
  }

  @Test
  void skipsByteOrderMarkBlankLinesAndCarriageReturns() throws IOException {
    Table table = read("\ufeffa,b\r\n\r\n1,2\r\n   \r\n3,4\r\n");
    assertEquals(List.of("a", "b"), table.names());
    assertArrayEquals(new float[] {1, 3}, table.column("a"));
    assertArrayEquals(new float[] {1, 3}, read("a b\r\n1 2\r\n3 4\r\n").column("a"));
  }

  @Test
  void needsNoLineEndAtTheEnd() throws IOException {
    assertArrayEquals(new float[] {2}, read("a,b\n1,2").column("b"));
    assertArrayEquals(new float[] {2}, read("a b\n1 2").column("b"));
  }

  @Test
  void readsMoreRowsThanTheHeadItLooksAt() throws IOException {
    int rows = 40_000;
    String text =
        IntStream.range(0, rows).mapToObj(i -> i + ";" + 2 * i).collect(Collectors.joining("\n"));
    Table table = read("i;twice\n" + text);
    assertEquals(rows, table.rows());
    assertEquals(2f * (rows - 1), table.column("twice")[rows - 1]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a,b/1,2/3,x|data.csv, line 3, column 'b': 'x' is not a number.",
        "1,2/3,x|data.csv, line 2, column 2: 'x' is not a number.",
        "1,2/x,3|data.csv, line 2, column 1: 'x' is not a number.",
        "a b/1 2//3 0x1p3|data.csv, line 4, column 'b': '0x1p3' is not a number.",
        "a,b/1,2d|data.csv, line 2, column 'b': '2d' is not a number.",
        "a,b/1,|data.csv, line 2, column 'b': the value is missing.",
        "a,b/1,NaN|data.csv, line 2, column 'b': NaN is not a finite number.",
        "NaN,1/1,2|data.csv, line 1, column 1: NaN is not a finite number.",
        "a,b/-inf,1|data.csv, line 2, column 'a': -inf is not a finite number.",
        "a,b/1e39,1|data.csv, line 2, column 'a': 1e39 is too large for a 32-bit number.",
        "a;b/1,5;2|data.csv, line 2, column 'a': '1,5' is not a number, since decimals are written"
            + " with a point.",
        "a,b/1,2/3|data.csv, line 3: it has 1 field, but the first line has 2.",
        "a,b/1,2/3,4,5|data.csv, line 3: it has 3 fields, but the first line has 2.",
        "a b/1 2/3 4 5|data.csv, line 3: it has 3 fields, but the first line has 2.",
        "a,b,a/1,2,3|data.csv, line 1: columns 1 and 3 are both named 'a'.",
        "a,b/|data.csv has a header but no rows below it.",
        "//  /|data.csv is empty.",
      })
  void namesFileLineAndColumn(String text, String message) throws IOException {
    assertEquals(message, error(text.replace('/', '\n')));
  }

  @Test
  void refusesWhatIsNoTable() throws IOException {
    assertEquals("data.csv is empty.", error(""));
    assertEquals("data.csv is not a text file.", error("ab\0cd"));
    assertTrue(error("a,b\n\"1,2\n").startsWith("data.csv: Unclosed quoted field"));
    assertEquals(
        folder + " is a directory, not a table.",
        assertThrows(DataException.class, () -> CsvTable.read(folder)).getMessage());
    Path missing = folder.resolve("missing.csv");
    assertEquals(
        "There is no file " + missing + ".",
        assertThrows(DataException.class, () -> CsvTable.read(missing)).getMessage());
  }

  @Test
  void shortensLongText() throws IOException {
    String message = error("a,b\n1," + "x".repeat(1000) + "\n");
    assertTrue(message.length() < 120, message);
  }

  @Test
  void readsTextThatIsNotUtf8() throws IOException {
    Path file = folder.resolve("latin.csv");
    Files.write(file, "größe;b\n1;2\n".getBytes(StandardCharsets.ISO_8859_1));
    assertArrayEquals(new float[] {2}, CsvTable.read(file).column("b"));
  }

  @Test
  void listsTheColumnsThereAre() throws IOException {
    Table table = read("a,b\n1,2\n");
    Exception error = assertThrows(DataException.class, () -> table.column("c"));
    assertEquals(folder + "/data.csv has no column 'c'; it has a, b.", error.getMessage());
  }

  @Test
  void findsConstantColumns() throws IOException {
    assertEquals(List.of("a", "c"), read("a,b,c\n1,2,0\n1,3,-0.0\n").constantColumns());
  }

  @Test
  void givesAwayNoneOfItsArrays() throws IOException {
    Table table = read("a,b\n1,2\n");
    table.column("a")[0] = 7;
    assertEquals(1, table.column("a")[0]);
  }

  @Test
  void readsTheWineTable() {
    Path data =
        Path.of(Optional.ofNullable(System.getenv("CREDENCE_DATA")).orElse("../shared/data"));
    Path wine = data.resolve("tables/winequality-red.csv");
    assumeTrue(Files.exists(wine), "there is no " + wine);
    Table table = CsvTable.read(wine);
    assertEquals(1599, table.rows());
    assertEquals(12, table.names().size());
    assertEquals("fixed acidity", table.names().getFirst());
    int[] counts = new int[9];
    for (float quality : table.column("quality")) {
      counts[(int) quality]++;
    }
    assertArrayEquals(new int[] {0, 0, 0, 10, 53, 681, 638, 199, 18}, counts);
  }
}
