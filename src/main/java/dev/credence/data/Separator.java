package dev.credence.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands between the fields of a line; an earlier one is taken where several would do. */
enum Separator {
  TAB('\t'),
  SEMICOLON(';'),
  COMMA(','),
  /** Any run of blanks. */
  BLANKS(' ');

  private static final Pattern WORD = Pattern.compile("\"((?:[^\"]|\"\")*)\"|\\S+");
  private static final int LINES = 50;

  private final char sign;

  Separator(char sign) {
    this.sign = sign;
  }

  char sign() {
    return sign;
  }

  /**
   * The separator that cuts all lines into the same number of fields, or else, where a line is
   * damaged, the one that cuts the first line most often.
   *
   * @param head how the file begins
   * @param cut whether the last line of it may be incomplete
   */
  static Separator detect(String head, boolean cut) {
    List<String> lines = new ArrayList<>(head.lines().toList());
    if (cut && lines.size() > 1) {
      lines.removeLast();
    }
    lines.removeIf(String::isBlank);
    List<String> first = lines.subList(0, Math.min(LINES, lines.size()));
    if (first.isEmpty()) {
      return COMMA;
    }
    for (Separator separator : values()) {
      int fields = separator.count(first.getFirst());
      if (fields > 1 && first.stream().allMatch(line -> separator.count(line) == fields)) {
        return separator;
      }
    }
    // A single column, though its header may be of several words.
    if (first.stream()
        .skip(1)
        .allMatch(line -> Arrays.stream(values()).allMatch(s -> s.count(line) == 1))) {
      return COMMA;
    }
    return Stream.of(TAB, SEMICOLON, COMMA)
        .filter(s -> s.count(first.getFirst()) > 1)
        .max(Comparator.comparingInt(s -> s.count(first.getFirst())))
        .orElse(BLANKS);
  }

  /** How many fields it cuts a line into. */
  private int count(String line) {
    if (this == BLANKS) {
      return split(line).size();
    }
    int fields = 1;
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '"') {
        quoted = !quoted;
      } else if (line.charAt(i) == sign && !quoted) {
        fields++;
      }
    }
    return fields;
  }

  /** A line's fields where blanks separate them. */
  List<String> split(String line) {
    List<String> fields = new ArrayList<>();
    Matcher words = WORD.matcher(line);
    while (words.find()) {
      String quoted = words.group(1);
      fields.add(quoted == null ? words.group() : quoted.replace("\"\"", "\""));
    }
    return fields;
  }
}
