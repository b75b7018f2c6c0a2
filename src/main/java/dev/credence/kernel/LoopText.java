package dev.credence.kernel;

import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A loop's canonical text: what golden tests compare, what kernel caches are keyed by, and what a
 * person reads. Two loops with the same text after the name compute the same.
 */
public final class LoopText {
  private LoopText() {}

  /** The text, with the loop's name in the first line. */
  public static String of(Loop loop) {
    return "loop " + loop.name() + "\n" + body(loop);
  }

  /** The text without the name: the identity of what is computed. */
  public static String body(Loop loop) {
    StringBuilder text = new StringBuilder();
    text.append("kept ").append(loop.kept()).append('\n');
    for (int i = 0; i < loop.arguments().size(); i++) {
      Loop.Argument a = loop.arguments().get(i);
      text.append(a.written() ? "out " : "in ").append('a').append(i).append(' ');
      text.append(a.type()).append('[').append(a.size()).append("]\n");
    }
    for (int p = 0; p < loop.phases().size(); p++) {
      phase(loop.phases().get(p), p, text);
    }
    return text.toString();
  }

  private static void phase(Phase phase, int number, StringBuilder text) {
    text.append("phase ").append(number).append(" inner ").append(phase.inner()).append('\n');
    Lines lines = Lines.of(phase);
    for (int i = 0; i < lines.lines().size(); i++) {
      text.append("  v").append(i).append(" = ").append(line(lines.lines().get(i))).append('\n');
    }
    int root = 0;
    for (int f = 0; f < phase.folds().size(); f++) {
      Fold fold = phase.folds().get(f);
      text.append("  f").append(number).append('.').append(f).append(" = ");
      text.append(lower(fold.kind())).append(" v").append(lines.roots().get(root++));
      if (fold.kind() == FoldKind.CHAIN) {
        text.append(" v").append(lines.roots().get(root++));
      }
      text.append('\n');
    }
    for (Store store : phase.stores()) {
      text.append("  a").append(store.argument()).append('[').append(store.at());
      text.append("] = v").append(lines.roots().get(root++)).append('\n');
    }
  }

  /** One line: what it computes of which other lines. */
  public static String line(Line line) {
    String operands = line.operands().stream().map(v -> " v" + v).collect(Collectors.joining());
    return switch (line.scalar()) {
      case Scalar.Const c -> c.type() + " " + c.value();
      case Scalar.Position p -> "position " + p.index();
      case Scalar.Within w -> "within " + bounds(w.bounds());
      case Scalar.Load l ->
          "a"
              + l.argument()
              + "["
              + l.at()
              + "]"
              + (l.guard().isEmpty() ? "" : " if " + bounds(l.guard()));
      case Scalar.Param p -> p.type() + " p" + p.word();
      case Scalar.Unary u -> lower(u.word()) + operands;
      case Scalar.Binary b -> lower(b.word()) + operands;
      case Scalar.Select s -> "select" + operands;
      case Scalar.Cast c -> c.type() + operands;
      case Scalar.Noise n ->
          lower(n.kind())
              + " key p"
              + n.keyWord()
              + " element "
              + n.element()
              + (n.rowSize() == 0 ? "" : " row " + n.rowSize())
              + " sample "
              + n.sample();
      case Scalar.Folded f -> "f" + f.phase() + "." + f.fold();
    };
  }

  private static String bounds(List<Index.Bound> bounds) {
    return bounds.stream().map(Object::toString).collect(Collectors.joining(" and "));
  }

  private static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }
}
