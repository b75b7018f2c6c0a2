package dev.credence.device.cuda;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Device.Launch;
import dev.credence.device.Device.Prepared;
import dev.credence.device.Device.Slice;
import dev.credence.device.Devices;
import dev.credence.device.cuda.CudaDevice.Products;
import dev.credence.device.reference.ReferenceDevice;
import dev.credence.device.reference.Twin;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.RandomLoops.Case;
import dev.credence.kernel.Scalar;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.type.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What only a machine with an NVIDIA GPU can show, as JSON lines to be kept: what the device is,
 * whether it gives the reference device's bits, and how long a few loops take.
 *
 * <pre>java -cp ... dev.credence.device.cuda.GpuCheck [LOOPS [ELEMENTS]]</pre>
 *
 * It ends with status 1 if a law is broken, and 2 if there is no device.
 */
final class GpuCheck {
  private static final int RUNS = 50;
  private static final int REPEATS = 5;

  private final int loops;
  private final int elements;

  private GpuCheck(int loops, int elements) {
    this.loops = loops;
    this.elements = elements;
  }

  /** Runs the check over 300 random loops and arrays of 2^26 elements unless told otherwise. */
  public static void main(String[] arguments) {
    int loops = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
    int elements = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1 << 26;
    System.exit(new GpuCheck(loops, elements).run());
  }

  private int run() {
    Devices.Entry entry = new CudaProvider().entries().get(0);
    say("found", text("sentence", entry.reason()));
    if (entry.limits().isEmpty()) {
      return 2;
    }
    boolean kept = true;
    for (Products products : Products.values()) {
      if (products == Products.OWN || CudaLibraries.load().blas()) {
        try (CudaDevice device = new CudaDevice(0, products, BinaryCache.ofUser("cuda"))) {
          say("device", text("description", device.limits().description()));
          kept &= laws(device);
          times(device);
        }
      }
    }
    return kept ? 0 : 1;
  }

  // ---- Laws ----

