package dev.credence.device.reference;

import dev.credence.kernel.FloatMath;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.type.DType;

/** What each word of the language means, for each kind of value. */
final class Words {
  private Words() {}

  private interface FloatUnary {
    float of(float x);
  }

  private interface FloatBinary {
    float of(float a, float b);
  }

  private interface FloatTest {
    boolean of(float a, float b);
  }

  private interface DoubleUnary {
    double of(double x);
  }

  private interface DoubleBinary {
    double of(double a, double b);
  }

  private interface DoubleTest {
    boolean of(double a, double b);
  }

  private interface IntUnary {
    int of(int x);
  }

  private interface IntBinary {
    int of(int a, int b);
  }

  static Step unary(Word1 word, Column of, Column out) {
    return switch (of.type) {
      case FLOAT32 -> {
        FloatUnary f = floatUnary(word);
        yield n -> {
          for (int p = 0; p < n; p++) {
            out.floats[p] = f.of(of.floats[p]);
          }
        };
      }
      case FLOAT64 -> {
        DoubleUnary f = doubleUnary(word);
        yield n -> {
          for (int p = 0; p < n; p++) {
            out.doubles[p] = f.of(of.doubles[p]);
          }
        };
      }
      case INT32, BOOL -> {
        IntUnary f = of.type == DType.BOOL ? boolUnary(word) : intUnary(word);
        yield n -> {
          for (int p = 0; p < n; p++) {
            out.ints[p] = f.of(of.ints[p]);
          }
        };
      }
    };
  }

  static Step binary(Word2 word, Column a, Column b, Column out) {
    return switch (a.type) {
      case FLOAT32 -> {
        if (word.isComparison()) {
          FloatTest f = floatTest(word);
          yield n -> {
            for (int p = 0; p < n; p++) {
              out.ints[p] = truth(f.of(a.floats[p], b.floats[p]));
            }
          };
        }
        FloatBinary f = floatBinary(word);
        yield n -> {
          for (int p = 0; p < n; p++) {
            out.floats[p] = f.of(a.floats[p], b.floats[p]);
          }
        };
      }
      case FLOAT64 -> {
        if (word.isComparison()) {
          DoubleTest f = doubleTest(word);
          yield n -> {
            for (int p = 0; p < n; p++) {
              out.ints[p] = truth(f.of(a.doubles[p], b.doubles[p]));
            }
          };
        }
        DoubleBinary f = doubleBinary(word);
        yield n -> {
          for (int p = 0; p < n; p++) {
            out.doubles[p] = f.of(a.doubles[p], b.doubles[p]);
          }
        };
      }
      case INT32, BOOL -> {
        IntBinary f = a.type == DType.BOOL ? boolBinary(word) : intBinary(word);
        yield n -> {
          for (int p = 0; p < n; p++) {
            out.ints[p] = f.of(a.ints[p], b.ints[p]);
          }
        };
      }
    };
  }

  /** A value as another kind; Java's own conversions are those the language asks for. */
  static Step cast(Column of, Column out) {
    return n -> {
      for (int p = 0; p < n; p++) {
        switch (of.type) {
          case FLOAT32 -> put(out, p, of.floats[p], (int) of.floats[p]);
          case FLOAT64 -> put(out, p, of.doubles[p], (int) of.doubles[p]);
          case INT32, BOOL -> put(out, p, of.ints[p], of.ints[p]);
        }
      }
    };
  }

  private static void put(Column out, int p, double value, int whole) {
    switch (out.type) {
      case FLOAT32 -> out.floats[p] = (float) value;
      case FLOAT64 -> out.doubles[p] = value;
      case INT32 -> out.ints[p] = whole;
      case BOOL -> out.ints[p] = truth(value != 0);
    }
  }

  private static FloatUnary floatUnary(Word1 word) {
    return switch (word) {
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> Math::signum;
      case EXP -> FloatMath::exp;
      case EXPM1 -> FloatMath::expm1;
      case LOG -> FloatMath::log;
      case LOG1P -> FloatMath::log1p;
      case SQRT -> x -> (float) Math.sqrt(x);
      case RSQRT -> FloatMath::rsqrt;
      case SIN -> FloatMath::sin;
      case COS -> FloatMath::cos;
      case TANH -> FloatMath::tanh;
      case SIGMOID -> FloatMath::sigmoid;
      case SOFTPLUS -> FloatMath::softplus;
      case ERF -> FloatMath::erf;
      case FLOOR -> FloatMath::floor;
      case NOT -> throw none(word, DType.FLOAT32);
    };
  }

