package dev.credence.tensor;

import static dev.credence.tensor.Example.definite;
import static dev.credence.tensor.Example.distinct;
import static dev.credence.tensor.Example.index;
import static dev.credence.tensor.Example.integer;
import static dev.credence.tensor.Example.positive;
import static dev.credence.tensor.Example.real;
import static dev.credence.tensor.Example.stored;
import static dev.credence.tensor.Example.triangular;
import static dev.credence.tensor.Example.truth;

import dev.credence.tensor.Example.Operand;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A few examples of every op, and of the composites that users know by name. */
public final class OpExamples {
  private static final Key KEY = Key.ROOT.split("examples");

  private static final List<Example> ALL = new OpExamples().examples;

  private final List<Example> examples = new ArrayList<>();

  private OpExamples() {
    sources();
    functionsOfOne();
    functionsOfTwo();
    truths();
    reductions();
    scatters();
    rearrangements();
    paddings();
    gathers();
    products();
    convolutions();
    pools();
    draws();
    routines();
  }

  /** All of them. */
  public static List<Example> all() {
    return ALL;
  }

  // How they are written down.

  private void show(
      Class<? extends Op> op,
      String name,
      String type,
      Function<List<Tensor>, Tensor> body,
      Operand... operands) {
    examples.add(new Example(op, name, type, List.of(operands), body));
  }

  private void one(
      Class<? extends Op> op, String name, String type, Operand x, UnaryOperator<Tensor> body) {
    show(op, name, type, t -> body.apply(t.get(0)), x);
  }

  private void two(
      Class<? extends Op> op,
      String name,
      String type,
      Operand x,
      Operand y,
      BinaryOperator<Tensor> body) {
    show(op, name, type, t -> body.apply(t.get(0), t.get(1)), x, y);
  }

  // Sources.

  private void sources() {
    one(Source.Input.class, "as it is", "float[2, 3]", real(2, 3), x -> x);
    two(Source.Parameter.class, "with an input", "float[4]", stored(4), real(4), Tensor::mul);
    one(
        Source.Number.class,
        "scaling",
        "float[5]",
        real(5),
        x -> x.mul(Tensor.number("half").cast(x.dtype())));
    one(
        Source.Number.class,
        "whole",
        "int32[5]",
        integer(5),
        x -> x.add(Tensor.integer("three")).add(Tensor.integer(Source.Number.STEP)));
    one(Source.Fill.class, "added", "float[3]", real(3), x -> x.add(0.1));
    one(
        Source.Fill.class,
        "alone",
        "bool[2]",
        real(2),
        x -> Tensor.fill(1, TensorType.of(DType.BOOL, 2)));
    one(
        Source.Literal.class,
        "added",
        "float[2, 2]",
        real(2, 2),
        x -> x.add(Tensor.literal(new TensorType(x.dtype(), Shape.of(2)), 0.1, -7)));
    one(
        Source.Literal.class,
        "of truth values",
        "float[3]",
        real(3),
        x -> Tensor.literal(TensorType.of(DType.BOOL, 3), 1, 0, 1).select(x, x.zerosLike()));
    one(
        Source.Iota.class,
        "times x",
        "float[2, 3]",
        real(2, 3),
        x -> x.mul(Tensor.iota(x.shape(), 1).cast(x.dtype())));
  }

  // Pointwise.

  private void smooth(Class<? extends Op> op, Operand x, UnaryOperator<Tensor> body) {
    one(op, "of " + x.shape(), "float" + x.shape(), x, body);
  }

