package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.credence.data.DataException;
import dev.credence.device.Device;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path folder;

  private static Mlp net(int hidden) {
    return Mlp.init(Key.ROOT, Activation.RELU, 3, hidden, 2);
  }

  private static Map<String, Tensor> kinds() {
    return Map.of(
        "reals", Tensor.iota(TensorType.of(DType.FLOAT32, 2, 3).shape(), 1).cast(DType.FLOAT32),
        "ints", Tensor.iota(TensorType.of(DType.INT32, 4).shape(), 0),
        "truths",
            Tensor.iota(TensorType.of(DType.INT32, 4).shape(), 0)
                .less(Tensor.fill(2, TensorType.of(DType.INT32, 4))));
  }

  @Test
  void checksumsTellStatesAndProgramsApart() {
    try (Device device = new ReferenceDevice();
        State<Mlp> one = State.of(device, 1, net(4));
        State<Mlp> same = State.of(device, 1, net(4));
        State<Mlp> other = State.of(device, 2, net(4))) {
      assertEquals(one.checksum(), same.checksum());
      assertNotEquals(one.checksum(), other.checksum());
      long sum = literal(device, "sum", 1, 2);
      assertEquals(sum, literal(device, "sum", 1, 2));
      assertNotEquals(sum, literal(device, "sum", 1, 3));
      assertNotEquals(sum, literal(device, "total", 1, 2));
    }
  }

  private static long literal(Device device, String name, double... values) {
    TensorType type = TensorType.of(DType.FLOAT32, values.length);
    return Program.on(device).output(name, Tensor.literal(type, values).sumAll()).checksum();
  }

  @Test
  void statesComeBackBitForBit() {
    Path path = folder.resolve("state.safetensors");
    try (Device device = new ReferenceDevice();
        State<Mlp> net = State.of(device, 1, net(4));
        State<Mlp> other = State.of(device, 2, net(4));
        State<Map<String, Tensor>> kinds = State.of(device, 1, kinds());
        State<Map<String, Tensor>> zeros =
            State.of(device, 1, Tree.map(kinds(), (p, leaf) -> leaf.zerosLike()))) {
      Checkpoint.of(Map.of("net", net, "kinds", kinds))
          .with("numbers", 1.5, -0.0, Double.NaN)
          .with("word", "said")
          .write(path);
      Checkpoint read = Checkpoint.read(path);
      read.load(Map.of("net", other, "kinds", zeros));
      Tree.leaves(net.tree())
          .forEach(
              (at, leaf) ->
                  assertArrayEquals(
                      net.read(leaf).floats(), other.read(other.paths().get(at)).floats(), at));
      kinds
          .paths()
          .forEach(
              (at, leaf) ->
                  assertArrayEquals(
                      kinds.read(leaf).doubles(), zeros.read(zeros.paths().get(at)).doubles(), at));
      assertArrayEquals(new double[] {1.5, -0.0, Double.NaN}, read.numbers("numbers"));
      assertEquals("said", read.text("word"));
      assertThrows(DataException.class, () -> read.text("other"));
      assertThrows(DataException.class, () -> read.integer("word"));
      assertThrows(DataException.class, () -> read.numbers("other"));
    }
  }

  /** What does not fit is refused before anything has been overwritten. */
  @Test
  void whatDoesNotFitChangesNothing() {
    Path path = folder.resolve("state.safetensors");
    try (Device device = new ReferenceDevice();
        State<Mlp> net = State.of(device, 1, net(4));
        State<Mlp> wider = State.of(device, 2, net(5));
        State<Map<String, Tensor>> part =
            State.of(device, 3, Map.of("layers", net(4).layers().get(0).weight()))) {
      Checkpoint.of("", net).write(path);
      Checkpoint read = Checkpoint.read(path);
      float[] before = wider.read(wider.tree().layers().get(1).bias()).floats();
      DataException refused = assertThrows(DataException.class, () -> read.load("", wider));
      assertEquals(
          "The array layers.0.weight of "
              + path
              + " is float32[4, 3], but float32[5, 3] is needed.",
          refused.getMessage());
      assertArrayEquals(before, wider.read(wider.tree().layers().get(1).bias()).floats());
      assertThrows(DataException.class, () -> read.load("net", net));
      assertThrows(DataException.class, () -> read.load("", part));
      assertThrows(DataException.class, () -> read.load(Map.of("", net, "training", part)));
      // A file of another library, whose names are paths alone.
      net.write(net.tree().layers().get(0).weight(), new float[12]);
      read.load("", net);
      float[] weight = net.read(net.tree().layers().get(0).weight()).floats();
      assertEquals(true, weight[0] != 0);
    }
  }
}
