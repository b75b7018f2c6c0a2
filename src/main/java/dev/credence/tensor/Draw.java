package dev.credence.tensor;

import dev.credence.kernel.Index;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Random numbers, drawn where they are used and never stored: an element is a pure function of
 * (seed, key, step, sample, element), see kernels/philox.h.
 */
public sealed interface Draw extends Op.Elementwise {
  /** Where the numbers stand. */
  Layout layout();

  /** Kind of the numbers. */
  DType dtype();

  /**
   * A draw's stream and shape.
   *
   * @param key the stream
   * @param shape of the result
   * @param samples whether axis 0 is the sample axis, which moves the first sample of the counter
   *     instead of the element
   * @param rows whether the next axis is the row axis, which the program's first row is added to
   */
  record Layout(Key key, Shape shape, boolean samples, boolean rows) {
    public Layout {
      if (shape.rank() < (samples ? 1 : 0) + (rows ? 1 : 0)) {
        throw new IllegalArgumentException("shape " + shape + " has no sample or row axis");
      }
    }

    /** A draw without sample and row axis. */
    public static Layout of(Key key, int... dims) {
      return new Layout(key, Shape.of(dims), false, false);
    }

    /** A draw whose axis 0 are the rows of a batch. */
    public static Layout rows(Key key, int... dims) {
      return new Layout(key, Shape.of(dims), false, true);
    }

    private Shape own() {
      return samples ? shape.without(0) : shape;
    }

    Scalar noise(Scalar.NoiseKind kind, List<Index> at, Op.Reader in) {
      Shape own = own();
      Index element = View.flatten(samples ? at.subList(1, at.size()) : at, own);
      int rowSize = rows ? own.without(0).size() : 0;
      return new Scalar.Noise(
          kind, in.word(key), element, rowSize, samples ? at.get(0) : Index.ZERO);
    }
  }

  @Override
  default TensorType type(List<TensorType> operands) {
    return new TensorType(dtype(), layout().shape());
  }

  @Override
  default List<@Nullable Tensor> vjp(Tensor out, Tensor gradient) {
    return List.of();
  }

  /** 32 random bits an element, as int32. */
  record Bits(Layout layout) implements Draw {
    @Override
    public DType dtype() {
      return DType.INT32;
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      return layout.noise(Scalar.NoiseKind.BITS, at, in);
    }
  }

  /** Standard normal float32 numbers. */
  record Normal(Layout layout) implements Draw {
    @Override
    public DType dtype() {
      return DType.FLOAT32;
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      return layout.noise(Scalar.NoiseKind.NORMAL, at, in);
    }
  }

  /** Float32 numbers in [0, 1), multiples of 2^-24. */
  record Uniform(Layout layout) implements Draw {
    @Override
    public DType dtype() {
      return DType.FLOAT32;
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      Scalar high =
          new Scalar.Binary(
              Scalar.Word2.SHR,
              layout.noise(Scalar.NoiseKind.BITS, at, in),
              new Scalar.Const(DType.INT32, 8));
      return new Scalar.Binary(
          Scalar.Word2.MUL,
          new Scalar.Cast(DType.FLOAT32, high),
          new Scalar.Const(DType.FLOAT32, 0x1p-24));
    }
  }

  /** True with a probability that is a multiple of 2^-32, by comparing bits with a threshold. */
  record Bernoulli(Layout layout, double probability) implements Draw {
    public Bernoulli {
      if (!(probability >= 0 && probability <= 1)) {
        throw new IllegalArgumentException(
            "a probability lies between 0 and 1, but " + probability + " was given");
      }
    }

    @Override
    public DType dtype() {
      return DType.BOOL;
    }

    @Override
    public Scalar lower(Tensor out, List<Index> at, Reader in) {
      long threshold = Math.round(probability * 0x1p32);
      if (threshold >= 1L << 32) {
        return Scalar.truth(true);
      }
      return new Scalar.Binary(
          Scalar.Word2.ULT,
          layout.noise(Scalar.NoiseKind.BITS, at, in),
          new Scalar.Const(DType.INT32, (int) threshold));
    }
  }
}
