package dev.credence.tensor;

import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A node of a traced graph: an op applied to tensors. A tensor has a type and no numbers; numbers
 * come into being when a program that contains it is run. Tensors are immutable and equal only to
 * themselves.
 *
 * <p>Binary operations broadcast their operands to a common shape. Every method throws {@link
 * TraceException} when types or shapes do not fit. Axes may be negative, counting from the last.
 */
public final class Tensor {
  private final Op op;
  private final List<Tensor> operands;
  private final TensorType type;
  private final Origin origin;

  private Tensor(Op op, List<Tensor> operands, TensorType type, Origin origin) {
    this.op = op;
    this.operands = operands;
    this.type = type;
    this.origin = origin;
  }

  /** An op applied to tensors. */
  public static Tensor of(Op op, Tensor... operands) {
    return of(op, List.of(operands), Origin.here());
  }

  /** An op applied to tensors, as if made at another place: what a rewriting keeps. */
  public static Tensor of(Op op, List<Tensor> operands, Origin origin) {
    TensorType type;
    try {
      type = op.type(operands.stream().map(Tensor::type).toList());
    } catch (IllegalArgumentException e) {
      throw error(op.name(), operands, String.valueOf(e.getMessage()), origin);
    }
    return new Tensor(op, List.copyOf(operands), type, origin);
  }

  private static TraceException error(
      String name, List<Tensor> operands, String message, Origin origin) {
    List<TensorType> types = operands.stream().map(Tensor::type).toList();
    return new TraceException(name + " of " + types + ": " + message + " (at " + origin + ")");
  }

  private static <T> T checked(
      String name, List<Tensor> operands, java.util.function.Supplier<T> body) {
    try {
      return body.get();
    } catch (TraceException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw error(name, operands, String.valueOf(e.getMessage()), Origin.here());
    }
  }

  // Sources.

  /** An array given at every run, called by its path. */
  public static Tensor input(String path, TensorType type) {
    return of(new Source.Input(path, type));
  }

  /** An array that a state keeps. */
  public static Tensor parameter(String path, TensorType type) {
    return of(new Source.Parameter(path, type));
  }

  /** A float32 scalar that is set between runs. */
  public static Tensor number(String name) {
    return of(new Source.Number(name, new TensorType(DType.FLOAT32, Shape.SCALAR)));
  }

  /** An int32 scalar that is set between runs. */
  public static Tensor integer(String name) {
    return of(new Source.Number(name, new TensorType(DType.INT32, Shape.SCALAR)));
  }

  /** One value everywhere. */
  public static Tensor fill(double value, TensorType type) {
    return of(new Source.Fill(value, type));
  }

  /** Zeros. */
  public static Tensor zeros(TensorType type) {
    return fill(0, type);
  }

  /** A float32 scalar constant. */
  public static Tensor scalar(double value) {
    return fill(value, new TensorType(DType.FLOAT32, Shape.SCALAR));
  }

  /** A constant array, row-major. */
  public static Tensor literal(TensorType type, double... values) {
    return checked("literal", List.of(), () -> of(new Source.Literal(type, values)));
  }

  /** The position along an axis, int32. */
  public static Tensor iota(Shape shape, int axis) {
    return of(new Source.Iota(shape, shape.axis(axis)));
  }

  /** The row-major position over some axes, ascending, int32. */
  static Tensor iota(Shape shape, List<Integer> axes) {
    int[] own = new int[shape.rank()];
    Arrays.fill(own, 1);
    int count = 1;
    for (int axis : axes) {
      own[axis] = shape.dim(axis);
      count *= shape.dim(axis);
    }
    return iota(Shape.of(count), 0).reshape(own).broadcast(shape);
  }

  // Draws.

  /** Standard normal float32 numbers. */
  public static Tensor normal(Key key, int... dims) {
    return of(new Draw.Normal(Draw.Layout.of(key, dims)));
  }

  /** Float32 numbers in [0, 1). */
  public static Tensor uniform(Key key, int... dims) {
    return of(new Draw.Uniform(Draw.Layout.of(key, dims)));
  }

