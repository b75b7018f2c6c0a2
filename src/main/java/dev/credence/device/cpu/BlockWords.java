package dev.credence.device.cpu;

import dev.credence.device.cpu.BlockProgram.Draw;
import dev.credence.device.cpu.BlockProgram.Fused;
import dev.credence.device.cpu.BlockProgram.Where;
import dev.credence.kernel.Scalar.NoiseKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The passes of the block interpreter by name, as the library lists them. */
final class BlockWords {
  private record Word(long address, boolean inPlace) {}

  private final Map<String, Word> words = new HashMap<>();
  private final Map<String, String> bodies = new HashMap<>();

  /**
   * Reads the library's tables.
   *
   * @param fused whether bodies that the library has a pass for are run by it
   */
  BlockWords(NativeLibrary library, boolean fused) {
    rows(library.address("cr_block_words"))
        .forEach(row -> words.put(text(row[0]), new Word(row[1], row[2] != 0)));
    if (fused) {
      for (long[] row : rows(library.address("cr_bodies"))) {
        bodies.put(text(row[1]), text(row[0]));
        words.put(fused(text(row[0])), new Word(row[2], true));
      }
    }
  }

  /** Rows of three addresses or numbers, ended by a null. */
  private static List<long[]> rows(long address) {
    MemorySegment table = MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE);
    List<long[]> rows = new ArrayList<>();
    for (long at = 0; table.get(ValueLayout.JAVA_LONG, at) != 0; at += 24) {
      rows.add(
          new long[] {
            table.get(ValueLayout.JAVA_LONG, at),
            table.get(ValueLayout.JAVA_LONG, at + 8),
            table.get(ValueLayout.JAVA_LONG, at + 16)
          });
    }
    return rows;
  }

  private static String text(long address) {
    return MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** The pass that computes the body of a name. */
  static String fused(String name) {
    return "fused " + name;
  }

  /** The name of a body, if the library has a pass for it. */
  Optional<String> body(String text) {
    return Optional.ofNullable(bodies.get(text));
  }

  boolean known(String word) {
    return words.containsKey(word);
  }

  long address(String word) {
    return word(word).address;
  }

  boolean inPlace(String word) {
    return word(word).inPlace;
  }

  private Word word(String word) {
    Word found = words.get(word);
    if (found == null) {
      throw new IllegalArgumentException("The block interpreter has no pass " + word + ".");
    }
    return found;
  }

  /** About how long a pass takes for one value; it decides only how many threads share the work. */
  static double nanos(String word, @Nullable Object more) {
    if (more instanceof Fused fused) {
      return fused.nanos();
    }
    return switch (word) {
      case "normal" -> drawsRuns(more) ? 0.6 : 20;
      case "bits" -> drawsRuns(more) ? 0.3 : 10;
      case "normal_at" -> 20;
      case "bits_at" -> 10;
      case "pow_f_vv", "pow_f_vs", "pow_f_sv" -> 1;
      case "exp_f", "log_f", "sin_f", "cos_f", "expm1_f", "log1p_f" -> 0.2;
      case "tanh_f", "sigmoid_f", "softplus_f", "erf_f" -> 0.3;
      case "div_f_vv", "div_f_vs", "div_f_sv", "sqrt_f", "rsqrt_f" -> 0.1;
      case "div_i_vv", "div_i_vs", "div_i_sv" -> 1;
      case "quotient", "remainder_of" -> 0.2;
      case "load_in_place", "stream", "land", "store_4" -> 0.15;
      case "load_4", "load_1", "load_guarded", "store_1", "position", "position_by" -> 0.3;
      case "load_4_by", "load_1_by" -> 0.4;
      case "gather_4", "gather_1", "gather_4_if", "gather_1_if", "scatter_4", "scatter_1" -> 0.6;
      default -> 0.05;
    };
  }

  private static boolean drawsRuns(@Nullable Object more) {
    return more instanceof Draw draw && runs(draw.where());
  }

  private static boolean runs(Where where) {
    BlockProgram.Axis fastest = where.near().get(where.near().size() - 1);
    return fastest.stride() == 1 && fastest.second() == 0;
  }

  /** The word that draws. */
  static String draw(NoiseKind kind) {
    return kind == NoiseKind.BITS ? "bits" : "normal";
  }
}
