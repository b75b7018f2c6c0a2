package dev.credence.tensor;

import static dev.credence.kernel.Scalar.Word1;
import static dev.credence.kernel.Scalar.Word2;

import dev.credence.kernel.Index;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Element by element: operands have one shape (broadcasting is a view of its own) and, unless said
 * otherwise, one type.
 */
public sealed interface Pointwise extends Op.Elementwise {
  /** The value from the operands' values. */
  Scalar lower(List<Scalar> x);

  @Override
  default Scalar lower(Tensor out, List<Index> at, Reader in) {
    List<Scalar> values = new ArrayList<>();
    for (int i = 0; i < out.operands().size(); i++) {
      values.add(in.read(i, at));
    }
    return lower(values);
  }

  /** A function of one number. */
  sealed interface Unary extends Pointwise {
    @Override
    default TensorType type(List<TensorType> operands) {
      return floating(operands.get(0));
    }

    /** The derivative times the gradient. */
    Tensor derivative(Tensor x, Tensor y, Tensor g);

    @Override
    default List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(derivative(out.operand(0), out, g));
    }
  }

  /** A function of two numbers. */
  sealed interface Binary extends Pointwise {
    @Override
    default TensorType type(List<TensorType> operands) {
      return numeric(same(operands));
    }
  }

  /** A comparison: numbers to a truth value, without gradient. */
  sealed interface Comparison extends Pointwise {
    @Override
    default TensorType type(List<TensorType> operands) {
      return new TensorType(DType.BOOL, same(operands).shape());
    }

    @Override
    default List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Collections.nCopies(out.operands().size(), null);
    }
  }

  private static TensorType same(List<TensorType> operands) {
    for (TensorType type : operands) {
      if (!type.equals(operands.get(0))) {
        throw new IllegalArgumentException("operands differ: " + operands.get(0) + " and " + type);
      }
    }
    return operands.get(0);
  }

  private static TensorType numeric(TensorType type) {
    if (type.dtype() == DType.BOOL) {
      throw new IllegalArgumentException("operands are numbers, not bool; cast or select first");
    }
    return type;
  }

  private static TensorType floating(TensorType type) {
    if (!type.dtype().isFloat()) {
      throw new IllegalArgumentException(
          "operand is a floating-point number, not " + type.dtype() + "; cast first");
    }
    return type;
  }

  private static Scalar unary(Word1 word, List<Scalar> x) {
    return new Scalar.Unary(word, x.get(0));
  }

  private static Scalar binary(Word2 word, List<Scalar> x) {
    return new Scalar.Binary(word, x.get(0), x.get(1));
  }

  /** x + y. */
  record Add() implements Binary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.ADD, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g, g);
    }
  }

  /** x - y. */
  record Sub() implements Binary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.SUB, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g, g.neg());
    }
  }

  /** x * y. */
  record Mul() implements Binary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.MUL, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Arrays.asList(g.mul(out.operand(1)), g.mul(out.operand(0)));
    }
  }

  /** x / y; of integers rounded towards zero, and 0 where y is 0. */
  record Div() implements Binary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.DIV, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Tensor dx = g.div(out.operand(1));
      return Arrays.asList(dx, dx.mul(out).neg());
    }
  }

  /** x to the power y, as C99's pow. */
  record Pow() implements Binary {
    @Override
    public TensorType type(List<TensorType> operands) {
      return floating(same(operands));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.POW, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Tensor x = out.operand(0);
      Tensor y = out.operand(1);
      // Where the factor y (or x) is 0 the derivative is 0, not 0 times infinity.
      Tensor dx = g.mul(y).mul(x.pow(y.sub(1)));
      Tensor dy = g.mul(out).mul(x.log());
      return Arrays.asList(
          y.equal(0).select(y.zerosLike(), dx), x.equal(0).select(x.zerosLike(), dy));
    }
  }

  /** The smaller; NaN if either is. Of equal operands the first receives the gradient. */
  record Minimum() implements Binary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.MIN, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return chosen(out.operand(0).lessEqual(out.operand(1)), g);
    }
  }

  /** The larger; NaN if either is. Of equal operands the first receives the gradient. */
  record Maximum() implements Binary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.MAX, x);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return chosen(out.operand(0).greaterEqual(out.operand(1)), g);
    }
  }

  private static List<@Nullable Tensor> chosen(Tensor first, Tensor g) {
    Tensor zero = g.zerosLike();
    return Arrays.asList(first.select(g, zero), first.select(zero, g));
  }

  /** -x. */
  record Neg() implements Unary {
    @Override
    public TensorType type(List<TensorType> operands) {
      return numeric(operands.get(0));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.NEG, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.neg();
    }
  }

  /** |x|; the derivative at 0 is 0. */
  record Abs() implements Unary {
    @Override
    public TensorType type(List<TensorType> operands) {
      return numeric(operands.get(0));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.ABS, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(x.sign());
    }
  }

  /** -1, 0 or 1 by the sign of x; its derivative is 0. */
  record Sign() implements Unary {
    @Override
    public TensorType type(List<TensorType> operands) {
      return numeric(operands.get(0));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.SIGN, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.zerosLike();
    }
  }

  /** e to the x. */
  record Exp() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.EXP, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(y);
    }
  }

  /** e to the x, minus 1, accurate near 0. */
  record Expm1() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.EXPM1, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(y.add(1));
    }
  }

  /** Natural logarithm. */
  record Log() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.LOG, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.div(x);
    }
  }

  /** Natural logarithm of 1 + x, accurate near 0. */
  record Log1p() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.LOG1P, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.div(x.add(1));
    }
  }

  /** Square root. */
  record Sqrt() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.SQRT, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(0.5).div(y);
    }
  }

  /** One over the square root. */
  record Rsqrt() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.RSQRT, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(y).div(x).mul(-0.5);
    }
  }

  /** x times x. */
  record Square() implements Unary {
    @Override
    public TensorType type(List<TensorType> operands) {
      return numeric(operands.get(0));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return new Scalar.Binary(Word2.MUL, x.get(0), x.get(0));
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(x).mul(2);
    }
  }

  /** Sine of radians. */
  record Sin() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.SIN, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(x.cos());
    }
  }

  /** Cosine of radians. */
  record Cos() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.COS, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(x.sin()).neg();
    }
  }

  /** Hyperbolic tangent. */
  record Tanh() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.TANH, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(y.square().neg().add(1));
    }
  }

  /** 1 / (1 + exp(-x)). */
  record Sigmoid() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.SIGMOID, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(y).mul(y.neg().add(1));
    }
  }

  /** log(1 + exp(x)), stable for every x. */
  record Softplus() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.SOFTPLUS, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(x.sigmoid());
    }
  }

  /** max(x, 0); the derivative at 0 is 0. */
  record Relu() implements Unary {
    @Override
    public TensorType type(List<TensorType> operands) {
      return numeric(operands.get(0));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return new Scalar.Binary(Word2.MAX, x.get(0), Scalar.zero(x.get(0).type()));
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      // Reading y instead of x lets x be forgotten after the forward pass.
      return y.greater(0).select(g, g.zerosLike());
    }
  }

  /** x where positive, else slope times x; the derivative at 0 is the slope. */
  record LeakyRelu(double slope) implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      Scalar v = x.get(0);
      Scalar scaled = new Scalar.Binary(Word2.MUL, v, new Scalar.Const(v.type(), slope));
      return new Scalar.Select(new Scalar.Binary(Word2.LT, Scalar.zero(v.type()), v), v, scaled);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return x.greater(0).select(g, g.mul(slope));
    }
  }

  /** The error function. */
  record Erf() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.ERF, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI));
    }
  }

  /** The largest whole number not above x; its derivative is 0. */
  record Floor() implements Unary {
    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.FLOOR, x);
    }

    @Override
    public Tensor derivative(Tensor x, Tensor y, Tensor g) {
      return g.zerosLike();
    }
  }

  /** x &lt; y. */
  record Less() implements Comparison {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.LT, x);
    }
  }

  /** x &lt;= y. */
  record LessEqual() implements Comparison {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.LE, x);
    }
  }

  /** x = y. */
  record Equal() implements Comparison {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.EQ, x);
    }
  }

  /** x != y. */
  record NotEqual() implements Comparison {
    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.NE, x);
    }
  }

  /** Both, of truth values. */
  record And() implements Comparison {
    @Override
    public TensorType type(List<TensorType> operands) {
      return truth(same(operands));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.AND, x);
    }
  }

  /** Either, of truth values. */
  record Or() implements Comparison {
    @Override
    public TensorType type(List<TensorType> operands) {
      return truth(same(operands));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return binary(Word2.OR, x);
    }
  }

  /** The opposite of a truth value. */
  record Not() implements Comparison {
    @Override
    public TensorType type(List<TensorType> operands) {
      return truth(operands.get(0));
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return unary(Word1.NOT, x);
    }
  }

  private static TensorType truth(TensorType type) {
    if (type.dtype() != DType.BOOL) {
      throw new IllegalArgumentException("operands are bool, not " + type.dtype());
    }
    return type;
  }

  /** The second operand where the first (bool) holds, else the third. */
  record Select() implements Pointwise {
    @Override
    public TensorType type(List<TensorType> operands) {
      TensorType condition = operands.get(0);
      TensorType result = same(operands.subList(1, 3));
      if (condition.dtype() != DType.BOOL || !condition.shape().equals(result.shape())) {
        throw new IllegalArgumentException(
            "the condition is bool" + result.shape() + ", not " + condition);
      }
      return result;
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return new Scalar.Select(x.get(0), x.get(1), x.get(2));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      Tensor zero = g.zerosLike();
      Tensor condition = out.operand(0);
      return Arrays.asList(null, condition.select(g, zero), condition.select(zero, g));
    }
  }

  /** The same values as another kind of number. */
  record Cast(DType to) implements Pointwise {
    @Override
    public TensorType type(List<TensorType> operands) {
      return new TensorType(to, operands.get(0).shape());
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return x.get(0).type() == to ? x.get(0) : new Scalar.Cast(to, x.get(0));
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      DType from = out.operand(0).dtype();
      return Arrays.asList(from.isFloat() ? g.cast(from) : null);
    }
  }

  /** The same value, through which no gradient flows. */
  record StopGradient() implements Pointwise {
    @Override
    public TensorType type(List<TensorType> operands) {
      return operands.get(0);
    }

    @Override
    public Scalar lower(List<Scalar> x) {
      return x.get(0);
    }

    @Override
    public List<@Nullable Tensor> vjp(Tensor out, Tensor g) {
      return Collections.singletonList(null);
    }
  }
}