  /** True with this probability. */
  public static Tensor bernoulli(Key key, double probability, int... dims) {
    return checked(
        "bernoulli",
        List.of(),
        () -> of(new Draw.Bernoulli(Draw.Layout.of(key, dims), probability)));
  }

  /** 32 random bits an element, int32. */
  public static Tensor bits(Key key, int... dims) {
    return of(new Draw.Bits(Draw.Layout.of(key, dims)));
  }

  // What it is.

  /** What computes it. */
  public Op op() {
    return op;
  }

  /** What it is computed from. */
  public List<Tensor> operands() {
    return operands;
  }

  /** One of the tensors it is computed from. */
  public Tensor operand(int i) {
    return operands.get(i);
  }

  /** Its type. */
  public TensorType type() {
    return type;
  }

  /** Its shape. */
  public Shape shape() {
    return type.shape();
  }

  /** Kind of its elements. */
  public DType dtype() {
    return type.dtype();
  }

  /** Where it was made. */
  public Origin origin() {
    return origin;
  }

  /** Zeros of this type. */
  public Tensor zerosLike() {
    return zeros(type);
  }

  // Element by element.

  private Tensor pair(Op op, Tensor other) {
    Shape common =
        checked(op.name(), List.of(this, other), () -> Shape.broadcast(shape(), other.shape()));
    return of(op, broadcast(common), other.broadcast(common));
  }

  private Tensor pair(Op op, double other) {
    return of(op, this, fill(other, type));
  }

  /** Sum. */
  public Tensor add(Tensor other) {
    return pair(new Pointwise.Add(), other);
  }

  /** Sum with a constant. */
  public Tensor add(double other) {
    return pair(new Pointwise.Add(), other);
  }

  /** Difference. */
  public Tensor sub(Tensor other) {
    return pair(new Pointwise.Sub(), other);
  }

  /** Difference with a constant. */
  public Tensor sub(double other) {
    return pair(new Pointwise.Sub(), other);
  }

  /** Product, element by element. */
  public Tensor mul(Tensor other) {
    return pair(new Pointwise.Mul(), other);
  }

  /** Product with a constant. */
  public Tensor mul(double other) {
    return pair(new Pointwise.Mul(), other);
  }

  /** Quotient; of integers rounded towards zero, and 0 for a divisor of 0. */
  public Tensor div(Tensor other) {
    return pair(new Pointwise.Div(), other);
  }

  /** Quotient by a constant. */
  public Tensor div(double other) {
    return pair(new Pointwise.Div(), other);
  }

  /** Remainder of integers, of the sign of this. */
  public Tensor remainder(int divisor) {
    return sub(div(divisor).mul(divisor));
  }

  /** Power. */
  public Tensor pow(Tensor other) {
    return pair(new Pointwise.Pow(), other);
  }

  /** Power with a constant exponent. */
  public Tensor pow(double other) {
    return pair(new Pointwise.Pow(), other);
  }

  /** The smaller, NaN if either is. */
  public Tensor minimum(Tensor other) {
    return pair(new Pointwise.Minimum(), other);
  }

  /** The smaller of this and a constant. */
  public Tensor minimum(double other) {
    return pair(new Pointwise.Minimum(), other);
  }

  /** The larger, NaN if either is. */
  public Tensor maximum(Tensor other) {
    return pair(new Pointwise.Maximum(), other);
  }

  /** The larger of this and a constant. */
  public Tensor maximum(double other) {
    return pair(new Pointwise.Maximum(), other);
  }

  /** This between two constants. */
  public Tensor clamp(double low, double high) {
    return maximum(low).minimum(high);
  }

  /** Whether this is less. */
  public Tensor less(Tensor other) {
    return pair(new Pointwise.Less(), other);
  }

  /** Whether this is less than a constant. */
  public Tensor less(double other) {
    return pair(new Pointwise.Less(), other);
  }

  /** Whether this is less or equal. */
  public Tensor lessEqual(Tensor other) {
    return pair(new Pointwise.LessEqual(), other);
  }

  /** Whether this is greater. */
  public Tensor greater(Tensor other) {
    return other.less(this);
  }

  /** Whether this is greater than a constant. */
  public Tensor greater(double other) {
    return fill(other, type).less(this);
  }

