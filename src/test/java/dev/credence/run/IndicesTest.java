package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.credence.run.EveryDevice.Setup;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An index may be what no array holds: a constant, a count, a number of the run. */
class IndicesTest {
  record Table(Tensor rows) {}

  static List<Setup> devices() {
    return EveryDevice.all();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void mayBeComputed(Setup setup) {
    TensorType indices = TensorType.of(DType.INT32, 2);
    Tensor count = Tensor.iota(Shape.of(2, 1), 0);
    for (boolean fuse : List.of(true, false)) {
      try (State<Table> state =
              State.of(
                  setup.open(),
                  0,
                  new Table(Tensor.literal(TensorType.of(DType.FLOAT32, 3), 5, 6, 7)));
          Program program = program(setup, state, fuse, indices, count)) {
        program.number("row", 1).run();
        assertArrayEquals(new float[] {7, 7}, program.get("constant").floats());
        assertArrayEquals(new float[] {5, 6}, program.get("count").floats());
        assertArrayEquals(new float[] {6, 6}, program.get("number").floats());
        assertArrayEquals(new float[] {6, 6}, program.get("along").floats());
      }
    }
  }

  private static Program program(
      Setup setup, State<Table> state, boolean fuse, TensorType indices, Tensor count) {
    Tensor rows = state.tree().rows();
    return Program.on(setup.open(), state)
        .fuse(fuse)
        .output("constant", rows.take(Tensor.fill(2, indices), 0))
        .output("count", rows.take(count.reshape(2), 0))
        .output("number", rows.take(Tensor.integer("row").broadcast(2), 0))
        .output("along", rows.takeAlong(Tensor.fill(1, indices), 0))
        .build();
  }
}
