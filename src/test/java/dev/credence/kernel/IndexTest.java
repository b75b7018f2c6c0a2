package dev.credence.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The laws of indices, against brute force over all values of the axes. */
class IndexTest {
  private static final int[] EXTENTS = {3, 4, 5};

  private final Random random = new Random(7);

  /** An index with the same number computed without any normal form. */
  private record Twin(Index index, Plain plain) {}

  private interface Plain {
    long at(long[] axes);
  }

  @Test
  void everyIndexIsWhatItWasMadeOf() {
    for (int i = 0; i < 3000; i++) {
      Twin twin = twin(4);
      check(twin);
    }
  }

  @Test
  void quotientAndRemainderJoinAgain() {
    for (int i = 0; i < 3000; i++) {
      Index x = affine();
      int by = 1 + random.nextInt(24);
      assertEquals(x, x.div(by).times(by).plus(x.mod(by)), () -> x + " by " + by);
    }
  }

  @Test
  void reshapeThereAndBackVanishes() {
    Index flat = Index.axis(0, 6).times(20).plus(Index.axis(1, 20));
    Index row = flat.div(8);
    Index column = flat.mod(8);
    assertEquals(flat, row.times(8).plus(column));
    assertEquals(Index.axis(0, 6), row.times(8).plus(column).div(20));
    assertEquals(Index.axis(1, 20), row.times(8).plus(column).mod(20));
  }

  @Test
  void theOrderOfASumDoesNotMatter() {
    for (int i = 0; i < 500; i++) {
      Index a = twin(3).index();
      Index b = twin(3).index();
      assertEquals(a.plus(b), b.plus(a));
      assertEquals(Index.ZERO, a.plus(a.times(-1)));
    }
  }

  @Test
  void mappingAxesToThemselvesChangesNothing() {
    for (int i = 0; i < 500; i++) {
      Index a = twin(3).index();
      assertEquals(a, a.map(Index::atom));
    }
  }

  @Test
  void textTellsGuardsOfLoadedIndicesApart() {
    Index.Bound bound = new Index.Bound(Index.axis(0, 5).plus(-1), 0, 5);
    Index free = Index.atom(new Index.Loaded(1, Index.axis(0, 5), List.of(), 9));
    Index guarded = Index.atom(new Index.Loaded(1, Index.axis(0, 5), List.of(bound), 9));
    assertEquals("a1[i0]<9", free.toString());
    assertEquals("a1[i0]<9 if [0<=i0-1<5]", guarded.toString());
    assertTrue(guarded.contains(Index.Loaded.class));
    assertFalse(guarded.isAffine());
  }

  private void check(Twin twin) {
    long[] axes = new long[3];
    for (axes[0] = 0; axes[0] < EXTENTS[0]; axes[0]++) {
      for (axes[1] = 0; axes[1] < EXTENTS[1]; axes[1]++) {
        for (axes[2] = 0; axes[2] < EXTENTS[2]; axes[2]++) {
          long value = value(twin.index, axes);
          assertEquals(twin.plain.at(axes), value, () -> twin.index.toString());
          assertTrue(
              twin.index.min() <= value && value <= twin.index.max(),
              () -> twin.index + " leaves its bounds");
        }
      }
    }
  }

  private static long value(Index index, long[] axes) {
    long sum = index.constant();
    for (Index.Term term : index.terms()) {
      sum +=
          term.factor()
              * switch (term.atom()) {
                case Index.Axis axis -> axes[axis.axis()];
                case Index.Div div -> Math.floorDiv(value(div.of(), axes), div.by());
                case Index.Mod mod -> Math.floorMod(value(mod.of(), axes), mod.by());
                case Index.Loaded loaded -> throw new AssertionError("none was made");
              };
    }
    return sum;
  }

  private Index affine() {
    Index sum = Index.of(random.nextInt(9) - 4);
    for (int axis = 0; axis < EXTENTS.length; axis++) {
      sum = sum.plus(Index.axis(axis, EXTENTS[axis]).times(random.nextInt(25) - 6));
    }
    return sum;
  }

  private Twin twin(int depth) {
    if (depth == 0) {
      int axis = random.nextInt(4);
      if (axis == 3) {
        long constant = random.nextInt(21) - 10L;
        return new Twin(Index.of(constant), axes -> constant);
      }
      return new Twin(Index.axis(axis, EXTENTS[axis]), axes -> axes[axis]);
    }
    Twin a = twin(depth - 1);
    long number = 1L + random.nextInt(12);
    switch (random.nextInt(5)) {
      case 0 -> {
        long factor = number - 4;
        return new Twin(a.index.times(factor), axes -> a.plain.at(axes) * factor);
      }
      case 1 -> {
        return new Twin(a.index.div(number), axes -> Math.floorDiv(a.plain.at(axes), number));
      }
      case 2 -> {
        return new Twin(a.index.mod(number), axes -> Math.floorMod(a.plain.at(axes), number));
      }
      default -> {
        Twin b = twin(depth - 1);
        return new Twin(a.index.plus(b.index), axes -> a.plain.at(axes) + b.plain.at(axes));
      }
    }
  }
}