  /** Whether this is greater or equal. */
  public Tensor greaterEqual(Tensor other) {
    return other.lessEqual(this);
  }

  /** Whether both are equal. */
  public Tensor equal(Tensor other) {
    return pair(new Pointwise.Equal(), other);
  }

  /** Whether this equals a constant. */
  public Tensor equal(double other) {
    return pair(new Pointwise.Equal(), other);
  }

  /** Whether both differ. */
  public Tensor notEqual(Tensor other) {
    return pair(new Pointwise.NotEqual(), other);
  }

  /** Both, of truth values. */
  public Tensor and(Tensor other) {
    return pair(new Pointwise.And(), other);
  }

  /** Either, of truth values. */
  public Tensor or(Tensor other) {
    return pair(new Pointwise.Or(), other);
  }

  /** The opposite truth value. */
  public Tensor not() {
    return of(new Pointwise.Not(), this);
  }

  /** Where this truth value holds the first, else the second. */
  public Tensor select(Tensor yes, Tensor no) {
    Shape common =
        checked(
            "select",
            List.of(this, yes, no),
            () -> Shape.broadcast(shape(), Shape.broadcast(yes.shape(), no.shape())));
    return of(
        new Pointwise.Select(), broadcast(common), yes.broadcast(common), no.broadcast(common));
  }

  /** The same values as another kind. */
  public Tensor cast(DType to) {
    return to == dtype() ? this : of(new Pointwise.Cast(to), this);
  }

  /** The same values, through which no gradient flows. */
  public Tensor stopGradient() {
    return of(new Pointwise.StopGradient(), this);
  }

  /** -x. */
  public Tensor neg() {
    return of(new Pointwise.Neg(), this);
  }

  /** |x|. */
  public Tensor abs() {
    return of(new Pointwise.Abs(), this);
  }

  /** -1, 0 or 1. */
  public Tensor sign() {
    return of(new Pointwise.Sign(), this);
  }

  /** e to the x. */
  public Tensor exp() {
    return of(new Pointwise.Exp(), this);
  }

  /** e to the x, minus 1. */
  public Tensor expm1() {
    return of(new Pointwise.Expm1(), this);
  }

  /** Natural logarithm. */
  public Tensor log() {
    return of(new Pointwise.Log(), this);
  }

  /** Natural logarithm of 1 + x. */
  public Tensor log1p() {
    return of(new Pointwise.Log1p(), this);
  }

  /** Square root. */
  public Tensor sqrt() {
    return of(new Pointwise.Sqrt(), this);
  }

  /** One over the square root. */
  public Tensor rsqrt() {
    return of(new Pointwise.Rsqrt(), this);
  }

  /** x times x. */
  public Tensor square() {
    return of(new Pointwise.Square(), this);
  }

  /** Sine of radians. */
  public Tensor sin() {
    return of(new Pointwise.Sin(), this);
  }

  /** Cosine of radians. */
  public Tensor cos() {
    return of(new Pointwise.Cos(), this);
  }

  /** Hyperbolic tangent. */
  public Tensor tanh() {
    return of(new Pointwise.Tanh(), this);
  }

  /** 1 / (1 + exp(-x)). */
  public Tensor sigmoid() {
    return of(new Pointwise.Sigmoid(), this);
  }

  /** log(1 + exp(x)). */
  public Tensor softplus() {
    return of(new Pointwise.Softplus(), this);
  }

  /** max(x, 0). */
  public Tensor relu() {
    return of(new Pointwise.Relu(), this);
  }

  /** x where positive, else slope times x. */
  public Tensor leakyRelu(double slope) {
    return of(new Pointwise.LeakyRelu(slope), this);
  }

  /** The error function. */
  public Tensor erf() {
    return of(new Pointwise.Erf(), this);
  }

  /** x times the standard normal distribution function of x (Hendrycks and Gimpel 2016). */
  public Tensor gelu() {
    return mul(mul(Math.sqrt(0.5)).erf().add(1).mul(0.5));
  }

  /** The largest whole number not above x. */
  public Tensor floor() {
    return of(new Pointwise.Floor(), this);
  }

  // Folds.