  private void functionsOfOne() {
    smooth(Pointwise.Neg.class, real(3, 5), Tensor::neg);
    smooth(Pointwise.Abs.class, real(3, 5), Tensor::abs);
    smooth(Pointwise.Sign.class, real(3, 5), Tensor::sign);
    smooth(Pointwise.Exp.class, real(3, 5), Tensor::exp);
    smooth(Pointwise.Expm1.class, real(3, 5), Tensor::expm1);
    smooth(Pointwise.Log.class, positive(3, 5), Tensor::log);
    smooth(Pointwise.Log1p.class, positive(3, 5), Tensor::log1p);
    smooth(Pointwise.Sqrt.class, positive(3, 5), Tensor::sqrt);
    smooth(Pointwise.Rsqrt.class, positive(3, 5), Tensor::rsqrt);
    smooth(Pointwise.Square.class, real(3, 5), Tensor::square);
    smooth(Pointwise.Sin.class, real(3, 5), Tensor::sin);
    smooth(Pointwise.Cos.class, real(3, 5), Tensor::cos);
    smooth(Pointwise.Tanh.class, real(3, 5), Tensor::tanh);
    smooth(Pointwise.Sigmoid.class, real(3, 5), Tensor::sigmoid);
    smooth(Pointwise.Softplus.class, real(3, 5), Tensor::softplus);
    smooth(Pointwise.Relu.class, real(3, 5), Tensor::relu);
    smooth(Pointwise.LeakyRelu.class, real(3, 5), x -> x.leakyRelu(0.01));
    smooth(Pointwise.Erf.class, real(3, 5), Tensor::erf);
    smooth(Pointwise.Floor.class, real(3, 5), Tensor::floor);
    one(Pointwise.Erf.class, "in gelu", "float[3, 5]", real(3, 5), Tensor::gelu);
    one(Pointwise.Exp.class, "of a scalar", "float[]", real(), Tensor::exp);
    one(Pointwise.Exp.class, "of nothing", "float[0, 3]", real(0, 3), Tensor::exp);
    one(
        Pointwise.Abs.class,
        "of whole numbers",
        "int32[9]",
        integer(9),
        x -> x.abs().add(x.sign()).add(x.neg().mul(3)).add(x.square()).add(x.relu()));
    one(
        Pointwise.StopGradient.class,
        "of what has none",
        "float[4]",
        integer(4),
        x -> x.cast(DType.FLOAT32).stopGradient());
    one(Pointwise.Cast.class, "to int32", "int32[6]", real(6), x -> x.cast(DType.INT32));
    one(Pointwise.Cast.class, "to bool", "bool[6]", integer(6), x -> x.cast(DType.BOOL));
    two(
        Pointwise.Cast.class,
        "of truth values",
        "float[6]",
        truth(6),
        real(6),
        (c, x) -> c.cast(x.dtype()).mul(x));
  }

  private void functionsOfTwo() {
    two(Pointwise.Add.class, "plain", "float[3, 5]", real(3, 5), real(3, 5), Tensor::add);
    two(
        Pointwise.Sub.class,
        "a column less a row",
        "float[3, 4]",
        real(3, 1),
        real(4),
        Tensor::sub);
    two(Pointwise.Mul.class, "by a scalar", "float[2, 3]", real(2, 3), real(), Tensor::mul);
    two(
        Pointwise.Mul.class,
        "both repeated",
        "float[2, 4, 3]",
        real(2, 1, 3),
        real(4, 1),
        Tensor::mul);
    two(Pointwise.Mul.class, "one by none", "float[2, 0]", real(2, 1), real(0), Tensor::mul);
    two(Pointwise.Div.class, "plain", "float[3, 5]", real(3, 5), real(3, 5), Tensor::div);
    two(Pointwise.Pow.class, "plain", "float[3, 5]", positive(3, 5), real(3, 5), Tensor::pow);
    one(Pointwise.Pow.class, "cube", "float[5]", real(5), x -> x.pow(3));
    two(Pointwise.Minimum.class, "plain", "float[3, 5]", real(3, 5), real(3, 5), Tensor::minimum);
    two(Pointwise.Maximum.class, "plain", "float[3, 5]", real(3, 5), real(3, 5), Tensor::maximum);
    one(Pointwise.Maximum.class, "in clamp", "float[15]", real(15), x -> x.clamp(-1, 1));
    two(
        Pointwise.Div.class,
        "of whole numbers, 0 too",
        "int32[40]",
        integer(40),
        integer(40),
        (x, y) -> x.div(y).mul(10).add(x.remainder(3)).sub(x.minimum(y)).add(x.maximum(y)));
  }

