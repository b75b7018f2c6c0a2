package dev.credence.kernel;

import dev.credence.kernel.Index.Bound;
import dev.credence.type.DType;
import java.util.List;

/**
 * One value of a loop's body: a small typed language of some thirty words. Nodes are shared by
 * identity; {@link Lines} writes a body down as a list in which each value is computed once.
 */
public sealed interface Scalar {
  /** Kind of the value. */
  DType type();

  /** Operands, in order. */
  default List<Scalar> operands() {
    return List.of();
  }

  /**
   * Functions of one value. Floating-point ones mean the function of that name in kernels/math.h;
   * int32 has NEG, ABS, SIGN (all wrapping around) and NOT of every bit, bool has NOT. SIGN is -1
   * or 1, or the value itself if that is a zero or NaN.
   */
  enum Word1 {
    NEG,
    ABS,
    SIGN,
    EXP,
    EXPM1,
    LOG,
    LOG1P,
    SQRT,
    RSQRT,
    SIN,
    COS,
    TANH,
    SIGMOID,
    SOFTPLUS,
    ERF,
    FLOOR,
    NOT
  }

  /**
   * Functions of two values of one type. MIN and MAX propagate NaN and put -0 below +0. int32 wraps
   * around; its DIV rounds towards zero and gives 0 for a divisor of 0; SHR and ULT read it as
   * unsigned, and SHR counts modulo 32. Floats have no AND, OR, SHR, ULT; int32 has no POW; bool
   * has MIN, MAX, AND, OR and the signed comparisons only, false below true. Comparisons give bool.
   */
  enum Word2 {
    ADD,
    SUB,
    MUL,
    DIV,
    POW,
    MIN,
    MAX,
    LT,
    LE,
    EQ,
    NE,
    AND,
    OR,
    SHR,
    ULT;

    /** Whether the result is a truth value whatever the operands are. */
    public boolean isComparison() {
      return switch (this) {
        case LT, LE, EQ, NE, ULT -> true;
        case ADD, SUB, MUL, DIV, POW, MIN, MAX, AND, OR, SHR -> false;
      };
    }
  }

  /** What a draw gives: 32 random bits, or a standard normal number. */
  enum NoiseKind {
    BITS,
    NORMAL
  }

  /** A constant; integers and truth values are exact in a double. */
  record Const(DType type, double value) implements Scalar {}

  /** An index as an int32 value. */
  record Position(Index index) implements Scalar {
    @Override
    public DType type() {
      return DType.INT32;
    }
  }

  /** Whether all bounds hold. */
  record Within(List<Bound> bounds) implements Scalar {
    @Override
    public DType type() {
      return DType.BOOL;
    }
  }

  /** An element of an argument, or 0 where the guard does not hold (then nothing is read). */
  record Load(DType type, int argument, Index at, List<Bound> guard) implements Scalar {}

  /** A word of the parameter block: float32 or int32. */
  record Param(DType type, int word) implements Scalar {}

  /** A function of one value. */
  record Unary(Word1 word, Scalar of) implements Scalar {
    @Override
    public DType type() {
      return of.type();
    }

    @Override
    public List<Scalar> operands() {
      return List.of(of);
    }
  }

  /** A function of two values of the same type. */
  record Binary(Word2 word, Scalar a, Scalar b) implements Scalar {
    public Binary {
      if (a.type() != b.type()) {
        throw new IllegalArgumentException(word + " of " + a.type() + " and " + b.type());
      }
    }

    @Override
    public DType type() {
      return word.isComparison() ? DType.BOOL : a.type();
    }

    @Override
    public List<Scalar> operands() {
      return List.of(a, b);
    }
  }

  /** One of two values by a truth value. */
  record Select(Scalar condition, Scalar yes, Scalar no) implements Scalar {
    public Select {
      if (condition.type() != DType.BOOL || yes.type() != no.type()) {
        throw new IllegalArgumentException(
            "select of " + condition.type() + ", " + yes.type() + ", " + no.type());
      }
    }

    @Override
    public DType type() {
      return yes.type();
    }

    @Override
    public List<Scalar> operands() {
      return List.of(condition, yes, no);
    }
  }

  /**
   * A value as another kind. Float to int32 truncates, saturates, and takes NaN to 0; anything to
   * bool is its difference from 0; int32 to float rounds to nearest.
   */
  record Cast(DType type, Scalar of) implements Scalar {
    @Override
    public List<Scalar> operands() {
      return List.of(of);
    }
  }

  /**
   * A random number of the counter-based generator in kernels/philox.h: a pure function of the key
   * in parameter words keyWord and keyWord + 1, of the step, of the sample, and of the element.
   *
   * @param kind what is drawn; int32 for bits, float32 for normals
   * @param keyWord the first of the two parameter words that hold the stream's key
   * @param element position in the draw's own row-major order, without the sample axis
   * @param rowSize elements a row, by which the first row (parameter) moves the element; 0 for a
   *     draw without rows
   * @param sample which sample, counted from the first sample (parameter)
   */
  record Noise(NoiseKind kind, int keyWord, Index element, int rowSize, Index sample)
      implements Scalar {
    @Override
    public DType type() {
      return kind == NoiseKind.BITS ? DType.INT32 : DType.FLOAT32;
    }
  }

  /** The finished value of a fold of an earlier phase, for the kept element at hand. */
  record Folded(DType type, int phase, int fold) implements Scalar {}

  /** A truth value. */
  static Scalar truth(boolean value) {
    return new Const(DType.BOOL, value ? 1 : 0);
  }

  /** The number 0 (false) of a kind. */
  static Scalar zero(DType type) {
    return new Const(type, 0);
  }

  /** A value where all bounds hold, else another; bounds that always hold are dropped. */
  static Scalar within(List<Bound> bounds, Scalar yes, Scalar no) {
    return bounds.isEmpty() ? yes : new Select(new Within(bounds), yes, no);
  }
}