  private List<Integer> axes(String name, int... axes) {
    return checked(
        name,
        List.of(this),
        () -> {
          List<Integer> sorted =
              Arrays.stream(axes).map(shape()::axis).sorted().distinct().boxed().toList();
          if (sorted.size() != axes.length) {
            throw new IllegalArgumentException("an axis occurs twice");
          }
          return sorted;
        });
  }

  private int[] all() {
    return IntStream.range(0, shape().rank()).toArray();
  }

  /** The sum over some axes, which vanish. */
  public Tensor sum(int... axes) {
    return axes.length == 0 ? this : of(new Reduce.Sum(axes("sum", axes)), this);
  }

  /** The sum of all elements, a scalar. */
  public Tensor sumAll() {
    return sum(all());
  }

  /** The mean over some axes, which vanish. */
  public Tensor mean(int... axes) {
    Tensor sum = sum(axes);
    double count = (double) shape().size() / sum.shape().size();
    return sum.mul(1 / count);
  }

  /** The mean of all elements, a scalar. */
  public Tensor meanAll() {
    return mean(all());
  }

  /** The largest over some axes, which vanish. */
  public Tensor max(int... axes) {
    return axes.length == 0 ? this : of(new Reduce.Max(axes("max", axes)), this);
  }

  /** The smallest over some axes, which vanish. */
  public Tensor min(int... axes) {
    return axes.length == 0 ? this : of(new Reduce.Min(axes("min", axes)), this);
  }

  /** The position of the largest over some axes, row-major among them; the lowest if equal. */
  public Tensor argmax(int... axes) {
    return of(new Reduce.ArgMax(axes("argMax", axes)), this);
  }

  /** The position of the smallest over some axes, row-major among them; the lowest if equal. */
  public Tensor argmin(int... axes) {
    return of(new Reduce.ArgMin(axes("argMin", axes)), this);
  }

  /** This with axes that a fold removed back as axes of extent 1, broadcast to a shape. */
  private Tensor restored(Shape to, int... axes) {
    int[] dims = to.dims();
    for (int axis : axes) {
      dims[to.axis(axis)] = 1;
    }
    return reshape(dims).broadcast(to);
  }

  /** log of the sum of exponentials over some axes, which vanish; stable for all values. */
  public Tensor logsumexp(int... axes) {
    Tensor max = max(axes).stopGradient();
    // Minus (or plus) infinity everywhere has no finite shift; 0 leaves it as it is.
    Tensor finite = max.abs().equal(Double.POSITIVE_INFINITY).select(max.zerosLike(), max);
    return sub(finite.restored(shape(), axes)).exp().sum(axes).log().add(finite);
  }

  /** x minus its logsumexp along an axis: log-probabilities from logits. */
  public Tensor logSoftmax(int axis) {
    return sub(logsumexp(axis).restored(shape(), axis));
  }

  /** Probabilities from logits along an axis. */
  public Tensor softmax(int axis) {
    Tensor exp = sub(max(axis).stopGradient().restored(shape(), axis)).exp();
    return exp.div(exp.sum(axis).restored(shape(), axis));
  }

  // Views.

  /** The same elements in another shape. */
  public Tensor reshape(Shape to) {
    return to.equals(shape()) ? this : of(new View.Reshape(to), this);
  }

  /** The same elements in another shape; one extent may be -1, to be worked out. */
  public Tensor reshape(int... dims) {
    return reshape(
        checked(
            "reshape",
            List.of(this),
            () -> {
              long known =
                  Arrays.stream(dims)
                      .filter(d -> d != -1)
                      .asLongStream()
                      .reduce(1, (a, b) -> a * b);
              long open = Arrays.stream(dims).filter(d -> d == -1).count();
              if (open > 1 || (open == 1 && (known == 0 || shape().size() % known != 0))) {
                throw new IllegalArgumentException(
                    "shape " + shape() + " does not fit " + Arrays.toString(dims));
              }
              return Shape.of(
                  Arrays.stream(dims)
                      .map(d -> d == -1 ? (int) (shape().size() / known) : d)
                      .toArray());
            }));
  }

  /** Axes in another order. */
  public Tensor permute(int... order) {
    return of(new View.Permute(Arrays.stream(order).boxed().toList()), this);
  }