  private void truths() {
    two(
        Pointwise.Less.class,
        "a row and a column",
        "bool[2, 3]",
        real(3),
        real(2, 1),
        Tensor::less);
    two(
        Pointwise.LessEqual.class,
        "of whole numbers",
        "bool[9]",
        integer(9),
        integer(9),
        Tensor::lessEqual);
    two(
        Pointwise.Equal.class,
        "of whole numbers",
        "bool[30]",
        integer(30),
        integer(30),
        Tensor::equal);
    two(
        Pointwise.NotEqual.class,
        "of whole numbers",
        "bool[9]",
        integer(9),
        integer(9),
        Tensor::notEqual);
    one(
        Pointwise.Less.class,
        "turned round",
        "bool[9]",
        integer(9),
        x -> x.greater(0).or(x.greaterEqual(x.square())));
    two(
        Pointwise.And.class,
        "of a row and a column",
        "bool[3, 4]",
        truth(4),
        truth(3, 1),
        Tensor::and);
    two(Pointwise.Or.class, "plain", "bool[9]", truth(9), truth(9), Tensor::or);
    one(Pointwise.Not.class, "plain", "bool[9]", truth(9), Tensor::not);
    show(
        Pointwise.Select.class,
        "all three repeated",
        "float[2, 3, 4]",
        t -> t.get(0).select(t.get(1), t.get(2)),
        truth(3, 1),
        real(2, 1, 1),
        real(4));
    show(
        Pointwise.Select.class,
        "of whole numbers",
        "int32[9]",
        t -> t.get(0).select(t.get(1), t.get(2)),
        truth(9),
        integer(9),
        integer(9));
  }

  // Reductions.

  private void reductions() {
    one(Reduce.Sum.class, "inner", "float[3]", real(3, 5), x -> x.sum(1));
    one(Reduce.Sum.class, "outer", "float[5]", real(3, 5), x -> x.sum(0));
    one(Reduce.Sum.class, "middle", "float[2, 4]", real(2, 3, 4), x -> x.sum(1));
    one(Reduce.Sum.class, "first and last", "float[3]", real(2, 3, 4), x -> x.sum(0, -1));
    one(Reduce.Sum.class, "all", "float[]", real(2, 3, 4), Tensor::sumAll);
    one(Reduce.Sum.class, "of nothing", "float[2]", real(2, 0), x -> x.sum(1));
    one(Reduce.Sum.class, "of whole numbers", "int32[2]", integer(3, 2), x -> x.sum(0));
    one(Reduce.Sum.class, "in a mean", "float[3]", real(3, 5), x -> x.mean(1));
    one(Reduce.Sum.class, "of squares", "float[3]", real(3, 5), x -> x.square().sum(1));
    one(Reduce.Sum.class, "of sums", "float[]", real(3, 5), x -> x.sum(1).exp().sum(0));
    one(
        Reduce.Sum.class,
        "in a variance",
        "float[4]",
        real(6, 4),
        x -> x.sub(x.mean(0)).square().mean(0));
    one(Reduce.Max.class, "inner", "float[3]", distinct(3, 5), x -> x.max(1));
    one(Reduce.Max.class, "outer", "float[5]", distinct(3, 5), x -> x.max(0));
    one(Reduce.Max.class, "first and last", "float[3]", distinct(2, 3, 4), x -> x.max(0, 2));
    one(Reduce.Max.class, "all", "float[]", distinct(2, 3, 4), x -> x.max(0, 1, 2));
    one(Reduce.Max.class, "of whole numbers", "int32[3]", integer(3, 4), x -> x.max(1));
    one(Reduce.Min.class, "middle", "float[2, 4]", distinct(2, 3, 4), x -> x.min(1));
    one(Reduce.Min.class, "all", "float[]", distinct(7), x -> x.min(0));
    one(Reduce.ArgMax.class, "inner", "int32[3]", distinct(3, 5), x -> x.argmax(1));
    one(Reduce.ArgMax.class, "of equals", "int32[2]", integer(2, 40), x -> x.argmax(1));
    one(Reduce.ArgMax.class, "all", "int32[]", distinct(2, 3, 4), x -> x.argmax(0, 1, 2));
    one(Reduce.ArgMin.class, "outer", "int32[5]", distinct(3, 5), x -> x.argmin(0));
    one(Reduce.ArgMin.class, "of equals", "int32[2]", integer(40, 2), x -> x.argmin(0));
    one(Reduce.Max.class, "in logsumexp", "float[3]", distinct(3, 5), x -> x.logsumexp(1));
    one(Reduce.Max.class, "in logsumexp of all", "float[]", distinct(3, 5), x -> x.logsumexp(0, 1));
    one(Reduce.Max.class, "in softmax", "float[3, 5]", distinct(3, 5), x -> x.softmax(1));
    one(
        Reduce.Max.class,
        "in softmax of columns",
        "float[3, 5]",
        distinct(3, 5),
        x -> x.softmax(0));
    one(Reduce.Max.class, "in logSoftmax", "float[3, 5]", distinct(3, 5), x -> x.logSoftmax(-1));
  }

