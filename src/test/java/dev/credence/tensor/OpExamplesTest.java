package dev.credence.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The list of examples itself: complete, and of the types it declares. */
class OpExamplesTest {
  @Test
  void everyOpHasAnExample() {
    List<String> without = new ArrayList<>();
    for (Class<?> op : ops(Op.class)) {
      if (OpExamples.all().stream().noneMatch(e -> e.op() == op)) {
        without.add(op.getSimpleName());
      }
    }
    assertEquals(List.of(), without, "These ops have no example in OpExamples.");
  }

  private static List<Class<?>> ops(Class<?> family) {
    if (!family.isSealed()) {
      return List.of(family);
    }
    List<Class<?>> ops = new ArrayList<>();
    for (Class<?> member : family.getPermittedSubclasses()) {
      ops.addAll(ops(member));
    }
    return ops;
  }

  static List<Example> all() {
    return OpExamples.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void showsItsOpAndHasItsType(Example example) {
    for (DType floating : List.of(DType.FLOAT32, DType.FLOAT64)) {
      List<Tensor> operands = new ArrayList<>();
      for (Example.Operand operand : example.operands()) {
        operands.add(
            operand.stored()
                ? Tensor.parameter("p", operand.type(floating))
                : Tensor.input("x", operand.type(floating)));
      }
      Tensor value = example.body().apply(operands);
      assertEquals(example.type(), value.type().toString().replaceFirst("float(32|64)", "float"));
      assertTrue(
          Traversal.postorder(List.of(value)).stream()
              .anyMatch(t -> example.op().isInstance(t.op())),
          "It has no " + example.op().getSimpleName() + ".");
    }
  }
}
