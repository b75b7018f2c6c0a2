package dev.credence.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.compile.Graph;
import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.grad.Gradients;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Params;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Key;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.train.Adam;
import dev.credence.train.Optimizer;
import dev.credence.type.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fused bodies: printed as they should be, found where they should be, right to the bit. */
class FusedTest {
  private static final Path SOURCE = Path.of("native/fused.c");
  private static final float[] NUMBERS = numbers();

  private static ReferenceDevice reference;
  private static CpuDevice interpreted;
  private static List<CpuDevice> fused;

  @BeforeAll
  static void open() {
    NativeLibrary library = NativeLibraryTest.library();
    reference = new ReferenceDevice();
    interpreted = new CpuDevice(library, 1, false);
    fused =
        List.of(
            new CpuDevice(library, 1, true),
            new CpuDevice(library, 2, true),
            new CpuDevice(library.atFloor(), 1, true),
            new CpuDevice(library.atFloor(), 2, true));
  }

  @AfterAll
  static void close() {
    if (fused != null) {
      fused.forEach(CpuDevice::close);
      interpreted.close();
      reference.close();
    }
  }

  @Test
  void theSourceIsWhatTheProgramsGive() throws IOException {
    String text = FusedSource.of(HotPrograms.all());
    if ("write".equals(System.getProperty("credence.golden"))) {
      Files.writeString(SOURCE, text);
    }
    assertEquals(text, Files.readString(SOURCE), "-Dcredence.golden=write accepts this.");
  }

  /** The programs' bodies are found, whole or in parts, whatever their sizes and constants. */
  @ParameterizedTest
  @CsvSource({"1200, 784", "2, 2", "7, 9", "10, 1200", "50, 784", "2, 100000"})
  void bodiesAreFoundForEverySize(int rows, int columns) {
    BlockWords words = new BlockWords(NativeLibraryTest.library(), true);
    for (Map.Entry<String, Graph> program : HotPrograms.of(rows, columns).entrySet()) {
      for (Loop loop : FusedSource.loops(program.getValue())) {
        for (List<FusedBody> phase : FusedSource.bodies(loop)) {
          long found = phase.stream().filter(b -> words.body(b.text()).isPresent()).count();
          boolean whole = !phase.isEmpty() && words.body(phase.get(0).text()).isPresent();
          assertTrue(
              phase.isEmpty() || whole || found == phase.size() - 1, program.getKey() + loop);
        }
      }
    }
  }

  /** What the device says of a kernel names the body. */
  @Test
  void theDeviceNamesTheBody() {
    for (String name : List.of("normal-weights", "normal-kl-gradients", "dropout", "adam")) {
      List<Loop> loops = FusedSource.loops(HotPrograms.of(300, 400).get(name));
      assertTrue(how(fused.get(0), loops).contains("fused " + name));
      assertTrue(how(fused.get(1), loops).contains("fused " + name));
      assertFalse(how(interpreted, loops).contains("fused"));
    }
  }

  private static String how(CpuDevice device, List<Loop> loops) {
    return loops.stream().map(device::compile).map(Device.Kernel::how).toList().toString();
  }

  /** Every size, at any offset in memory, gives the bits of the interpreter. */
  @ParameterizedTest
  @CsvSource({
    "0, 5",
    "1, 1",
    "1, 7",
    "2, 4",
    "7, 9",
    "8, 8",
    "5, 13",
    "1, 300",
    "63, 65",
    "64, 64",
    "17, 241",
    "300, 10",
    "1, 1000003"
  })
  void bitsAreTheInterpreters(int rows, int columns) {
    Random random = new Random(31L * rows + columns);
    boolean small = (long) rows * columns < 5000;
    for (Map.Entry<String, Graph> program : HotPrograms.of(rows, columns).entrySet()) {
      for (Loop loop : FusedSource.loops(program.getValue())) {
        if (loop.extent() > 0 && !fused.get(0).compile(loop).how().contains("fused")) {
          continue;
        }
        List<MemorySegment> data = loop.arguments().stream().map(a -> data(a, random)).toList();
        MemorySegment params = params(random);
        List<MemorySegment> wanted = Twin.run(small ? reference : interpreted, loop, data, params);
        for (CpuDevice device : fused) {
          List<MemorySegment> got = run(device, loop, data, params, random.nextInt(20));
          assertEquals("", Twin.difference(loop, wanted, got), () -> program.getKey() + loop);
        }
      }
    }
  }

  private record Learned(
      Tensor x, MeanField<Tensor> q, Optimizer.Moments<MeanField<Tensor>> moments) {}

