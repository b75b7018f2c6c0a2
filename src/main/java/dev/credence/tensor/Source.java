package dev.credence.tensor;

import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tensors that are computed from nothing. */
public sealed interface Source extends Op {
  /** The type it was made with. */
  TensorType type();

  @Override
  default TensorType type(List<TensorType> operands) {
    return type();
  }

  @Override
  default List<@Nullable Tensor> vjp(Tensor out, Tensor gradient) {
    return List.of();
  }

  /** An array given at every run. Two inputs are the same only if they are the same object. */
  final class Input implements Source {
    private final String path;
    private final TensorType type;

    /** An input that errors call by this path. */
    public Input(String path, TensorType type) {
      this.path = path;
      this.type = type;
    }

    /** What it is called, such as batch.x. */
    public String path() {
      return path;
    }

    @Override
    public TensorType type() {
      return type;
    }
  }

  /** An array that a state keeps between runs. The same only if the same object. */
  final class Parameter implements Source {
    private final String path;
    private final TensorType type;

    /** A parameter that errors call by this path. */
    public Parameter(String path, TensorType type) {
      this.path = path;
      this.type = type;
    }

    /** What it is called, such as layers.0.weight. */
    public String path() {
      return path;
    }

    @Override
    public TensorType type() {
      return type;
    }
  }

  /**
   * A scalar of the parameter block, set between runs without a new trace. Equal names are the same
   * number.
   */
  record Number(String name, TensorType type) implements Source {
    /** The training step, counted by the program's user; the third word of every counter. */
    public static final String STEP = "step";

    public Number {
      if (type.shape().rank() != 0) {
        throw new IllegalArgumentException("number " + name + " must be a scalar, not " + type);
      }
    }
  }

  /** One value everywhere. */
  record Fill(double value, TensorType type) implements Source {}

  /** An array known when tracing: elements in row-major order, of a type that a double holds. */
  final class Literal implements Source {
    private final TensorType type;
    private final double[] values;

    /**
     * A literal.
     *
     * @throws IllegalArgumentException if the number of values is not the shape's
     */
    public Literal(TensorType type, double[] values) {
      if (values.length != type.shape().size()) {
        throw new IllegalArgumentException(values.length + " values do not fill " + type);
      }
      this.type = type;
      this.values = values.clone();
    }

    @Override
    public TensorType type() {
      return type;
    }

    /** The values; not to be changed. */
    public double[] values() {
      return values;
    }
  }

  /** The position along an axis, as int32. */
  record Iota(Shape shape, int axis) implements Source {
    @Override
    public TensorType type() {
      return new TensorType(dev.credence.type.DType.INT32, shape);
    }
  }
}
