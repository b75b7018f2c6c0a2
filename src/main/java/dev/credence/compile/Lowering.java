package dev.credence.compile;

import dev.credence.kernel.Index;
import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Scalar;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Op;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the element of a tensor as a scalar expression, walking from the consumer to the producers
 * with an index an axis, until it meets tensors that lie in memory.
 */
final class Lowering {
  /**
   * Says which tensors lie in memory, and how they are read: as they stand, where the walk is made
   * only to see what it meets.
   */
  interface Memory {
    /** Whether the walk ends at this tensor. */
    boolean holds(Tensor tensor);

    /**
     * An element of a tensor in memory.
     *
     * @param raw whether it must be read from memory itself: it is an index
     */
    default Scalar read(Tensor tensor, List<Index> at, List<Bound> guard, boolean raw) {
      return new Scalar.Load(tensor.dtype(), 0, View.flatten(at, tensor.shape()), guard);
    }

    /** The parameter word of a number or key. */
    default int word(Object number) {
      return 0;
    }

    /** Called for each draw that is inlined. */
    default void drawn(Tensor draw, List<Index> at) {}
  }

  private record Element(Tensor tensor, List<Index> at, List<Bound> guard, boolean raw) {}

  private final Memory memory;
  private final Map<Element, Scalar> known = new HashMap<>();
  private boolean raw;

  Lowering(Memory memory) {
    this.memory = memory;
  }

  /** An element of a tensor as its consumers read it. */
  Scalar value(Tensor tensor, List<Index> at, List<Bound> guard) {
    Element element = new Element(tensor, at, guard, raw);
    Scalar before = known.get(element);
    if (before == null) {
      before = lower(tensor, at, guard);
      known.put(element, before);
    }
    return before;
  }

  private Scalar lower(Tensor tensor, List<Index> at, List<Bound> guard) {
    return switch (tensor.op()) {
      case Source.Fill fill -> new Scalar.Const(tensor.dtype(), fill.value());
      case Source.Iota iota -> new Scalar.Position(at.get(iota.axis()));
      case Source.Number number -> new Scalar.Param(tensor.dtype(), memory.word(number));
      default ->
          memory.holds(tensor) ? memory.read(tensor, at, guard, raw) : compute(tensor, at, guard);
    };
  }

  /** An element of a tensor as it is computed, whether or not it lies in memory. */
  Scalar compute(Tensor tensor, List<Index> at, List<Bound> guard) {
    if (!(tensor.op() instanceof Op.Elementwise op)) {
      throw new AssertionError(tensor + " cannot be inlined");
    }
    if (op instanceof Draw) {
      memory.drawn(tensor, at);
    }
    return op.lower(tensor, at, reader(tensor, guard));
  }

  /** The fold that an element of a tensor is. */
  Loop.Fold fold(Tensor tensor, List<Index> at, List<Index> inner) {
    return ((Op.Folding) tensor.op()).lower(tensor, at, inner, reader(tensor, List.of()));
  }

  private Op.Reader reader(Tensor tensor, List<Bound> guard) {
    return new Op.Reader() {
      @Override
      public Scalar read(int operand, List<Index> at) {
        return value(tensor.operand(operand), List.copyOf(at), guard);
      }

      @Override
      public Scalar read(int operand, List<Index> at, List<Bound> inside) {
        List<Bound> both = new ArrayList<>(guard);
        inside.stream().filter(b -> !both.contains(b)).forEach(both::add);
        return value(tensor.operand(operand), List.copyOf(at), List.copyOf(both));
      }

      @Override
      public Index index(int operand, List<Index> at, int bound) {
        boolean outer = raw;
        raw = true;
        Scalar index = value(tensor.operand(operand), List.copyOf(at), guard);
        raw = outer;
        if (!(index instanceof Scalar.Load load)) {
          throw new AssertionError("the index of " + tensor + " does not lie in memory");
        }
        return Index.atom(new Index.Loaded(load.argument(), load.at(), load.guard(), bound));
      }

      @Override
      public int word(Object number) {
        return memory.word(number);
      }
    };
  }
}