  /**
   * Parameters and moments are overwritten where they lie; several weights are updated by a loop.
   */
  @Test
  void trainingIsTheInterpreters() {
    List<String> how = new ArrayList<>();
    List<float[]> wanted = train(interpreted, how);
    assertTrue(how.stream().noneMatch(h -> h.contains("fused")), how.toString());
    for (CpuDevice device : fused) {
      how.clear();
      List<float[]> got = train(device, how);
      assertTrue(how.toString().contains("fused adam-drawn-normals"), how.toString());
      assertTrue(how.toString().contains("fused normal-weights-kl"), how.toString());
      for (int i = 0; i < wanted.size(); i++) {
        assertArrayEquals(wanted.get(i), got.get(i));
      }
    }
  }

  private static List<float[]> train(CpuDevice device, List<String> how) {
    Key key = Key.ROOT.split("training");
    MeanField<Tensor> initial = MeanField.init(Tensor.normal(key, 50, 77).mul(0.1), 0.02);
    Adam adam = new Adam();
    Tensor x = Tensor.normal(key.split("x"), 9, 77);
    try (State<Learned> state = State.of(device, 1, new Learned(x, initial, adam.init(initial)))) {
      Learned old = state.tree();
      Tensor w = old.q().sample(key.split("w"));
      Tensor kl = old.q().kl(Prior.normal(1)).mul(1e-3);
      Tensor loss = old.x().matmul(w.transpose()).sin().sumAll().add(kl);
      MeanField<Tensor> gradients = Gradients.of(loss, old.q());
      Tensor count = Tensor.integer(Source.Number.STEP).add(1);
      Optimizer.Step<MeanField<Tensor>> next =
          adam.step(old.q(), gradients, old.moments(), Tensor.number("rate"), count);
      try (Program program =
          Program.on(device, state)
              .updates(old.q(), next.parameters())
              .updates(old.moments(), next.moments())
              .output("loss", loss)
              .build()) {
        for (int step = 0; step < 4; step++) {
          program.step(step).number("rate", 0.01).run();
        }
        how.addAll(program.how());
        List<float[]> arrays = new ArrayList<>(List.of(program.get("loss").floats()));
        Tree.list(old).forEach(array -> arrays.add(state.read(array).floats()));
        return arrays;
      }
    }
  }

  /** Twin.run with arrays that begin somewhere in a larger buffer. */
  private static List<MemorySegment> run(
      CpuDevice device, Loop loop, List<MemorySegment> data, MemorySegment params, int offset) {
    List<Buffer> buffers = new ArrayList<>();
    List<Slice> slices = new ArrayList<>();
    for (MemorySegment host : data) {
      long at = 4L * offset * (slices.size() + 1);
      buffers.add(device.allocate(host.byteSize() + at));
      device.write(buffers.getLast(), at, host);
      slices.add(new Slice(buffers.getLast(), at, host.byteSize()));
    }
    Buffer words = device.allocate(params.byteSize());
    buffers.add(words);
    device.write(words, 0, params);
    try (Prepared prepared =
        device.prepare(List.of(new Launch(device.compile(loop), slices)), words)) {
      prepared.run();
      List<MemorySegment> after = new ArrayList<>();
      for (Slice slice : slices) {
        after.add(MemorySegment.ofArray(new int[(int) (slice.bytes() + 3) / 4]));
        after.set(after.size() - 1, after.getLast().asSlice(0, slice.bytes()));
        device.read(slice.buffer(), slice.offset(), after.getLast());
      }
      after.add(MemorySegment.ofArray(new int[(int) params.byteSize() / 4]));
      device.read(words, 0, after.getLast());
      return after;
    } finally {
      buffers.forEach(Buffer::close);
    }
  }

  /** Normal numbers, and now and then one at the edge. */
  private static MemorySegment data(Argument argument, Random random) {
    int size = (int) argument.size();
    if (argument.type() == DType.BOOL) {
      return MemorySegment.ofArray(new byte[size]);
    }
    if (argument.type() == DType.INT32) {
      return MemorySegment.ofArray(random.ints(size, 0, 10).toArray());
    }
    int from = random.nextInt(NUMBERS.length - size);
    return MemorySegment.ofArray(Arrays.copyOfRange(NUMBERS, from, from + size));
  }

  private static float[] numbers() {
    Random random = new Random(1);
    float[] edges = {0, -0f, Float.NaN, Float.POSITIVE_INFINITY, -1e30f, 1e-40f, 100};
    float[] numbers = new float[1_100_000];
    for (int i = 0; i < numbers.length; i++) {
      boolean edge = random.nextInt(50) == 0;
      numbers[i] = edge ? edges[random.nextInt(edges.length)] : (float) random.nextGaussian();
    }
    return numbers;
  }

  /** A parameter block whose draws begin in the middle of a tile. */
  private static MemorySegment params(Random random) {
    int[] words = IntStream.generate(random::nextInt).limit(32).toArray();
    words[Params.FIRST_SAMPLE] = 5;
    words[Params.FIRST_ROW] = random.nextInt(4);
    words[Params.FAULT] = 0;
    return MemorySegment.ofArray(words);
  }
}
