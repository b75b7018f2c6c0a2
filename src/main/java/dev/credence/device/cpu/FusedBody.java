package dev.credence.device.cpu;

import dev.credence.kernel.Lines;
import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.LoopText;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Arithmetic that a phase does at its highest rate, apart from where its operands come from and
 * where its results go. What is read, folded before or computed at a lower rate is an operand: an
 * array of the block, or one number if it never changes. So neither sizes nor strides, nor
 * constants nor layouts are part of a body, and two bodies with the same text compute the same.
 *
 * @param text the canonical text, each value on a line
 * @param arrays lines of the operands that are arrays
 * @param numbers lines of the operands that are one number
 * @param draws lines that draw
 * @param computed the other lines of the body
 * @param results the lines of the body that the phase folds or stores
 */
record FusedBody(
    String text,
    List<Integer> arrays,
    List<Integer> numbers,
    List<Integer> draws,
    List<Integer> computed,
    List<Integer> results) {
  /** The draws that a step of native/blocks.h has room for. */
  private static final int MOST_DRAWS = 4;

  /**
   * The bodies of a phase: all it computes as one body, then the same in parts that share nothing
   * computed, such as the updates of several parameters. A single word is no body.
   *
   * @param rates of the lines
   * @param highest the rate of the phase
   */
  static List<FusedBody> of(Lines lines, List<Rate> rates, Rate highest) {
    List<Integer> members = new ArrayList<>();
    for (int i = 0; i < lines.lines().size(); i++) {
      if (rates.get(i) == highest && isFused(lines.lines().get(i).scalar())) {
        members.add(i);
      }
    }
    List<FusedBody> bodies = new ArrayList<>();
    of(lines, rates, members).ifPresent(bodies::add);
    List<List<Integer>> parts = parts(lines, members);
    if (parts.size() > 1) {
      parts.forEach(part -> of(lines, rates, part).ifPresent(bodies::add));
    }
    return bodies;
  }

  /** Members that lead to each other, in ascending order. */
  private static List<List<Integer>> parts(Lines lines, List<Integer> members) {
    Map<Integer, List<Integer>> parts = new LinkedHashMap<>();
    for (int member : members) {
      List<Integer> own = new ArrayList<>(List.of(member));
      for (int operand : lines.lines().get(member).operands()) {
        List<Integer> other = parts.get(operand);
        if (other != null && other != own) {
          // The longer one takes in the shorter, lest long chains cost their length squared.
          List<Integer> whole = other.size() > own.size() ? other : own;
          List<Integer> rest = whole == own ? other : own;
          whole.addAll(rest);
          rest.forEach(r -> parts.put(r, whole));
          own = whole;
        }
      }
      parts.put(member, own);
    }
    return parts.values().stream().distinct().map(part -> part.stream().sorted().toList()).toList();
  }

  private static Optional<FusedBody> of(Lines lines, List<Rate> rates, List<Integer> members) {
    List<Integer> arrays = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    List<Integer> draws = new ArrayList<>();
    List<Integer> computed = new ArrayList<>();
    Map<Integer, Integer> renumbered = new HashMap<>();
    StringBuilder text = new StringBuilder();
    for (int i : members) {
      Line line = lines.lines().get(i);
      List<Integer> operands = new ArrayList<>(line.operands());
      if (isCommutative(line.scalar())) {
        // The first to come are what is known by its number, then arrays.
        operands.sort(
            Comparator.comparing((Integer o) -> renumbered.getOrDefault(o, Integer.MAX_VALUE))
                .thenComparing(o -> rates.get(o) == Rate.ONCE));
      }
      for (int operand : operands) {
        if (!renumbered.containsKey(operand)) {
          boolean once = rates.get(operand) == Rate.ONCE;
          (once ? numbers : arrays).add(operand);
          DType type = lines.lines().get(operand).type();
          append(operand, (once ? "number " : "array ") + type, renumbered, text);
        }
      }
      if (line.scalar() instanceof Scalar.Noise noise) {
        draws.add(i);
        append(i, noise.kind().name().toLowerCase(Locale.ROOT), renumbered, text);
      } else {
        computed.add(i);
        operands.replaceAll(renumbered::get);
        append(i, LoopText.line(new Line(line.scalar(), operands)), renumbered, text);
      }
    }
    List<Integer> results = lines.roots().stream().distinct().filter(members::contains).toList();
    if (computed.isEmpty() || members.size() < 2 || draws.size() > MOST_DRAWS) {
      return Optional.empty();
    }
    for (int result : results) {
      text.append("result v").append(renumbered.get(result)).append('\n');
    }
    return Optional.of(new FusedBody(text.toString(), arrays, numbers, draws, computed, results));
  }

  private static boolean isFused(Scalar scalar) {
    return switch (scalar) {
      case Scalar.Unary u -> true;
      case Scalar.Binary b -> true;
      case Scalar.Select s -> true;
      case Scalar.Cast c -> true;
      case Scalar.Noise n -> n.element().isAffine() && n.sample().isAffine();
      default -> false;
    };
  }

  private static boolean isCommutative(Scalar scalar) {
    return scalar instanceof Scalar.Binary binary
        && switch (binary.word()) {
          case ADD, MUL, MIN, MAX, EQ, NE, AND, OR -> true;
          case SUB, DIV, POW, LT, LE, SHR, ULT -> false;
        };
  }

  private static void append(
      int line, String what, Map<Integer, Integer> renumbered, StringBuilder text) {
    text.append('v').append(renumbered.size()).append(" = ").append(what).append('\n');
    renumbered.put(line, renumbered.size());
  }

  /** Whether a line is computed by the body. */
  boolean has(int line) {
    return computed.contains(line) || draws.contains(line);
  }
}