  private void scatters() {
    two(
        Reduce.ScatterAdd.class,
        "rows, some onto one",
        "float[4, 3]",
        real(6, 3),
        index(4, 6),
        (g, i) -> Tensor.of(new Reduce.ScatterAdd(0, 4), g, i));
    two(
        Reduce.ScatterAdd.class,
        "by a matrix of positions",
        "float[2, 5, 3]",
        real(2, 2, 4, 3),
        index(5, 2, 4),
        (g, i) -> Tensor.of(new Reduce.ScatterAdd(1, 5), g, i));
    two(
        Reduce.ScatterAddAlong.class,
        "some onto one",
        "float[3, 4]",
        real(3, 6),
        index(4, 3, 6),
        (g, i) -> Tensor.of(new Reduce.ScatterAddAlong(1, 4), g, i));
  }

  // Views.

  private void rearrangements() {
    one(
        View.Reshape.class,
        "splitting and joining",
        "float[4, 3, 2]",
        real(2, 3, 4),
        x -> x.reshape(4, 3, 2));
    one(View.Reshape.class, "worked out", "float[6, 4]", real(2, 3, 4), x -> x.reshape(-1, 4));
    one(
        View.Reshape.class,
        "of a permutation",
        "float[12, 2]",
        real(2, 3, 4),
        x -> x.permute(2, 1, 0).reshape(12, 2).exp());
    one(View.Reshape.class, "of nothing", "float[0]", real(2, 0), x -> x.reshape(0));
    one(View.Permute.class, "three axes", "float[4, 2, 3]", real(2, 3, 4), x -> x.permute(2, 0, 1));
    one(View.Permute.class, "transposed", "float[2, 4, 3]", real(2, 3, 4), Tensor::transpose);
    one(
        View.Broadcast.class,
        "in front and inside",
        "float[2, 3, 4]",
        real(3, 1),
        x -> x.broadcast(2, 3, 4));
    one(View.Broadcast.class, "of a scalar", "float[2, 2]", real(), x -> x.broadcast(2, 2));
    one(View.Broadcast.class, "to nothing", "float[0, 3]", real(3), x -> x.broadcast(0, 3));
    one(View.Broadcast.class, "of truth values", "bool[2, 3]", truth(3), x -> x.broadcast(2, 3));
    one(View.Flip.class, "inner", "float[3, 4]", real(3, 4), x -> x.flip(-1));
    one(View.Flip.class, "of whole numbers, outer", "int32[3, 4]", integer(3, 4), x -> x.flip(0));
    one(View.Slice.class, "plain", "float[2, 2]", real(2, 5), x -> x.slice(1, 1, 3));
    one(View.Slice.class, "in steps", "float[2, 3]", real(2, 8), x -> x.slice(1, 1, 3, 3));
    one(View.Slice.class, "to nothing", "float[2, 0]", real(2, 3), x -> x.slice(1, 1, 1));
    one(
        View.Slide.class,
        "windows that overlap",
        "float[2, 3, 3]",
        real(2, 7),
        x -> x.windows(1, 3, 2, 1));
    one(
        View.Slide.class,
        "windows with gaps",
        "float[2, 2, 3]",
        real(6, 2),
        x -> x.windows(0, 3, 1, 2));
    one(
        View.Unslide.class,
        "back from windows",
        "float[2, 9, 3]",
        real(2, 3, 3),
        x -> Tensor.of(new View.Unslide(1, 2, 2, 2, 9), x));
  }

