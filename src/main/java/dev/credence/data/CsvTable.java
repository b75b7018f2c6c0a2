package dev.credence.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads tables of numbers from text files.
 *
 * <p>Fields are separated by commas, semicolons, tabs or any run of blanks; which one is seen from
 * the first lines. A first line without a single number is the header; in a file without one the
 * columns are named by their number, from 1. Fields may stand in double quotes, blank lines are
 * skipped. The text is UTF-8.
 *
 * <p>The file streams through: what is kept is four bytes a value.
 */
public final class CsvTable {
  /** How many characters of the file the separator is looked for in. */
  private static final int HEAD = 1 << 16;

  /** The longest line, or quoted field, that is taken for part of a table. */
  private static final int MAX_LINE = 1 << 24;

  private CsvTable() {}

  /** The fields of one line. */
  private record Line(long number, List<String> fields) {}

  /**
   * Reads a table.
   *
   * @param file the file
   * @return its columns
   * @throws DataException if it is missing or empty, its rows differ in length, or a value is not a
   *     finite number; the message names file, line and column
   */
  public static Table read(Path file) {
    refuseNoFile(file);
    try (BufferedReader reader = open(file)) {
      String head = peek(reader);
      if (head.indexOf('\0') >= 0) {
        throw new DataException(file + " is not a text file.");
      }
      Separator separator = Separator.detect(head, head.length() == HEAD);
      return new Reading(file).table(lines(reader, separator));
    } catch (CsvParseException e) {
      throw new DataException(file + ": " + sentence(e) + ".");
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(file + " cannot be read: " + sentence(e) + ".");
    }
  }

  private static void refuseNoFile(Path file) {
    if (!Files.exists(file)) {
      throw new DataException("There is no file " + file + ".");
    }
    if (Files.isDirectory(file)) {
      throw new DataException(file + " is a directory, not a table.");
    }
    if (!Files.isReadable(file)) {
      throw new DataException(file + " cannot be read: permission denied.");
    }
  }

  private static BufferedReader open(Path file) throws IOException {
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8), HEAD);
    reader.mark(1);
    if (reader.read() != '\ufeff') {
      reader.reset();
    }
    return reader;
  }

  private static String peek(BufferedReader reader) throws IOException {
    char[] head = new char[HEAD];
    int length = 0;
    reader.mark(HEAD);
    for (int n = 0; n >= 0 && length < HEAD; n = reader.read(head, length, HEAD - length)) {
      length += n;
    }
    reader.reset();
    return new String(head, 0, length);
  }

  private static String sentence(Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return (message == null ? cause.getClass().getSimpleName() : message).replaceFirst("\\.$", "");
  }

  private static Iterator<Line> lines(BufferedReader reader, Separator separator) {
    return separator == Separator.BLANKS
        ? new BlankSeparated(reader)
        : separated(reader, separator.sign());
  }

  private static Iterator<Line> separated(BufferedReader reader, char sign) {
    Iterator<CsvRecord> records =
        CsvReader.builder()
            .fieldSeparator(sign)
            .trimWhitespacesAroundQuotes(true)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .allowUnclosedQuote(false)
            .maxBufferSize(MAX_LINE)
            .ofCsvRecord(reader)
            .iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return records.hasNext();
      }

      @Override
      public Line next() {
        CsvRecord record = records.next();
        return new Line(
            record.getStartingLineNumber(),
            record.getFields().stream().map(String::strip).toList());
      }
    };
  }

  /** Lines whose fields are apart by any run of blanks. */
  private static final class BlankSeparated implements Iterator<Line> {
    private final BufferedReader reader;
    private long number;
    private @Nullable String text;

    BlankSeparated(BufferedReader reader) {
      this.reader = reader;
      advance();
    }

    private void advance() {
      number++;
      StringBuilder line = new StringBuilder();
      try {
        int c = reader.read();
        boolean end = c < 0;
        for (; c >= 0 && c != '\n'; c = reader.read()) {
          if (line.length() == MAX_LINE) {
            throw new IOException("line " + number + " is longer than " + MAX_LINE + " characters");
          }
          line.append((char) c);
        }
        text = end ? null : line.toString();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean hasNext() {
      return text != null;
    }

    @Override
    public Line next() {
      Line line = new Line(number, Separator.BLANKS.split(String.valueOf(text)));
      advance();
      return line;
    }
  }

  /** The state of reading one file. */
  private static final class Reading {
    private final Path file;
    private List<String> names = List.of();
    private boolean named;
    private float[][] columns = new float[0][];
    private int rows;

    Reading(Path file) {
      this.file = file;
    }

    Table table(Iterator<Line> lines) {
      boolean first = true;
      while (lines.hasNext()) {
        Line line = lines.next();
        if (line.fields().stream().allMatch(String::isEmpty) && line.fields().size() < 2) {
          continue;
        }
        if (first) {
          begin(line);
        }
        if (!first || !named) {
          add(line);
        }
        first = false;
      }
      if (rows == 0) {
        throw new DataException(
            first ? file + " is empty." : file + " has a header but no rows below it.");
      }
      for (int j = 0; j < columns.length; j++) {
        columns[j] = Arrays.copyOf(columns[j], rows);
      }
      return new Table(file.toString(), names, columns);
    }

    private void begin(Line line) {
      List<String> fields = line.fields();
      named = fields.stream().noneMatch(Numbers::looksLikeNumber);
      names =
          IntStream.range(0, fields.size())
              .mapToObj(
                  j -> named && !fields.get(j).isEmpty() ? fields.get(j) : String.valueOf(j + 1))
              .toList();
      for (int j = 0; j < names.size(); j++) {
        int earlier = names.indexOf(names.get(j));
        if (earlier < j) {
          throw new DataException(
              String.format(
                  "%s, line %d: columns %d and %d are both named '%s'.",
                  file, line.number(), earlier + 1, j + 1, names.get(j)));
        }
      }
      columns = new float[names.size()][16];
    }

    private void add(Line line) {
      if (line.fields().size() != names.size()) {
        throw new DataException(
            String.format(
                "%s, line %d: it has %s, but the first line has %d.",
                file, line.number(), count(line.fields().size()), names.size()));
      }
      if (rows == columns[0].length) {
        grow();
      }
      for (int j = 0; j < columns.length; j++) {
        String text = line.fields().get(j);
        try {
          columns[j][rows] = Numbers.parse(text);
        } catch (NumberFormatException e) {
          throw new DataException(
              String.format(
                  "%s, line %d, column %s: %s.",
                  file, line.number(), named ? "'" + names.get(j) + "'" : j + 1, e.getMessage()));
        }
      }
      rows++;
    }

    private void grow() {
      long capacity = rows + (rows >> 1) + 16L;
      // What is made of the table later, by row and in parts, takes as much again.
      if (capacity * columns.length * Float.BYTES > Runtime.getRuntime().maxMemory() / 4) {
        throw new DataException(
            String.format(
                "%s does not fit in memory: after %d rows of %d columns the Java heap of %d MiB is"
                    + " too small, which java -Xmx enlarges.",
                file, rows, columns.length, Runtime.getRuntime().maxMemory() >> 20));
      }
      for (int j = 0; j < columns.length; j++) {
        columns[j] = Arrays.copyOf(columns[j], (int) capacity);
      }
    }

    private static String count(int fields) {
      return fields == 1 ? "1 field" : fields + " fields";
    }
  }
}
