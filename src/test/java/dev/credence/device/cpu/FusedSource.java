package dev.credence.device.cpu;

import dev.credence.compile.Fuse;
import dev.credence.compile.Graph;
import dev.credence.compile.Schedule;
import dev.credence.compile.Simplify;
import dev.credence.kernel.Expressions;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Lines.Line;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Prints native/fused.c: the bodies of some programs as C, each a pass of the interpreter. */
final class FusedSource {
  private record Named(String name, FusedBody body, Lines lines) {}

  private final Map<String, Named> bodies = new LinkedHashMap<>();
  private final StringBuilder text = new StringBuilder();

  private FusedSource() {}

  /**
   * The file for some programs by name: all that a phase of theirs computes is a body. One that
   * several programs have is the first one's.
   */
  static String of(Map<String, Graph> programs) {
    FusedSource source = new FusedSource();
    programs.forEach(source::collect);
    source.print();
    return source.text.toString();
  }

  /** The loops that a program becomes. */
  static List<Loop> loops(Graph program) {
    List<Loop> loops = new ArrayList<>();
    for (Schedule.Step step : Fuse.apply(Simplify.apply(program), true).steps()) {
      if (step.work() instanceof Loop loop) {
        loops.add(loop);
      }
    }
    return loops;
  }

  /** The bodies of each phase of a loop. */
  static List<List<FusedBody>> bodies(Loop loop) {
    List<List<FusedBody>> bodies = new ArrayList<>();
    List<List<Rate>> folded = new ArrayList<>();
    for (Loop.Phase phase : loop.phases()) {
      Rates rates = Rates.of(loop, phase);
      Lines lines = Lines.of(phase);
      bodies.add(FusedBody.of(lines, rates.of(lines, folded), rates.highest()));
      folded.add(Collections.nCopies(phase.folds().size(), Rate.KEPT));
    }
    return bodies;
  }

  private void collect(String program, Graph graph) {
    List<Named> own = new ArrayList<>();
    for (Loop loop : loops(graph)) {
      List<List<FusedBody>> phases = bodies(loop);
      for (int p = 0; p < phases.size(); p++) {
        Lines lines = Lines.of(loop.phases().get(p));
        phases.get(p).stream()
            .limit(1)
            .filter(body -> !bodies.containsKey(body.text()))
            .filter(body -> own.stream().noneMatch(o -> o.body().text().equals(body.text())))
            .forEach(body -> own.add(new Named(program, body, lines)));
      }
    }
    for (Named named : own) {
      String name = own.size() == 1 ? program : program + "-" + (own.indexOf(named) + 1);
      bodies.putIfAbsent(named.body().text(), new Named(name, named.body(), named.lines()));
    }
  }

  private void print() {
    line("// Bodies of loops as passes of their own; fused.h says what they are.");
    line("//");
    line("// Printed by FusedTest from the programs of HotPrograms: edit those, and");
    line("// -Dcredence.golden=write prints this file anew.");
    line("#include \"prelude_c.h\"");
    line("#include \"math.h\"");
    line("#include \"philox.h\"");
    line("#include \"loops.h\"");
    line("");
    line("#include \"fused.h\"");
    bodies.values().forEach(this::body);
    line("");
    line("CR_EXPORT const struct cr_body CR_NAME(cr_bodies)[] = {");
    for (Named named : bodies.values()) {
      line("  {\"" + named.name() + "\",");
      for (String value : named.body().text().split("\n")) {
        line("   \"" + value + "\\n\"");
      }
      line("   , " + symbol(named) + "},");
    }
    line("  {0, 0, 0}");
    line("};");
  }

  private static String symbol(Named named) {
    return named.name().replace('-', '_');
  }

  private void body(Named named) {
    FusedBody body = named.body();
    List<Line> lines = named.lines().lines();
    line("");
    line("static void " + symbol(named) + "(const cr_step *s, cr_frame *f, int64_t n) {");
    line("  const struct cr_fused *u = s->more;");
    int slot = 0;
    for (int array : body.arrays()) {
      line("  const " + type(lines, array) + " *x" + array + " = f->r[u->r[" + slot++ + "]];");
    }
    for (int number : body.numbers()) {
      String type = type(lines, number);
      String from = "*(const " + type + " *)f->r[u->r[" + slot++ + "]]";
      line("  const " + type + " v" + number + " = " + from + ";");
    }
    for (int result : body.results()) {
      line("  " + type(lines, result) + " *y" + result + " = f->r[u->r[" + slot++ + "]];");
    }
    for (int d = 0; d < body.draws().size(); d++) {
      int draw = body.draws().get(d);
      line("  struct drawing o" + draw + " = drawing(u->draw[" + d + "], f->r[u->params], f);");
      line("  FUSED_ROOM(" + (isNormal(lines, draw) ? "f32" : "u32") + ", d" + draw + ");");
    }
    Map<Integer, Integer> stages = stages(body, lines);
    SequencedSet<Integer> rooms = rooms(body, lines, stages);
    rooms.forEach(room -> line("  FUSED_ROOM(" + type(lines, room) + ", t" + room + ");"));

    line("  for (int64_t i = 0, m; i < n; i += m) {");
    boolean draws = !body.draws().isEmpty();
    line("    m = fused_tile(" + (draws ? "&o" + body.draws().get(0) : "0") + ", n - i);");
    body.arrays().forEach(array -> line("    fused_ahead(x" + array + " + i, n);"));
    for (int draw : body.draws()) {
      String next = isNormal(lines, draw) ? "normal_next" : "bits_next";
      line("    " + next + "(&o" + draw + ", d" + draw + ", m);");
    }
    int last = stages.values().stream().max(Integer::compare).orElse(0);
    for (int stage = 0; stage <= last; stage++) {
      stage(body, lines, stages, rooms, stage, last);
    }
    line("  }");
    line("}");
  }