  private void paddings() {
    one(View.Pad.class, "with zeros", "float[2, 6]", real(2, 3), x -> x.pad(1, 2, 1, 0, 0));
    one(
        View.Pad.class,
        "between and around",
        "float[9, 2]",
        real(3, 2),
        x -> x.pad(0, 0, 2, 2, 0.5));
    one(
        View.Pad.class,
        "with minus infinity",
        "float[2]",
        distinct(2, 3),
        x -> x.pad(1, 1, 1, 0, Double.NEGATIVE_INFINITY).max(1));
    one(View.Pad.class, "of nothing", "float[3]", real(0), x -> x.pad(0, 1, 2, 1, 1));
    one(View.Pad.class, "of truth values", "bool[5]", truth(3), x -> x.pad(0, 1, 1, 0, 1));
    two(
        View.Concat.class,
        "inner",
        "float[2, 5]",
        real(2, 3),
        real(2, 2),
        (x, y) -> Tensor.concat(1, x, y));
    show(
        View.Concat.class,
        "three, one empty",
        "float[5, 2]",
        t -> Tensor.concat(0, t.get(0), t.get(1), t.get(2)),
        real(2, 2),
        real(0, 2),
        real(3, 2));
    two(
        View.Concat.class,
        "in a stack",
        "int32[3, 2]",
        integer(3),
        integer(3),
        (x, y) -> Tensor.stack(1, x, y));
    one(View.Concat.class, "with itself", "float[6]", real(3), x -> Tensor.concat(0, x, x.exp()));
  }

  private void gathers() {
    two(
        View.Take.class,
        "rows, some twice",
        "float[5, 3]",
        real(4, 3),
        index(4, 5),
        (x, i) -> x.take(i, 0));
    two(
        View.Take.class,
        "by a matrix of positions",
        "float[2, 2, 3]",
        real(2, 4),
        index(4, 2, 3),
        (x, i) -> x.take(i, 1));
    two(
        View.Take.class,
        "of truth values",
        "bool[7]",
        truth(4),
        index(4, 7),
        (x, i) -> x.take(i, 0));
    two(View.Take.class, "none", "float[0, 3]", real(4, 3), index(4, 0), (x, i) -> x.take(i, 0));
    two(
        View.Take.class,
        "through a flip",
        "float[6]",
        real(4),
        index(4, 6),
        (x, i) -> x.exp().take(i.flip(0), 0));
    two(
        View.Take.class,
        "by a computed position",
        "float[6]",
        real(5),
        index(4, 6),
        (x, i) -> x.take(i.add(1), 0));
    two(
        View.TakeAlong.class,
        "one a row",
        "float[5, 1]",
        real(5, 3),
        index(3, 5, 1),
        (x, i) -> x.takeAlong(i, 1));
    two(
        View.TakeAlong.class,
        "several, some twice",
        "float[2, 6]",
        real(2, 3),
        index(3, 2, 6),
        (x, i) -> x.takeAlong(i, 1));
    two(
        View.TakeAlong.class,
        "outer",
        "float[6, 2]",
        real(3, 2),
        index(3, 6, 2),
        (x, i) -> x.takeAlong(i, 0));
  }

  // Products.

  private void einsum(String equation, String type, Operand a, Operand b) {
    two(Contract.Einsum.class, equation, type, a, b, (x, y) -> Tensor.einsum(equation, x, y));
  }

