package dev.credence.type;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShapeTest {
  /** All shapes of up to three axes with extents 0 to 3. */
  private static List<Shape> small() {
    List<Shape> shapes = new ArrayList<>(List.of(Shape.SCALAR));
    for (int i = 0; shapes.get(i).rank() < 3; i++) {
      for (int extent = 0; extent < 4; extent++) {
        shapes.add(shapes.get(i).concat(Shape.of(extent)));
      }
    }
    return shapes;
  }

  @Test
  void broadcastingIsTheSmallestCommonShape() {
    for (Shape a : small()) {
      for (Shape b : small()) {
        boolean fits = true;
        for (int i = 1; i <= Math.min(a.rank(), b.rank()); i++) {
          fits &= a.dim(-i) == b.dim(-i) || a.dim(-i) == 1 || b.dim(-i) == 1;
        }
        if (!fits) {
          Exception e = assertThrows(IllegalArgumentException.class, () -> Shape.broadcast(a, b));
          assertEquals("shapes " + a + " and " + b + " do not broadcast", e.getMessage());
          continue;
        }
        Shape common = Shape.broadcast(a, b);
        assertEquals(common, Shape.broadcast(b, a));
        assertEquals(common, Shape.broadcast(a, common));
        assertEquals(Math.max(a.rank(), b.rank()), common.rank());
      }
    }
  }

  @Test
  void stridesWalkRowMajor() {
    assertArrayEquals(new int[] {12, 4, 1}, Shape.of(2, 3, 4).strides());
    for (Shape shape : small()) {
      int last = 0;
      for (int axis = 0; axis < shape.rank(); axis++) {
        last += (shape.dim(axis) - 1) * shape.strides()[axis];
      }
      assertEquals(shape.size() == 0 ? last : shape.size() - 1, last, shape.toString());
    }
  }

  @Test
  void refusals() {
    refused("shape [2, 3] has no axis 2", () -> Shape.of(2, 3).dim(2));
    refused("shape [2, 3] has no axis -3", () -> Shape.of(2, 3).dim(-3));
    refused("a shape has no negative extents, but [2, -1] was given", () -> Shape.of(2, -1));
    refused(
        "shape [65536, 32768] has 2^31 elements or more; split it into smaller arrays",
        () -> Shape.of(1 << 16, 1 << 15));
    assertEquals(Integer.MAX_VALUE, Shape.of(Integer.MAX_VALUE, 1).size());
    assertEquals(0, Shape.of(0, 1 << 30, 1 << 30).size());
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable body) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, body).getMessage());
  }
}
