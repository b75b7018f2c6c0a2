package dev.credence.kernel;

import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Lines.Line;
import dev.credence.type.DType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Prints values and indices as expressions of the common dialect. Axis k is called i{k}, argument k
 * a{k}, fold f of phase p f{p}_{f}, and the parameter block params.
 */
public final class Expressions {
  private Expressions() {}

  /** The type of a value: truth values are the integers 0 and 1. */
  public static String type(DType type) {
    refuseFloat64(type);
    return type == DType.FLOAT32 ? "float" : "cr_i32";
  }

  /** The type of an array's elements. */
  static String stored(DType type) {
    return type == DType.BOOL ? "unsigned char" : type(type);
  }

  /** The type of an argument's elements. */
  static String element(Loop.Argument argument) {
    return (argument.written() ? "" : "const ") + stored(argument.type());
  }

  /** The type of a pointer to an argument's elements, ready for a name. */
  static String pointer(Loop.Argument argument) {
    return element(argument) + " *";
  }

  static void refuseFloat64(DType type) {
    if (type == DType.FLOAT64) {
      throw new UnsupportedOperationException("Only the reference device computes in float64.");
    }
  }

  /**
   * One line as an expression.
   *
   * @param operands what the line's operands are called
   */
  public static String expression(Line line, List<String> operands) {
    return switch (line.scalar()) {
      case Scalar.Const c -> constant(c.type(), c.value());
      case Scalar.Position p -> "(cr_i32)(" + index(p.index()) + ")";
      case Scalar.Within w -> "(" + guard(w.bounds()) + ")";
      case Scalar.Load l -> {
        String element = "a" + l.argument() + "[" + index(l.at()) + "]";
        yield l.guard().isEmpty()
            ? element
            : guard(l.guard()) + " ? " + element + " : " + constant(l.type(), 0);
      }
      case Scalar.Param p ->
          p.type() == DType.FLOAT32
              ? "cr_float_of(" + word(p.word()) + ")"
              : "params[" + p.word() + "]";
      case Scalar.Unary u -> unary(u.word(), u.type(), operands.get(0));
      case Scalar.Binary b -> binary(b.word(), b.a().type(), operands.get(0), operands.get(1));
      case Scalar.Select s ->
          operands.get(0) + " != 0 ? " + operands.get(1) + " : " + operands.get(2);
      case Scalar.Cast c -> cast(c.of().type(), c.type(), operands.get(0));
      case Scalar.Noise n -> noise(n);
      case Scalar.Folded f -> folded(f.phase(), f.fold());
    };
  }

  /** The assignment of a value to an element of an array. */
  static String store(String array, Loop.Store store, String value) {
    String cast = store.value().type() == DType.BOOL ? "(unsigned char)" : "";
    return array + store.argument() + "[" + index(store.at()) + "] = " + cast + value + ";";
  }

  /** The name of what a fold gave. */
  static String folded(int phase, int fold) {
    return "f" + phase + "_" + fold;
  }

  /** A constant; floats by their bits, since not every compiler reads decimals alike. */
  private static String constant(DType type, double value) {
    if (type == DType.FLOAT32) {
      float number = (float) value;
      String bits = "cr_float_of(0x%08xu)".formatted(Float.floatToIntBits(number));
      return number == 0 && 1 / number > 0 ? "0.0f" : bits + " /* " + number + " */";
    }
    int number = (int) value;
    return number == Integer.MIN_VALUE ? "(-2147483647 - 1)" : Integer.toString(number);
  }

  private static String word(int word) {
    return "(cr_u32)params[" + word + "]";
  }

  private static String unary(Scalar.Word1 word, DType type, String x) {
    String name = word.name().toLowerCase(Locale.ROOT);
    boolean known =
        switch (word) {
          case NOT -> !type.isFloat();
          case NEG, ABS, SIGN -> type != DType.BOOL;
          default -> type == DType.FLOAT32;
        };
    if (!known) {
      throw none(word, type);
    }
    return switch (word) {
      case NOT -> type == DType.BOOL ? "1 - " + x : "~" + x;
      case NEG -> type == DType.INT32 ? "cr_neg_i32(" + x + ")" : "-" + x;
      case ABS, SIGN -> "cr_" + name + (type == DType.INT32 ? "_i32(" : "(") + x + ")";
      default -> "cr_" + name + "(" + x + ")";
    };
  }

  private static String binary(Scalar.Word2 word, DType type, String a, String b) {
    boolean whole = type == DType.INT32;
    boolean ordered = type != DType.FLOAT32;
    boolean known =
        switch (word) {
          case MIN, MAX, LT, LE, EQ, NE -> true;
          case AND, OR -> ordered;
          case SHR, ULT -> whole;
          case POW -> type == DType.FLOAT32;
          case ADD, SUB, MUL, DIV -> type != DType.BOOL;
        };
    if (!known) {
      throw none(word, type);
    }
    return switch (word) {
      case ADD -> whole ? call("cr_add_i32", a, b) : a + " + " + b;
      case SUB -> whole ? call("cr_sub_i32", a, b) : a + " - " + b;
      case MUL -> whole ? call("cr_mul_i32", a, b) : a + " * " + b;
      case DIV -> whole ? call("cr_div_i32", a, b) : a + " / " + b;
      case POW -> call("cr_pow", a, b);
      case MIN -> call(ordered ? "cr_min_i32" : "cr_min", a, b);
      case MAX -> call(ordered ? "cr_max_i32" : "cr_max", a, b);
      case LT -> a + " < " + b;
      case LE -> a + " <= " + b;
      case EQ -> a + " == " + b;
      case NE -> a + " != " + b;
      case AND -> a + " & " + b;
      case OR -> a + " | " + b;
      case SHR -> call("cr_shr_i32", a, b);
      case ULT -> call("cr_ult_i32", a, b);
    };
  }

