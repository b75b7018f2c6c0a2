package dev.credence.compile;

import dev.credence.kernel.Params;
import dev.credence.tensor.Key;
import dev.credence.tensor.Source;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where run-time numbers and stream keys stand in a program's parameter block. */
public final class Words {
  private final Map<Object, Integer> words = new LinkedHashMap<>();
  private int next = Params.FIRST_FREE;

  Words() {}

  /** The first word of a number (one word) or key (two words); given out on first use. */
  int of(Object what) {
    if (what instanceof Source.Number number && number.name().equals(Source.Number.STEP)) {
      return Params.STEP;
    }
    return words.computeIfAbsent(
        what,
        w -> {
          int word = next;
          next += w instanceof Key ? 2 : 1;
          return word;
        });
  }

  /** All numbers and keys with their first word. */
  public Map<Object, Integer> all() {
    return words;
  }

  /** Number of words in the block. */
  public int size() {
    return next;
  }
}
