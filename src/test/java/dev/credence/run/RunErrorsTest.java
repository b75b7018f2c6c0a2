package dev.credence.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.tensor.Origin;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import example.NotFinite;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A program used wrongly says so in a sentence and goes on working. */
class RunErrorsTest {
  private static final TensorType FOUR = TensorType.of(DType.FLOAT32, 4);

  static List<Setup> devices() {
    return EveryDevice.all();
  }

  private static void refused(
      Class<? extends Exception> kind, String message, Executable executable) {
    assertEquals(message, assertThrows(kind, executable).getMessage());
  }

  private static void begins(
      Class<? extends Exception> kind, String message, Executable executable) {
    String whole = String.valueOf(assertThrows(kind, executable).getMessage());
    assertTrue(whole.startsWith(message), whole);
  }

  private static void refused(String message, Executable executable) {
    refused(IllegalArgumentException.class, message, executable);
  }

  @Test
  void inputsAndOutputs() {
    Tensor x = Tensor.input("x", FOUR);
    Tensor n = Tensor.integer("n");
    try (Program program =
        Program.on(EveryDevice.REFERENCE).output("y", x.add(n.cast(DType.FLOAT32))).build()) {
      refused("there is no input z; the inputs are [x]", () -> program.set("z", new float[4]));
      refused("there is no output z; the outputs are [y]", () -> program.get("z"));
      refused(
          "input x is float32[4], but 3 values of float32 were given",
          () -> program.set("x", new float[3]));
      refused(
          "input x is float32[4], but 4 values of int32 were given",
          () -> program.set("x", new int[4]));
      refused(
          "values are a float[], double[], int[] or boolean[], not String",
          () -> program.set("x", "four"));
      refused(
          "output y is float32[4] and does not fit a float[3]",
          () -> program.get("y", new float[3]));
      refused("n is an integer, but 0.5 was given", () -> program.number("n", 0.5));
      refused(
          IllegalStateException.class,
          "the array is float32[4], not int32",
          () -> program.get("y").ints());
      program.set("x", new float[] {1, 2, 3, 4}).number("n", 1).number("unknown", 1).run();
      assertArrayEquals(new float[] {2, 3, 4, 5}, program.get("y").floats());
    }
  }

  @Test
  void namesAreUnique() {
    Tensor x = Tensor.input("x", FOUR);
    Tensor twin = Tensor.input("x", FOUR);
    Program.Builder twins = Program.on(EveryDevice.REFERENCE).output("y", x.add(twin));
    refused("there are two inputs called x", twins::build);
    Program.Builder outputs = Program.on(EveryDevice.REFERENCE).output("y", x).output("y", x.exp());
    refused("there are two outputs called y", outputs::build);
  }

  @Test
  void parametersAndUpdates() {
    Device device = EveryDevice.REFERENCE;
    try (State<List<Tensor>> state = State.of(device, 0, List.of(Tensor.zeros(FOUR)))) {
      Tensor p = state.tree().get(0);
      refused(
          "parameter 0 is in none of the program's states",
          () -> Program.on(device).output("y", p.exp()).build());
      refused(
          "parameter 0 is updated twice",
          () -> Program.on(device, state).update(p, p.exp()).update(p, p.neg()).build());
      begins(
          IllegalArgumentException.class,
          "parameter 0 is float32[4], its new value float32[] (at ",
          () -> Program.on(device, state).update(p, p.sumAll()).build());
      refused(
          "only a parameter can be updated, not exp float32[4]",
          () -> Program.on(device, state).update(p.exp(), p).build());
      refused(
          "0 is float32[4], but 5 values of float32 were given",
          () -> state.write(p, new float[5]));
      refused("this state does not hold q", () -> state.read(Tensor.parameter("q", FOUR)));
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void closed(Setup setup) {
    Device device = setup.open();
    State<List<Tensor>> state = State.of(device, 0, List.of(Tensor.zeros(FOUR)));
    Tensor p = state.tree().get(0);
    Program program = Program.on(device, state).update(p, p.add(1)).output("y", p).build();
    program.run();
    state.close();
    state.close();
    refused(IllegalStateException.class, "this state is closed", program::run);
    refused(IllegalStateException.class, "this state is closed", () -> state.read(p));
    program.close();
    program.close();
    List<Executable> uses =
        List.of(
            program::run,
            () -> program.get("y"),
            () -> program.set("x", new float[4]),
            () -> program.seed(1),
            () -> program.step(1),
            () -> program.number("n", 1));
    for (Executable use : uses) {
      refused(IllegalStateException.class, "this program is closed", use);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void indexOutsideItsArray(Setup setup) {
    Tensor index = Tensor.input("i", TensorType.of(DType.INT32, 3));
    Tensor table = Tensor.literal(FOUR, 1, 2, 3, 4);
    try (Program program = Program.on(setup.open()).output("y", table.take(index, 0)).build()) {
      for (int wrong : new int[] {4, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
        program.set("i", new int[] {0, wrong, 2}).run();
        refused(
            IndexOutOfBoundsException.class,
            "a take or gather of this program met an index outside its array",
            () -> program.get("y"));
        program.set("i", new int[] {0, 3, 2}).run();
        assertArrayEquals(new float[] {1, 4, 3}, program.get("y").floats());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void checkingFindsTheFirstNumberThatIsNotFinite(Setup setup) {
    Tensor x = Tensor.input("x", FOUR);
    Tensor y = Origin.within("head", () -> NotFinite.logarithm(x)).exp().add(1);
    try (Program program = Program.on(setup.open()).output("y", y).checking(true).build()) {
      program.set("x", new float[] {1, 2, 3, 4}).run();
      program.set("x", new float[] {1, 2, 0, 4});
      NonFiniteException e = assertThrows(NonFiniteException.class, program::run);
      assertEquals(
          "log gave -Infinity in element 2 of float32[4] (at NotFinite.java:"
              + NotFinite.LINE
              + " in head)",
          e.getMessage());
    }
  }

  @Test
  void memoryThatCannotBeHad() {
    try (ReferenceDevice small = new ReferenceDevice(1 << 16)) {
      Tensor x = Tensor.input("x", TensorType.of(DType.FLOAT32, 128));
      Tensor square = Tensor.einsum("i,j->ij", x, x);
      Program scratch = Program.on(small).output("y", square.matmul(square).sumAll()).build();
      begins(
          OutOfDeviceMemoryException.class,
          "the program needs 131072 bytes of scratch: ",
          scratch::run);
      scratch.close();
      begins(
          OutOfDeviceMemoryException.class,
          "the program needs 512 bytes for inputs, 65536 for outputs, 0 for constants"
              + " and 0 of scratch: ",
          () -> Program.on(small).output("y", square).build());
      assertThrows(
          OutOfDeviceMemoryException.class,
          () -> State.of(small, 0, List.of(x.zerosLike(), square.zerosLike())));
      assertEquals(0, small.allocatedBytes());
      try (Program fits = Program.on(small).output("y", x.sumAll()).build()) {
        fits.run();
        assertEquals(0, fits.scalar("y"));
      }
    }
  }
}