  /** Whatever cuBLAS does not compute has the reference device's bits. */
  private boolean laws(CudaDevice device) {
    RandomLoops random = new RandomLoops(20260);
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < loops; i++) {
      cases.add(random.next());
      device.compile(cases.getLast().loop());
    }
    cases.add(draws(1 << 20));
    int compared = 0;
    int different = 0;
    String first = "";
    try (ReferenceDevice reference = new ReferenceDevice()) {
      for (Case c : cases) {
        if (device.compile(c.loop()).how().startsWith("cuBLAS")) {
          continue;
        }
        compared++;
        List<MemorySegment> wanted = Twin.run(reference, c.loop(), c.arguments(), c.params());
        List<MemorySegment> got = Twin.run(device, c.loop(), c.arguments(), c.params());
        String difference = Twin.difference(c.loop(), wanted, got);
        if (!difference.isEmpty() && different++ == 0) {
          first = c.loop().name() + ": " + difference;
        }
      }
    }
    say(
        "bits",
        number("loops", compared),
        number("different", different),
        text("first", first),
        number("leakedBytes", device.allocatedBytes()));
    return different == 0 && device.allocatedBytes() == 0;
  }

  private static Case draws(int size) {
    Loop loop = pointwise("draws", size, 0, normal(size));
    MemorySegment params = Arena.ofAuto().allocate(4L * RandomLoops.PARAM_WORDS, 64);
    params.set(java.lang.foreign.ValueLayout.JAVA_INT, 16, 0x1234567);
    return new Case(loop, List.of(Arena.ofAuto().allocate(4L * size, 64)), params);
  }

  // ---- Times ----

  private void times(CudaDevice device) {
    Index i = Index.axis(0, elements);
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, i, List.of());
    Scalar y = new Scalar.Load(DType.FLOAT32, 1, i, List.of());
    time(device, pointwise("copy", elements, 1, x), 0);
    time(device, pointwise("draw normals", elements, 0, normal(elements)), 0);
    Scalar scale = new Scalar.Unary(Word1.SOFTPLUS, y);
    Scalar noise = new Scalar.Binary(Word2.MUL, scale, normal(elements));
    time(
        device,
        pointwise("sample weights", elements, 2, new Scalar.Binary(Word2.ADD, x, noise)),
        0);
    time(device, sum(x), 0);
    time(device, pointwise("launch", 1, 0, new Scalar.Const(DType.FLOAT32, 1)), 0);
    int side = (int) Math.cbrt(elements) * 5;
    long steps = (long) side * side * side;
    time(device, CudaDeviceTest.product(1, side, side, side, false, true, false), 2 * steps);
    time(device, CudaDeviceTest.product(16, 128, 40, 784, false, true, false), 0);
  }

  private static void time(CudaDevice device, Loop loop, long flops) {
    List<Buffer> buffers = new ArrayList<>();
    try (Buffer params = device.allocate(4L * RandomLoops.PARAM_WORDS)) {
      List<Slice> slices = new ArrayList<>();
      for (Argument argument : loop.arguments()) {
        Buffer buffer = device.allocate(4 * argument.size());
        buffers.add(buffer);
        device.write(buffer, 0, MemorySegment.ofArray(new float[(int) argument.size()]));
        slices.add(new Slice(buffer, 0, buffer.bytes()));
      }
      device.write(params, 0, MemorySegment.ofArray(new int[RandomLoops.PARAM_WORDS]));
      Device.Kernel kernel = device.compile(loop);
      double best = Double.POSITIVE_INFINITY;
      try (Prepared prepared = device.prepare(List.of(new Launch(kernel, slices)), params)) {
        for (int repeat = 0; repeat <= REPEATS; repeat++) {
          device.await();
          long start = System.nanoTime();
          for (int run = 0; run < RUNS; run++) {
            prepared.run();
          }
          device.await();
          best = Math.min(best, (System.nanoTime() - start) / 1e9 / RUNS);
        }
      }
      say(
          "time",
          text("loop", loop.name()),
          text("how", kernel.how()),
          number("micros", best * 1e6),
          number("bytesPerSecond", loop.bytes() / best),
          number("flopsPerSecond", flops / best));
    } finally {
      buffers.forEach(Buffer::close);
    }
  }

  // ---- Loops ----

  private static Scalar normal(int size) {
    Index element = Index.axis(0, size);
    return new Scalar.Noise(Scalar.NoiseKind.NORMAL, 4, element, 0, Index.ZERO);
  }

  /** A value for each element, of some arrays of that many elements. */
  private static Loop pointwise(String name, int size, int inputs, Scalar value) {
    List<Argument> arguments = new ArrayList<>();
    for (int a = 0; a <= inputs; a++) {
      arguments.add(new Argument(DType.FLOAT32, size, a == inputs));
    }
    Store store = new Store(inputs, Index.axis(0, size), value);
    return new Loop(
        name, List.of(size), List.of(new Phase(List.of(), List.of(), List.of(store))), arguments);
  }

  private Loop sum(Scalar value) {
    Phase sum = new Phase(List.of(elements), List.of(new Fold(FoldKind.SUM, value)), List.of());
    Store store = new Store(1, Index.ZERO, new Scalar.Folded(DType.FLOAT32, 0, 0));
    return new Loop(
        "sum",
        List.of(),
        List.of(sum, new Phase(List.of(), List.of(), List.of(store))),
        List.of(
            new Argument(DType.FLOAT32, elements, false), new Argument(DType.FLOAT32, 1, true)));
  }

  // ---- Lines ----

  private static String text(String name, String value) {
    return "\"" + name + "\":\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static String number(String name, double value) {
    return "\"" + name + "\":" + String.format(Locale.ROOT, "%.6g", value);
  }

  private static void say(String what, String... fields) {
    System.out.println("{" + text("what", what) + "," + String.join(",", fields) + "}");
  }
}