  /** Whether a word takes so many steps that they are better done for many values side by side. */
  private static boolean isLong(Scalar scalar) {
    return switch (scalar) {
      case Scalar.Unary u ->
          switch (u.word()) {
            case EXP, EXPM1, LOG, LOG1P, SIN, COS, TANH, SIGMOID, SOFTPLUS, ERF -> true;
            case NEG, ABS, SIGN, SQRT, RSQRT, FLOOR, NOT -> false;
          };
      case Scalar.Binary b -> b.word() == Scalar.Word2.POW;
      default -> false;
    };
  }

  /**
   * The loop over a tile in which each line is computed. The steps of a long word wait for each
   * other, and a processor looks only so far ahead for others to take their place: so that it finds
   * them in the neighbouring values, what waits for a long word is left to the next loop. Long
   * words come as early as they can, all else as late as it can.
   */
  private static Map<Integer, Integer> stages(FusedBody body, List<Line> lines) {
    Map<Integer, Integer> stages = new TreeMap<>();
    int last = 0;
    for (int line : body.computed()) {
      int stage = 0;
      for (int operand : lines.get(line).operands()) {
        int waits = isLong(lines.get(operand).scalar()) ? 1 : 0;
        stage = Math.max(stage, stages.getOrDefault(operand, -waits) + waits);
      }
      stages.put(line, stage);
      last = Math.max(last, stage);
    }
    for (int line : body.computed().reversed()) {
      if (!isLong(lines.get(line).scalar())) {
        int stage = last;
        for (int user : body.computed()) {
          if (lines.get(user).operands().contains(line)) {
            stage = Math.min(stage, stages.getOrDefault(user, last));
          }
        }
        stages.put(line, stage);
      }
    }
    return stages;
  }

  /** What a later loop wants of an earlier one. */
  private static SequencedSet<Integer> rooms(
      FusedBody body, List<Line> lines, Map<Integer, Integer> stages) {
    int last = stages.values().stream().max(Integer::compare).orElse(0);
    SequencedSet<Integer> rooms = new TreeSet<>();
    for (int line : body.computed()) {
      for (int operand : lines.get(line).operands()) {
        if (stages.containsKey(operand) && !stages.get(operand).equals(stages.get(line))) {
          rooms.add(operand);
        }
      }
      if (body.results().contains(line) && stages.get(line) != last) {
        rooms.add(line);
      }
    }
    return rooms;
  }

  private void stage(
      FusedBody body,
      List<Line> lines,
      Map<Integer, Integer> stages,
      Set<Integer> rooms,
      int stage,
      int last) {
    List<Integer> computed =
        body.computed().stream().filter(line -> stages.get(line) == stage).toList();
    List<Integer> results = stage == last ? body.results() : List.of();
    SequencedSet<Integer> wanted = new TreeSet<>(results);
    computed.forEach(line -> wanted.addAll(lines.get(line).operands()));
    computed.forEach(wanted::remove);
    line("    RUN_OVER(m) {");
    for (int line : wanted) {
      String type = type(lines, line);
      String from =
          body.arrays().contains(line)
              ? "x" + line + "[i + j]"
              : body.draws().contains(line) ? "(" + type + ")d" + line + "[j]" : "t" + line + "[j]";
      if (!body.numbers().contains(line)) {
        line("      const " + type + " v" + line + " = " + from + ";");
      }
    }
    for (int line : computed) {
      List<String> operands = lines.get(line).operands().stream().map(o -> "v" + o).toList();
      String value = Expressions.expression(lines.get(line), operands);
      line("      const " + type(lines, line) + " v" + line + " = " + value + ";");
    }
    if (stage < last) {
      computed.stream()
          .filter(rooms::contains)
          .forEach(line -> line("      t" + line + "[j] = v" + line + ";"));
    }
    results.forEach(result -> line("      y" + result + "[i + j] = v" + result + ";"));
    line("    }");
  }

  private static boolean isNormal(List<Line> lines, int draw) {
    return lines.get(draw).type() == DType.FLOAT32;
  }

  private static String type(List<Line> lines, int line) {
    return lines.get(line).type() == DType.FLOAT32 ? "f32" : "i32";
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