  /** The last two axes exchanged. */
  public Tensor transpose() {
    int rank = shape().rank();
    int[] order = all();
    if (rank < 2) {
      throw error("transpose", List.of(this), "a matrix has two axes", Origin.here());
    }
    order[rank - 1] = rank - 2;
    order[rank - 2] = rank - 1;
    return permute(order);
  }

  /** Repeated to a shape it broadcasts to. */
  public Tensor broadcast(Shape to) {
    return to.equals(shape()) ? this : of(new View.Broadcast(to), this);
  }

  /** Repeated to a shape it broadcasts to. */
  public Tensor broadcast(int... dims) {
    return broadcast(Shape.of(dims));
  }

  /** An axis of extent 1 before an axis (or at the end, for the rank). */
  public Tensor unsqueeze(int axis) {
    int[] dims = shape().dims();
    int at = axis < 0 ? axis + dims.length + 1 : axis;
    return reshape(
        IntStream.rangeClosed(0, dims.length)
            .map(i -> i < at ? dims[i] : i == at ? 1 : dims[i - 1])
            .toArray());
  }

  /** Every step-th of the elements from start on, count of them, along an axis. */
  public Tensor slice(int axis, int start, int count, int step) {
    int positive = checked("slice", List.of(this), () -> shape().axis(axis));
    if (start == 0 && step == 1 && count == shape().dim(positive)) {
      return this;
    }
    return of(new View.Slice(positive, start, count, step), this);
  }

  /** The elements from start to end (exclusive) along an axis. */
  public Tensor slice(int axis, int start, int end) {
    return slice(axis, start, end - start, 1);
  }

  /** A value before, after and between the elements along an axis. */
  public Tensor pad(int axis, int low, int high, int interior, double value) {
    int positive = checked("pad", List.of(this), () -> shape().axis(axis));
    if (low == 0 && high == 0 && interior == 0) {
      return this;
    }
    return of(new View.Pad(positive, low, high, interior, value), this);
  }

  /** Tensors one after the other along an axis. */
  public static Tensor concat(int axis, Tensor... parts) {
    return checked(
        "concat",
        List.of(parts),
        () -> {
          if (parts.length == 0) {
            throw new IllegalArgumentException("nothing to join");
          }
          return of(new View.Concat(parts[0].shape().axis(axis)), parts);
        });
  }

  /** Tensors of one shape along a new axis. */
  public static Tensor stack(int axis, Tensor... parts) {
    return concat(axis, Arrays.stream(parts).map(p -> p.unsqueeze(axis)).toArray(Tensor[]::new));
  }

  /** The elements of an axis in reverse order. */
  public Tensor flip(int axis) {
    return of(new View.Flip(checked("flip", List.of(this), () -> shape().axis(axis))), this);
  }

  /**
   * All windows along an axis, as a new last axis of the window's extent; the axis then counts the
   * windows.
   */
  public Tensor windows(int axis, int size, int stride, int dilation) {
    int positive = checked("windows", List.of(this), () -> shape().axis(axis));
    int extent = shape().dim(positive);
    // A window that does not fit is refused as one that sticks out.
    int count = Math.max(1, (extent - (size - 1) * dilation - 1) / Math.max(1, stride) + 1);
    int rank = shape().rank();
    if (stride == size && dilation == 1 && (long) count * size <= extent) {
      // Windows that do not overlap are the axis cut in pieces, and so is their gradient.
      int[] dims = shape().dims();
      dims[positive] = count;
      Shape pieces =
          Shape.of(Arrays.copyOf(dims, positive + 1))
              .concat(Shape.of(size))
              .concat(Shape.of(Arrays.copyOfRange(dims, positive + 1, rank)));
      int[] order =
          IntStream.range(0, rank + 1)
              .map(i -> i <= positive ? i : i < rank ? i + 1 : positive + 1)
              .toArray();
      return slice(positive, 0, count * size, 1).reshape(pieces).permute(order);
    }
    Tensor repeated = unsqueeze(rank).broadcast(shape().concat(Shape.of(size)));
    return of(new View.Slide(positive, rank, stride, dilation, count), repeated);
  }