  private static DoubleUnary doubleUnary(Word1 word) {
    return switch (word) {
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> Math::signum;
      case EXP -> StrictMath::exp;
      case EXPM1 -> StrictMath::expm1;
      case LOG -> StrictMath::log;
      case LOG1P -> StrictMath::log1p;
      case SQRT -> Math::sqrt;
      case RSQRT -> x -> 1 / Math.sqrt(x);
      case SIN -> StrictMath::sin;
      case COS -> StrictMath::cos;
      case TANH -> StrictMath::tanh;
      case SIGMOID -> DoubleMath::sigmoid;
      case SOFTPLUS -> DoubleMath::softplus;
      case ERF -> DoubleMath::erf;
      case FLOOR -> Math::floor;
      case NOT -> throw none(word, DType.FLOAT64);
    };
  }

  private static IntUnary intUnary(Word1 word) {
    return switch (word) {
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> Integer::signum;
      case NOT -> x -> ~x;
      default -> throw none(word, DType.INT32);
    };
  }

  private static IntUnary boolUnary(Word1 word) {
    if (word == Word1.NOT) {
      return x -> 1 - x;
    }
    throw none(word, DType.BOOL);
  }

  private static FloatBinary floatBinary(Word2 word) {
    return switch (word) {
      case ADD -> (a, b) -> a + b;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> a / b;
      case POW -> FloatMath::pow;
      case MIN -> FloatMath::min;
      case MAX -> FloatMath::max;
      default -> throw none(word, DType.FLOAT32);
    };
  }

  private static FloatTest floatTest(Word2 word) {
    return switch (word) {
      case LT -> (a, b) -> a < b;
      case LE -> (a, b) -> a <= b;
      case EQ -> (a, b) -> a == b;
      case NE -> (a, b) -> a != b;
      default -> throw none(word, DType.FLOAT32);
    };
  }

  private static DoubleBinary doubleBinary(Word2 word) {
    return switch (word) {
      case ADD -> (a, b) -> a + b;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> a / b;
      case POW -> DoubleMath::pow;
      case MIN -> Math::min;
      case MAX -> Math::max;
      default -> throw none(word, DType.FLOAT64);
    };
  }

  private static DoubleTest doubleTest(Word2 word) {
    return switch (word) {
      case LT -> (a, b) -> a < b;
      case LE -> (a, b) -> a <= b;
      case EQ -> (a, b) -> a == b;
      case NE -> (a, b) -> a != b;
      default -> throw none(word, DType.FLOAT64);
    };
  }

  private static IntBinary intBinary(Word2 word) {
    return switch (word) {
      case ADD -> (a, b) -> a + b;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> b == 0 ? 0 : a / b;
      case SHR -> (a, b) -> a >>> b;
      case ULT -> (a, b) -> truth(Integer.compareUnsigned(a, b) < 0);
      case MIN, MAX, AND, OR, LT, LE, EQ, NE -> ordered(word);
      case POW -> throw none(word, DType.INT32);
    };
  }

  private static IntBinary boolBinary(Word2 word) {
    return switch (word) {
      case MIN, MAX, AND, OR, LT, LE, EQ, NE -> ordered(word);
      default -> throw none(word, DType.BOOL);
    };
  }

  /** Words that mean the same for integers and for truth values, false below true. */
  private static IntBinary ordered(Word2 word) {
    return switch (word) {
      case MIN -> Math::min;
      case MAX -> Math::max;
      case AND -> (a, b) -> a & b;
      case OR -> (a, b) -> a | b;
      case LT -> (a, b) -> truth(a < b);
      case LE -> (a, b) -> truth(a <= b);
      case EQ -> (a, b) -> truth(a == b);
      case NE -> (a, b) -> truth(a != b);
      default -> throw none(word, DType.BOOL);
    };
  }

  private static int truth(boolean value) {
    return value ? 1 : 0;
  }

  private static IllegalArgumentException none(Enum<?> word, DType type) {
    return new IllegalArgumentException("there is no " + word + " of " + type);
  }
}
