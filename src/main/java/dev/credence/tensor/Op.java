package dev.credence.tensor;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Scalar;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a tensor is computed by. An op is one record in one family; its shape rule, its derivative
 * and its lowering stand beside its definition, and nothing else needs to know its name.
 */
public sealed interface Op permits Source, Op.Elementwise, Op.Folding, RoutineOp {

  /** The name a user knows it by. */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.substring(0, 1).toLowerCase(Locale.ROOT) + simple.substring(1);
  }

  /**
   * The result's type.
   *
   * @throws IllegalArgumentException saying what is wrong with the operands, without the op's name
   */
  TensorType type(List<TensorType> operands);

  /**
   * The vector-Jacobian product: for each operand the gradient of a scalar whose gradient with
   * respect to the result is given, or null where there is none (integers, comparisons).
   *
   * @param out the tensor this op computed; its operands are the op's
   * @param gradient of the result's type
   */
  List<@Nullable Tensor> vjp(Tensor out, Tensor gradient);

  /** An op each of whose elements is computed from some elements of its operands. */
  sealed interface Elementwise extends Op permits Pointwise, View, Draw {
    /**
     * The value of an element.
     *
     * @param out the tensor this op computed
     * @param at position of the element, an index an axis
     */
    Scalar lower(Tensor out, List<Index> at, Reader in);
  }

  /** An op each of whose elements is a fold over inner axes. */
  sealed interface Folding extends Op permits Reduce, Contract {
    /** Extents of the inner axes, in the order in which values are folded. */
    Shape inner(List<TensorType> operands);

    /** The fold that gives the element at this position. */
    Fold lower(Tensor out, List<Index> at, List<Index> inner, Reader in);
  }

  /** Gives a lowering the elements of its operands. */
  interface Reader {
    /** An element of an operand. */
    Scalar read(int operand, List<Index> at);

    /**
     * An element of an operand that is only used where the guard holds; elsewhere its value is
     * unspecified, but nothing outside an array is read.
     */
    Scalar read(int operand, List<Index> at, List<Bound> guard);

    /** An element of an int32 operand as an index in [0, bound), checked at run time. */
    Index index(int operand, List<Index> at, int bound);

    /** The parameter word of a run-time number, or the first of the two words of a stream's key. */
    int word(Object number);
  }
}