  private void products() {
    einsum("mk,kn->mn", "float[2, 4]", real(2, 3), real(3, 4));
    einsum("mk,nk->mn", "float[2, 4]", real(2, 3), real(4, 3));
    einsum("km,kn->mn", "float[2, 4]", real(3, 2), real(3, 4));
    einsum("km,nk->nm", "float[4, 2]", real(3, 2), real(4, 3));
    einsum("k,k->", "float[]", real(5), real(5));
    einsum("m,n->mn", "float[2, 3]", real(2), real(3));
    einsum("mk,k->m", "float[2]", real(2, 3), real(3));
    einsum("bmk,bkn->bmn", "float[2, 3, 2]", real(2, 3, 4), real(2, 4, 2));
    einsum("bmk,kn->mbn", "float[3, 2, 2]", real(2, 3, 4), real(4, 2));
    einsum("abk,cbk->ac", "float[2, 3]", real(2, 2, 4), real(3, 2, 4));
    einsum("ab,ab->ba", "float[3, 2]", real(2, 3), real(2, 3));
    einsum("mk,kn->mn", "float[2, 3]", real(2, 0), real(0, 3));
    two(
        Contract.Einsum.class,
        "batches repeated",
        "float[2, 3, 4, 2]",
        real(2, 1, 4, 3),
        real(3, 3, 2),
        Tensor::matmul);
    two(
        Contract.Einsum.class,
        "of computed operands",
        "float[2, 4]",
        real(2, 3),
        real(4, 3),
        (x, w) -> x.tanh().matmul(w.exp().transpose()).relu());
    one(
        Contract.Einsum.class,
        "with itself",
        "float[3, 3]",
        real(3, 2),
        x -> x.matmul(x.transpose()));
  }

  private void convolution(
      String name,
      String type,
      Operand x,
      Operand w,
      int stride,
      int padding,
      int dilation,
      int groups) {
    two(
        Contract.Convolve.class,
        name,
        type,
        x,
        w,
        (i, f) -> Convolution.conv2d(i, f, stride, padding, dilation, groups));
  }

  private void convolutions() {
    convolution("plain", "float[2, 2, 3, 2]", real(2, 1, 4, 4), real(2, 1, 2, 3), 1, 0, 1, 1);
    convolution(
        "with stride and padding",
        "float[1, 2, 3, 3]",
        real(1, 2, 5, 6),
        real(2, 2, 3, 3),
        2,
        1,
        1,
        1);
    convolution(
        "with dilation", "float[1, 1, 3, 1]", real(1, 2, 5, 5), real(1, 2, 2, 3), 1, 0, 2, 1);
    convolution(
        "with everything", "float[1, 4, 3, 3]", real(1, 2, 6, 6), real(4, 1, 2, 2), 2, 1, 2, 2);
    convolution(
        "a channel a group", "float[1, 3, 2, 2]", real(1, 3, 3, 3), real(3, 1, 2, 2), 1, 0, 1, 3);
    two(
        Contract.Convolve.class,
        "transposed",
        "float[1, 3, 6, 6]",
        real(1, 2, 3, 3),
        real(2, 3, 3, 3),
        (x, w) -> Convolution.convTranspose2d(x, w, 2, 1, 1, 1, 1));
    two(
        Contract.Convolve.class,
        "transposed, with groups and dilation",
        "float[1, 4, 7, 7]",
        real(1, 2, 3, 3),
        real(2, 2, 2, 2),
        (x, w) -> Convolution.convTranspose2d(x, w, 2, 0, 0, 2, 2));
  }