  private static IllegalArgumentException none(Enum<?> word, DType type) {
    return new IllegalArgumentException("there is no " + word + " of " + type);
  }

  private static String cast(DType from, DType to, String x) {
    refuseFloat64(from);
    refuseFloat64(to);
    if (from == DType.FLOAT32 && to == DType.INT32) {
      return call("cr_f32_to_i32", x);
    }
    if (from != DType.FLOAT32 && to == DType.FLOAT32) {
      return call("cr_i32_to_f32", x);
    }
    if (from != DType.BOOL && to == DType.BOOL) {
      return x + " != 0";
    }
    return x;
  }

  private static String noise(Scalar.Noise n) {
    String element = "(cr_i64)(" + index(n.element()) + ")";
    if (n.rowSize() != 0) {
      element = "(cr_i64)params[" + Params.FIRST_ROW + "] * " + n.rowSize() + " + " + element;
    }
    String sample = word(Params.FIRST_SAMPLE) + " + (cr_u32)(" + index(n.sample()) + ")";
    String arguments =
        call(
            "", word(n.keyWord()), word(n.keyWord() + 1), word(Params.STEP), sample, "0u", element);
    return switch (n.kind()) {
      case BITS -> "(cr_i32)cr_noise_bits" + arguments;
      case NORMAL -> "cr_noise_normal" + arguments;
    };
  }

  /** A call. */
  static String call(String function, String... arguments) {
    return call(function, List.of(arguments));
  }

  /** A call. */
  static String call(String function, List<String> arguments) {
    return function + "(" + String.join(", ", arguments) + ")";
  }

  /** Bounds as a condition that stops at the first that fails. */
  public static String guard(List<Bound> bounds) {
    if (bounds.isEmpty()) {
      return "1";
    }
    return bounds.stream().map(Expressions::bound).collect(Collectors.joining(" && "));
  }

  private static String bound(Bound bound) {
    String index = index(bound.index());
    if (bound.index().min() >= bound.low()) {
      return index + " < " + whole(bound.high());
    }
    if (bound.index().max() < bound.high()) {
      return index + " >= " + whole(bound.low());
    }
    return index + " >= " + whole(bound.low()) + " && " + index + " < " + whole(bound.high());
  }

  /** An index, in 32 bits if no step of it can leave them. */
  public static String index(Index index) {
    if (index.isConstant()) {
      return whole(index.constant());
    }
    boolean narrow = reach(index) <= Integer.MAX_VALUE;
    StringBuilder sum = new StringBuilder();
    for (Index.Term term : index.terms()) {
      String atom = atom(term.atom());
      String product =
          term.factor() == 1
              ? atom
              : (narrow ? "" : "(cr_i64)") + whole(term.factor()) + " * " + atom;
      sum.append(sum.isEmpty() ? "" : " + ").append(product);
    }
    if (index.constant() != 0) {
      sum.append(" + ").append(whole(index.constant()));
    }
    return sum.toString();
  }

  /** How far from 0 the sum of an index can get on its way. */
  private static long reach(Index index) {
    long reach = Math.abs(index.constant());
    for (Index.Term term : index.terms()) {
      long most = Math.max(Math.abs(term.atom().min()), Math.abs(term.atom().max()));
      reach += Math.max(1, most) * Math.abs(term.factor());
    }
    return reach;
  }

  private static String atom(Index.Atom atom) {
    return switch (atom) {
      case Index.Axis axis -> "i" + axis.axis();
      case Index.Div div ->
          div.of().min() >= 0
              ? "((" + index(div.of()) + ") / " + whole(div.by()) + ")"
              : call("cr_floor_div", index(div.of()), whole(div.by()));
      case Index.Mod mod ->
          mod.of().min() >= 0
              ? "((" + index(mod.of()) + ") % " + whole(mod.by()) + ")"
              : call("cr_floor_mod", index(mod.of()), whole(mod.by()));
      case Index.Loaded l -> {
        String element = "a" + l.argument() + "[" + index(l.at()) + "]";
        String value = call("cr_checked", "params", element, whole(l.bound()));
        yield l.guard().isEmpty() ? value : "(" + guard(l.guard()) + " ? " + value + " : 0)";
      }
    };
  }

  /** A whole number. */
  static String whole(long value) {
    if (value == (int) value) {
      String text = constant(DType.INT32, value);
      return value < 0 && !text.startsWith("(") ? "(" + text + ")" : text;
    }
    return "(cr_i64)0x" + Long.toHexString(value);
  }
}
