package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.device.Device;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.Shape;
import dev.credence.type.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every update, and every output, sees the values that parameters had before the run. */
class UpdatesTest {
  record Two(Tensor p, Tensor q) {}

  static List<Setup> devices() {
    return EveryDevice.all();
  }

  private static State<Two> state(Device device) {
    TensorType type = TensorType.of(DType.FLOAT32, 3);
    return State.of(
        device, 0, new Two(Tensor.literal(type, 1, 2, 3), Tensor.literal(type, 10, 20, 30)));
  }

  /** What p and q become. */
  private static void become(Setup setup, Two updates, State<Two> state, float... wanted) {
    Two before = state.tree();
    for (boolean fuse : List.of(true, false)) {
      try (State<Two> fresh = state.snapshot();
          Program program =
              Program.on(setup.open(), fresh)
                  .fuse(fuse)
                  .updates(before, updates)
                  .output("p", before.p())
                  .output("sum", before.p().add(before.q()))
                  .build()) {
        program.run();
        assertArrayEquals(new float[] {1, 2, 3}, program.get("p").floats());
        assertArrayEquals(new float[] {11, 22, 33}, program.get("sum").floats());
        float[] p = fresh.read(before.p()).floats();
        float[] q = fresh.read(before.q()).floats();
        assertArrayEquals(wanted, new float[] {p[0], p[1], p[2], q[0], q[1], q[2]});
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void seeOldValues(Setup setup) {
    try (State<Two> state = state(setup.open())) {
      Tensor p = state.tree().p();
      Tensor q = state.tree().q();
      become(setup, new Two(q, p), state, 10, 20, 30, 1, 2, 3);
      become(setup, new Two(q, p.add(q)), state, 10, 20, 30, 11, 22, 33);
      become(setup, new Two(p.add(1), p), state, 2, 3, 4, 1, 2, 3);
      become(setup, new Two(p.flip(0), q.sub(q.sumAll())), state, 3, 2, 1, -50, -40, -30);
      become(setup, new Two(p.add(q.flip(0)), q.add(p.flip(0))), state, 31, 22, 13, 13, 22, 31);
      become(setup, new Two(p.add(p.sumAll()), q), state, 7, 8, 9, 10, 20, 30);
      become(setup, new Two(q.neg(), q.neg()), state, -10, -20, -30, -10, -20, -30);
    }
  }

  /** Of arrays larger than any block that a device may read before it writes. */
  @ParameterizedTest
  @MethodSource("devices")
  void mayReadAnywhere(Setup setup) {
    Device device = setup.open();
    int rows = 120;
    int columns = 100;
    try (State<List<Tensor>> state =
        State.of(device, 1, List.of(Tensor.normal(Key.ROOT, rows, columns)))) {
      Tensor p = state.tree().get(0);
      Tensor backwards = Tensor.iota(Shape.of(rows), 0).neg().add(rows - 1);
      Map<String, Tensor> values = new LinkedHashMap<>();
      values.put("upside down", p.flip(0));
      values.put("mirrored", p.flip(1).mul(2));
      values.put("turned", p.transpose().reshape(rows, columns));
      values.put("shifted", Tensor.concat(0, p.slice(0, 1, rows), p.slice(0, 0, 1)).add(p));
      values.put("gathered", p.take(backwards, 0));
      values.put("centred", p.sub(p.mean(0)).sub(p.meanAll()));
      values.put("softmax of rows", p.softmax(1));
      values.put("softmax of columns", p.softmax(0));
      values.put("projected", p.matmul(p.transpose()).matmul(p));
      for (boolean fuse : List.of(true, false)) {
        values.forEach((name, value) -> same(device, state, p, value, fuse, name));
      }
    }
  }

  /** An update is what an output of the same expression is. */
  private static void same(
      Device device, State<?> state, Tensor p, Tensor value, boolean fuse, String name) {
    try (State<?> fresh = state.snapshot();
        Program output = Program.on(device, state).output("y", value).fuse(false).build();
        Program update = Program.on(device, fresh).update(p, value).fuse(fuse).build()) {
      output.run();
      update.run();
      Same.as(output.get("y"), fresh.read(p), device, name + (fuse ? ", fused" : ", unfused"));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void snapshotsStandStill(Setup setup) {
    try (State<Two> state = state(setup.open());
        State<Two> other = state(setup.open())) {
      Tensor p = state.tree().p();
      State<Two> snapshot = state.snapshot();
      state.write(p, new float[] {7, 8, 9});
      assertArrayEquals(new float[] {1, 2, 3}, snapshot.read(p).floats());
      snapshot.copyFrom(state);
      assertArrayEquals(new float[] {7, 8, 9}, snapshot.read(p).floats());
      snapshot.close();
      assertEquals(
          "the states are not of the same tensors",
          assertThrows(IllegalArgumentException.class, () -> state.copyFrom(other)).getMessage());
    }
  }
}