  private void pools() {
    one(
        Reduce.Max.class,
        "over windows",
        "float[1, 2, 2, 2]",
        distinct(1, 2, 4, 4),
        x -> Convolution.maxPool2d(x, 2, 2));
    one(
        Reduce.Max.class,
        "over windows that overlap",
        "float[1, 1, 3, 3]",
        distinct(1, 1, 7, 7),
        x -> Convolution.maxPool2d(x, 3, 2));
    one(
        Reduce.Sum.class,
        "in the mean of windows",
        "float[1, 1, 3, 3]",
        real(1, 1, 5, 5),
        x -> Convolution.avgPool2d(x, 3, 1));
    one(
        Reduce.ArgMax.class,
        "where in its plane",
        "int32[1, 2, 2, 2]",
        distinct(1, 2, 5, 5),
        x -> Convolution.maxPoolIndices(x, 3, 2));
    one(
        Reduce.ScatterAddAlong.class,
        "pooled values back in place",
        "float[1, 2, 5, 5]",
        distinct(1, 2, 5, 5),
        x ->
            Convolution.maxUnpool2d(
                Convolution.maxPool2d(x, 3, 2), Convolution.maxPoolIndices(x, 3, 2), 5, 5));
  }

  // Draws.

  private void noise(Class<? extends Op> op, String name, Operand x, Tensor draw) {
    one(op, name, "float" + x.shape(), x, t -> t.mul(draw.cast(t.dtype())));
  }

  private static Draw.Layout layout(String key, boolean samples, boolean rows, int... dims) {
    return new Draw.Layout(KEY.split(key), Shape.of(dims), samples, rows);
  }

  private void draws() {
    noise(Draw.Normal.class, "plain", real(3, 50), Tensor.normal(KEY.split("normal"), 3, 50));
    noise(
        Draw.Normal.class,
        "rows",
        real(4, 13),
        Tensor.of(new Draw.Normal(layout("rows", false, true, 4, 13))));
    noise(
        Draw.Normal.class,
        "samples of rows",
        real(3, 4, 13),
        Tensor.of(new Draw.Normal(layout("both", true, true, 3, 4, 13))));
    noise(
        Draw.Normal.class,
        "samples",
        real(3, 70),
        Tensor.of(new Draw.Normal(layout("samples", true, false, 3, 70))));
    noise(
        Draw.Normal.class,
        "transposed",
        real(7, 5),
        Tensor.normal(KEY.split("turned"), 5, 7).transpose());
    noise(
        Draw.Normal.class,
        "repeated",
        real(4, 6),
        Tensor.normal(KEY.split("repeated"), 6).broadcast(4, 6));
    noise(Draw.Normal.class, "cut", real(9), Tensor.normal(KEY.split("cut"), 80).slice(0, 66, 75));
    noise(Draw.Uniform.class, "plain", real(100), Tensor.uniform(KEY.split("uniform"), 100));
    noise(
        Draw.Bits.class,
        "scaled",
        real(70),
        Tensor.bits(KEY.split("bits"), 70).cast(DType.FLOAT32).mul(0x1p-31));
    noise(
        Draw.Bernoulli.class,
        "a mask",
        real(5, 20),
        Tensor.bernoulli(KEY.split("mask"), 0.3, 5, 20));
    noise(Draw.Bernoulli.class, "certain", real(5), Tensor.bernoulli(KEY.split("certain"), 1, 5));
    one(
        Draw.Normal.class,
        "summed",
        "float[3]",
        real(3),
        x -> x.add(Tensor.normal(KEY.split("sum"), 3, 77).square().sum(1).cast(x.dtype())));
    one(
        Draw.Normal.class,
        "in weights",
        "float[4, 3]",
        real(4, 5),
        x -> x.matmul(Tensor.normal(KEY.split("weights"), 5, 3).cast(x.dtype())));
  }

  // Routines.

  private void routines() {
    one(RoutineOp.Cholesky.class, "one", "float[3, 3]", definite(3, 3), Tensor::cholesky);
    one(
        RoutineOp.Cholesky.class,
        "two of a computed matrix",
        "float[2, 2, 2]",
        definite(2, 2, 2),
        a -> a.mul(1.5).cholesky().square());
    for (boolean lower : List.of(true, false)) {
      for (boolean transposed : List.of(true, false)) {
        two(
            RoutineOp.TriangularSolve.class,
            (lower ? "lower" : "upper") + (transposed ? ", transposed" : ""),
            "float[2, 3, 2]",
            triangular(2, 3, 3),
            real(2, 3, 2),
            (a, b) -> b.triangularSolve(a, lower, transposed));
      }
    }
  }
}