  /** Whole slices by their int32 position along an axis; the index's axes replace the axis. */
  public Tensor take(Tensor index, int axis) {
    return of(
        new View.Take(checked("take", List.of(this, index), () -> shape().axis(axis))),
        this,
        index);
  }

  /** Single elements by their int32 position along an axis, as torch.gather. */
  public Tensor takeAlong(Tensor index, int axis) {
    return of(
        new View.TakeAlong(checked("takeAlong", List.of(this, index), () -> shape().axis(axis))),
        this,
        index);
  }

  /** Zeros but for the lower triangle of the last two axes, diagonal included. */
  public Tensor lowerTriangle() {
    return iota(shape(), -1).lessEqual(iota(shape(), -2)).select(this, zerosLike());
  }

  /** Zeros but for the upper triangle of the last two axes, diagonal included. */
  public Tensor upperTriangle() {
    return iota(shape(), -2).lessEqual(iota(shape(), -1)).select(this, zerosLike());
  }

  /** Zeros but for the diagonal of the last two axes. */
  public Tensor diagonalOnly() {
    return iota(shape(), -2).equal(iota(shape(), -1)).select(this, zerosLike());
  }

  // Products.

  /**
   * Sum of products over named axes, one letter an axis: einsum("bi,oi->bo", x, w). Letters that
   * the result lacks are summed over.
   */
  public static Tensor einsum(String equation, Tensor a, Tensor b) {
    return checked(
        "einsum",
        List.of(a, b),
        () -> {
          String[] parts = equation.replace(" ", "").split(",|->", -1);
          if (parts.length != 3) {
            throw new IllegalArgumentException("an equation reads ab,bc->ac, not " + equation);
          }
          return of(new Contract.Einsum(parts[0], parts[1], parts[2]), a, b);
        });
  }

  /** Matrix product over the last two axes; leading axes are batches and broadcast. */
  public Tensor matmul(Tensor other) {
    Shape a = shape();
    Shape b = other.shape();
    if (a.rank() < 2 || b.rank() < 2 || a.dim(-1) != b.dim(-2)) {
      throw error(
          "matmul",
          List.of(this, other),
          "shapes " + a + " and " + b + " are not [.., m, k] and [.., k, n]",
          Origin.here());
    }
    Shape batch =
        checked(
            "matmul",
            List.of(this, other),
            () -> Shape.broadcast(a.without(-1, -2), b.without(-1, -2)));
    String letters = "abcdefghijkl".substring(0, batch.rank());
    // Batch axes that one operand lacks are not repeated: its letters are simply fewer.
    Tensor x = squeezeBatch();
    Tensor y = other.squeezeBatch();
    String la = batchLetters(a, letters) + "mk";
    String lb = batchLetters(b, letters) + "kn";
    Tensor product = of(new Contract.Einsum(la, lb, present(letters, la, lb) + "mn"), x, y);
    return product.reshape(batch.concat(Shape.of(a.dim(-2), b.dim(-1))));
  }

  private static String present(String letters, String a, String b) {
    StringBuilder present = new StringBuilder();
    letters.chars().filter(c -> (a + b).indexOf(c) >= 0).forEach(c -> present.append((char) c));
    return present.toString();
  }

  private Tensor squeezeBatch() {
    int[] dims = shape().dims();
    return reshape(
        IntStream.range(0, dims.length)
            .filter(i -> i >= dims.length - 2 || dims[i] != 1)
            .map(i -> dims[i])
            .toArray());
  }

  private static String batchLetters(Shape shape, String letters) {
    StringBuilder own = new StringBuilder();
    int batch = shape.rank() - 2;
    for (int i = 0; i < batch; i++) {
      if (shape.dim(i) != 1) {
        own.append(letters.charAt(letters.length() - batch + i));
      }
    }
    return own.toString();
  }

  /** The lower factor of symmetric positive definite matrices. */
  public Tensor cholesky() {
    return of(new RoutineOp.Cholesky(), this);
  }

  /** X of op(A) X = this for triangular A; op transposes if asked. */
  public Tensor triangularSolve(Tensor a, boolean lower, boolean transposed) {
    return of(new RoutineOp.TriangularSolve(lower, transposed), a, this);
  }

  @Override
  public String toString() {
    return op.name() + " " + type;
  }
}
