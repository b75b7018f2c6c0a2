package dev.credence.device.cpu;

import dev.credence.kernel.Index;
import dev.credence.kernel.Lines;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a loop that transposes walk narrow strips: along the rows of one array it would touch a new
 * cache line of the other with every element, and lose it before it comes to the neighbour.
 */
final class Tiling {
  /** Elements from which on it matters. */
  private static final long LARGE = 1 << 16;

  /** Distance between neighbours that share no cache line. */
  private static final long FAR = 16;

  private static final int[] WIDTHS = {64, 48, 40, 32, 24, 20, 16};

  private Tiling() {}

  /** The same loop, its last axis cut in strips that are walked one after the other. */
  static Loop of(Loop loop) {
    int last = loop.kept().size() - 1;
    if (loop.phases().size() != 1
        || !loop.phases().get(0).inner().isEmpty()
        || last < 1
        || loop.extent() < LARGE
        || !transposes(loop, last)) {
      return loop;
    }
    for (int width : WIDTHS) {
      if (loop.kept().get(last) % width == 0 && loop.kept().get(last) > width) {
        return strips(loop, last, width);
      }
    }
    return loop;
  }

  private static boolean transposes(Loop loop, int last) {
    boolean far = false;
    Phase phase = loop.phases().get(0);
    for (Lines.Line line : Lines.of(phase).lines()) {
      switch (line.scalar()) {
        case Scalar.Load load -> far |= far(load.at(), last);
        // A draw wants long rows.
        case Scalar.Noise n -> {
          return false;
        }
        default -> {}
      }
    }
    return far || phase.stores().stream().anyMatch(s -> far(s.at(), last));
  }

  /** Whether the last axis jumps and another one runs. */
  private static boolean far(Index index, int last) {
    if (!index.isAffine() || Math.abs(index.stride(last)) < FAR) {
      return false;
    }
    for (int axis = 0; axis < last; axis++) {
      if (index.stride(axis) == 1) {
        return true;
      }
    }
    return false;
  }

  private static Loop strips(Loop loop, int last, int width) {
    int count = loop.kept().get(last) / width;
    AxisMap map =
        new AxisMap(
            axis ->
                axis.axis() == last
                    ? Index.axis(0, count).times(width).plus(Index.axis(last + 1, width))
                    : Index.axis(axis.axis() + 1, axis.extent()));
    List<Integer> kept = new ArrayList<>();
    kept.add(count);
    kept.addAll(loop.kept().subList(0, last));
    kept.add(width);
    List<Store> stores =
        loop.phases().get(0).stores().stream()
            .map(s -> new Store(s.argument(), map.index(s.at()), map.scalar(s.value())))
            .toList();
    Phase phase = new Phase(List.of(), List.of(), stores);
    return new Loop(loop.name(), kept, List.of(phase), loop.arguments());
  }
}
