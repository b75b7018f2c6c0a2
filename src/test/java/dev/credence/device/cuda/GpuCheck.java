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
import dev.credence.kernel.FoldLoops;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Padding;
import dev.credence.kernel.RandomConvolutions;
import dev.credence.kernel.RandomLoops;
import dev.credence.kernel.RandomLoops.Case;
import dev.credence.kernel.Scalar;
import dev.credence.type.DType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * What only a machine with an NVIDIA GPU can show: whether the device keeps the laws bit for bit,
 * what cuBLAS and cuDNN differ by, whether a fault loses the device and not the process, and how
 * long the standard workloads take. Prints a line for each, then a table, and writes all as JSON.
 *
 * <pre>java -cp ... dev.credence.device.cuda.GpuCheck [--quick] [FILE.json]</pre>
 *
 * <p>The workloads are those of the benchmarks, if their classes are on the class path. It ends
 * with status 1 if a law is broken, and 2 if there is no device. A step that fails is told and does
 * not keep the others from being done.
 */
final class GpuCheck {
  private static final String OWN = "dev.credence.benchmarks.Own";

  /** Laws that every device is held to. */
  private static final List<String> LAWS =
      List.of(
          "dev.credence.run.OpLawsTest",
          "dev.credence.run.SizesTest",
          "dev.credence.run.UpdatesTest",
          "dev.credence.run.RunErrorsTest",
          "dev.credence.run.TrainingTest",
          "dev.credence.grad.GradientLawsTest",
          "dev.credence.compile.RandomGraphsTest",
          "dev.credence.dist.BijectorLawsTest");

  /** Bytes an element that W1, W2 and W3 cannot do without. */
  private static final Map<String, Integer> BYTES = Map.of("W1", 12, "W2", 16, "W3", 16);

  private static final int ELEMENTS = 1 << 24;
  private static final int COPIED = 1 << 25;

  /** What cuBLAS and cuDNN may differ by from one chain, relative to the largest result. */
  private static final double CLOSE = 1e-4;

  private static final double CLOSE_TF32 = 1e-2;

  private final boolean quick;
  private final int loops;
  private final int size;
  private final List<String> lines = new ArrayList<>();
  private final List<String> table = new ArrayList<>();
  private final Consumer<String> out;
  private boolean kept = true;

  /**
   * A check.
   *
   * @param quick small sizes, to try the check itself
   * @param out takes each line
   */
  GpuCheck(boolean quick, Consumer<String> out) {
    this.quick = quick;
    this.out = out;
    loops = quick ? 3 : 300;
    size = quick ? 3 << 13 : 1 << 20;
  }

  public static void main(String[] arguments) throws IOException {
    List<String> words = List.of(arguments);
    if (words.contains("--fault")) {
      System.exit(fault());
    }
    if (words.contains("--every-device")) {
      System.exit(everyDevice(words.subList(1, words.size())));
    }
    Path file =
        words.stream()
            .filter(word -> !word.startsWith("--"))
            .map(Path::of)
            .findFirst()
            .orElse(Path.of("gpu-check.json"));
    int status = new GpuCheck(words.contains("--quick"), System.out::println).run(file);
    System.exit(status);
  }

  /** Does all and writes the file; gives the status to end with. */
  int run(Path file) throws IOException {
    Devices.Entry entry = new CudaProvider().entries().get(0);
    say("found", text("sentence", entry.reason()));
    if (entry.limits().isEmpty()) {
      return 2;
    }
    step("laws", this::laws);
    step("products", this::products);
    step("convolutions", this::convolutions);
    step("fault", this::faultInAnotherProcess);
    step("workloads", this::workloads);
    step("every device", this::everyDeviceInAnotherProcess);
    Files.writeString(file, "[\n" + String.join(",\n", lines) + "\n]\n");
    table.forEach(out);
    out.accept((kept ? "All laws are kept" : "A LAW IS BROKEN") + "; written: " + file);
    return kept ? 0 : 1;
  }

  /** Something to be done that may fail. */
  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private void step(String name, Step step) {
    long start = System.nanoTime();
    try {
      step.run();
    } catch (IOException | InterruptedException | RuntimeException | LinkageError e) {
      law(false);
      say("failed", text("step", name), text("why", String.valueOf(e)));
    }
    say("done", text("step", name), number("seconds", (System.nanoTime() - start) / 1e9));
  }

  private void law(boolean holds) {
    kept &= holds;
  }

  private static CudaDevice device(Products products) {
    return new CudaDevice(0, products, BinaryCache.ofUser("cuda"));
  }

  private static List<Products> products(boolean own) {
    return Arrays.stream(Products.values())
        .filter(p -> p == Products.OWN ? own : CudaLibraries.load().blas())
        .toList();
  }

  // ---- Laws ----

  /** Whatever no library of NVIDIA's computes has the bits of the reference and of the CPU. */
  private void laws() {
    RandomLoops random = new RandomLoops(20260);
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < loops; i++) {
      cases.add(random.next());
    }
    List<Loop> large = new ArrayList<>();
    large.add(CudaDeviceTest.samples(1, size));
    large.add(FoldLoops.drawnAndSummed(size + 100));
    for (int row : new int[] {10, 300, 5000}) {
      large.add(FoldLoops.rows(quick ? 5 : 200, row));
    }
    large.add(mask(size));
    for (Loop loop : large) {
      List<MemorySegment> arguments =
          loop.arguments().stream().map(a -> CudaDeviceTest.random((int) a.size())).toList();
      cases.add(new Case(loop, arguments, CudaDeviceTest.params()));
    }
    try (CudaDevice device = device(Products.OWN);
        ReferenceDevice reference = new ReferenceDevice()) {
      say("device", text("description", device.limits().description()));
      cases.forEach(c -> device.compile(c.loop()));
      bits("reference", reference, device, cases);
      bits("cpu", Devices.get("cpu"), device, cases.subList(loops, cases.size()));
      say("leaks", number("bytes", device.allocatedBytes()));
      law(device.allocatedBytes() == 0);
    }
  }

  private void bits(String name, Device twin, CudaDevice device, List<Case> cases) {
    int different = 0;
    String first = "";
    for (Case c : cases) {
      List<MemorySegment> wanted = Twin.run(twin, c.loop(), c.arguments(), c.params());
      List<MemorySegment> got = Twin.run(device, c.loop(), c.arguments(), c.params());
      String difference = Twin.difference(c.loop(), wanted, got);
      if (!difference.isEmpty() && different++ == 0) {
        first = c.loop().name() + ": " + difference;
      }
    }
    say(
        "bits",
        text("with", name),
        number("loops", cases.size()),
        number("different", different),
        text("first", first));
    law(different == 0);
  }

  private static Loop mask(int size) {
    Index at = Index.axis(0, size);
    Scalar bits = new Scalar.Noise(Scalar.NoiseKind.BITS, 4, at, 1, Index.ZERO);
    Scalar x = new Scalar.Load(DType.FLOAT32, 0, at, List.of());
    Scalar here = new Scalar.Binary(Scalar.Word2.ULT, new Scalar.Const(DType.INT32, 1 << 30), bits);
    Scalar value = new Scalar.Select(here, x, Scalar.zero(DType.FLOAT32));
    return new Loop(
        "mask",
        List.of(size),
        List.of(new Phase(List.of(), List.of(), List.of(new Store(1, at, value)))),
        List.of(new Argument(DType.FLOAT32, size, false), new Argument(DType.FLOAT32, size, true)));
  }

  // ---- What NVIDIA's libraries compute ----

  private void products() {
    int side = quick ? 40 : 1200;
    try (ReferenceDevice reference = new ReferenceDevice()) {
      for (Products products : products(true)) {
        try (CudaDevice device = device(products)) {
          Loop loop = CudaDeviceTest.product(3, 128, side, 100, false, true, false);
          close(products, "product", List.of(loop), reference, device);
        }
      }
    }
  }

  private void convolutions() {
    RandomConvolutions random = new RandomConvolutions(7);
    List<Loop> found = new ArrayList<>();
    for (int i = 0; i < 4000 && found.size() < (quick ? 3 : 60); i++) {
      Loop loop = random.next();
      if (DnnConvolution.of(loop).isPresent() || (i % 20 == 0 && Padding.of(loop).isPresent())) {
        found.add(loop);
      }
    }
    try (ReferenceDevice reference = new ReferenceDevice()) {
      for (Products products : products(true)) {
        try (CudaDevice device = device(products)) {
          close(products, "convolution", found, reference, device);
        }
      }
    }
  }

  /** Holds results to be close to the reference device's, and equal where the kernels are ours. */
  private void close(
      Products products, String what, List<Loop> loops, Device reference, CudaDevice device) {
    double worst = 0;
    String worstLoop = "";
    for (Loop loop : loops) {
      List<MemorySegment> arguments =
          loop.arguments().stream().map(a -> CudaDeviceTest.random((int) a.size())).toList();
      MemorySegment params = CudaDeviceTest.params();
      MemorySegment wanted = Twin.run(reference, loop, arguments, params).get(2);
      MemorySegment got = Twin.run(device, loop, arguments, params).get(2);
      double most = 0;
      double error = 0;
      for (long i = 0; i < loop.arguments().get(2).size(); i++) {
        float x = wanted.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
        float y = got.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
        most = Math.max(most, Math.abs(x));
        error = Math.max(error, x == y ? 0 : Double.isNaN(y) ? 1e9 : Math.abs(x - y));
      }
      if (error > worst * Math.max(most, 1e-30)) {
        worst = error / Math.max(most, 1e-30);
        worstLoop = device.compile(loop).how() + " " + DnnConvolution.of(loop);
      }
    }
    String how =
        loops.stream()
            .map(loop -> device.compile(loop).how())
            .collect(Collectors.groupingBy(h -> h, Collectors.counting()))
            .toString();
    say(
        "close",
        text("kind", what),
        text("products", products.name()),
        text("how", how),
        number("worst", worst),
        text("worstLoop", worst == 0 ? "" : worstLoop));
    law(worst <= (products == Products.OWN ? 0 : products == Products.TF32 ? CLOSE_TF32 : CLOSE));
    law(device.allocatedBytes() == 0);
  }

  // ---- Other processes ----

  private static List<String> java(String... properties) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(word -> !word.startsWith("-agentlib") && !word.startsWith("-javaagent"))
        .forEach(command::add);
    // Those that a test runner set are no arguments of this process.
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("credence."))
        .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
    command.addAll(List.of(properties));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  private static boolean present(String type) {
    return GpuCheck.class.getResource("/" + type.replace('.', '/') + ".class") != null;
  }

  /** Lines of a process, which is ended after some seconds; the last line says how it ended. */
  private static List<String> run(List<String> command, int seconds)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> said = new ArrayList<>();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                out.lines().forEach(said::add);
              } catch (IOException | RuntimeException e) {
                said.add(e.toString());
              }
            });
    reader.start();
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    process.destroyForcibly();
    reader.join();
    said.add(ended ? "status " + process.exitValue() : "not done after " + seconds + " seconds");
    return said;
  }

  private void faultInAnotherProcess() throws IOException, InterruptedException {
    List<String> command = java();
    command.addAll(List.of(GpuCheck.class.getName(), "--fault"));
    List<String> said = run(command, 120);
    law(said.getLast().equals("status 0"));
    say("fault", text("said", String.join(" | ", said)));
  }

  /** A kernel writes outside its memory: the device is lost and says so, and the process lives. */
  private static int fault() {
    CudaDevice device = device(Products.OWN);
    Buffer y = device.allocate(4 * 64);
    Buffer params = device.allocate(4 * 64);
    Index at = Index.axis(0, 64);
    Store store = new Store(0, at, new Scalar.Const(DType.FLOAT32, 1));
    Loop loop =
        new Loop(
            "writes far away",
            List.of(64),
            List.of(new Phase(List.of(), List.of(), List.of(store))),
            List.of(new Argument(DType.FLOAT32, 64, true)));
    CudaKernel kernel = (CudaKernel) device.compile(loop);
    if (CudaLibraries.load().driverByHand()) {
      StandIn.require().failKernel(1, 700);
    } else {
      String text =
          "CR_KERNEL void far(CR_GLOBAL cr_i32 *params, CR_ARRAY(float, a0)) {"
              + " a0[((cr_i64)1 << 44) + CR_ITEM] = 1.0f; }";
      KernelCompiler compiler =
          new KernelCompiler(Driver.capability(Driver.device(0)), BinaryCache.ofUser("cuda"));
      CudaKernel.Pass far = new CudaKernel.Source("far", compiler.compile("far", text), 1, 64);
      kernel = new CudaKernel(loop, List.of(far), List.of(), "far");
    }
    Slice slice = new Slice(y, 0, y.bytes());
    Prepared prepared = device.prepare(List.of(new Launch(kernel, List.of(slice))), params);
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try {
        prepared.run();
        device.await();
      } catch (IllegalStateException e) {
        told.add(e.getMessage());
      }
    }
    prepared.close();
    y.close();
    params.close();
    device.close();
    // NVIDIA promises a working device to another process alone; what this one gets is told.
    boolean another = false;
    try (CudaDevice next = device(Products.OWN);
        Buffer some = next.allocate(4)) {
      next.write(some, 0, MemorySegment.ofArray(new float[] {1}));
      next.await();
      another = true;
      told.add("A new device in the same process works.");
    } catch (IllegalStateException e) {
      told.add("A new device in the same process does not work: " + e.getMessage());
    }
    told.forEach(System.out::println);
    told.removeLast();
    boolean good =
        told.size() == 2
            && told.stream().allMatch(s -> s.contains("is lost") && s.contains("writes far away"))
            && (another || !CudaLibraries.load().driverByHand());
    return good ? 0 : 1;
  }

  private void everyDeviceInAnotherProcess() throws IOException, InterruptedException {
    List<String> command =
        java("-Dcredence.test.devices=cuda:0", "-Dcredence.cuda.reproducible=true");
    command.addAll(List.of(GpuCheck.class.getName(), "--every-device"));
    // Of a Java made to measure, some laws want more than it has.
    boolean management = ModuleLayer.boot().findModule("jdk.management").isPresent();
    (quick ? LAWS.subList(2, 3) : LAWS)
        .stream().filter(law -> management || !law.endsWith(".TrainingTest")).forEach(command::add);
    List<String> said = run(command, 600);
    law(said.getLast().equals("status 0"));
    say(
        "every device",
        text("said", String.join("\n", said.subList(Math.max(0, said.size() - 60), said.size()))));
  }

  /** Runs test classes and says what failed. */
  private static int everyDevice(List<String> tests) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(tests.stream().map(DiscoverySelectors::selectClass).toList())
                .build(),
            listener);
    TestExecutionSummary summary = listener.getSummary();
    summary
        .getFailures()
        .forEach(
            failure ->
                System.out.println(
                    failure.getTestIdentifier().getLegacyReportingName()
                        + ": "
                        + failure.getException()));
    System.out.println(
        summary.getTestsSucceededCount()
            + " tests kept, "
            + summary.getTestsFailedCount()
            + " broken, "
            + summary.getTestsSkippedCount()
            + " skipped, "
            + summary.getTestsAbortedCount()
            + " left out");
    return summary.getTotalFailureCount() == 0 && summary.getTestsSucceededCount() > 0 ? 0 : 1;
  }

  // ---- Workloads ----

  private static Stream<String> ids(boolean quick) {
    return quick
        ? Stream.of("W1:65536", "W2:65536", "W3:65536", "W10")
        : Stream.of("W1", "W2", "W3", "W4", "W5", "W5l", "W6", "W7", "W8", "W9", "W10");
  }

  private void workloads() throws IOException, InterruptedException {
    if (!present(OWN)) {
      say("workloads", text("left out", "the benchmarks are not on the class path"));
      return;
    }
    table.add(
        "%-12s %12s %12s %8s  %s".formatted("workload", "median us", "floor us", "ratio", "found"));
    double bandwidth = 0;
    for (Products products : products(false)) {
      String tf32 = "-Dcredence.cuda.tf32=" + (products == Products.TF32);
      List<String> command = java(tf32);
      command.addAll(List.of(OWN, "cuda:0"));
      List<String> chosen =
          products == Products.TF32
              ? quick ? List.of() : List.of("W4", "W5", "W5l", "W6", "W7", "W8", "W9")
              : Stream.concat(quick ? Stream.empty() : Stream.of("copy", "normals"), ids(quick))
                  .toList();
      for (String id : chosen) {
        // A process each, so that one that fails, or is lost, takes no other with it.
        double median = measured(command, id, products);
        if (id.equals("copy")) {
          bandwidth = 8.0 * COPIED / median;
          say("bandwidth", number("bytesPerSecond", bandwidth));
        }
        Integer bytes = BYTES.get(id);
        double floor = bytes == null || bandwidth == 0 ? 0 : bytes * (double) ELEMENTS / bandwidth;
        if (floor > 0) {
          say(
              "floor",
              text("id", id),
              number("micros", floor * 1e6),
              number("ratio", floor / median));
        }
        table.add(
            "%-12s %12.2f %12s %8s  %s"
                .formatted(
                    id,
                    median * 1e6,
                    floor == 0 ? "" : "%.2f".formatted(floor * 1e6),
                    floor == 0 ? "" : "%.2f".formatted(floor / median),
                    products));
      }
    }
  }

  /** Median seconds of a step, NaN if there are none. */
  private double measured(List<String> command, String id, Products products)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String found;
    String times;
    try (PrintWriter ask = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      Thread watch = watch(process);
      ask.println("open " + id);
      found = String.valueOf(answers.readLine());
      ask.println("time 21 " + (quick ? 1 : 20));
      times = String.valueOf(answers.readLine());
      watch.interrupt();
    } finally {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    double[] seconds =
        times.startsWith("ok ")
            ? Arrays.stream(times.substring(3).split(" "))
                .mapToDouble(Double::parseDouble)
                .sorted()
                .toArray()
            : new double[] {Double.NaN};
    law(times.startsWith("ok "));
    say(
        "workload",
        text("id", id),
        text("products", products.name()),
        text("found", found),
        number("medianMicros", seconds[seconds.length / 2] * 1e6),
        number("leastMicros", seconds[0] * 1e6));
    return seconds[seconds.length / 2];
  }

  /** Ends a process that takes too long. */
  private static Thread watch(Process process) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(150_000);
                process.destroyForcibly();
              } catch (InterruptedException done) {
                Thread.currentThread().interrupt();
              }
            });
  }

  // ---- Lines ----

  private static String text(String name, String value) {
    StringBuilder escaped = new StringBuilder();
    for (char c : value.toCharArray()) {
      switch (c) {
        case '"', '\\' -> escaped.append('\\').append(c);
        case '\n' -> escaped.append("\\n");
        default -> escaped.append(c < ' ' ? ' ' : c);
      }
    }
    return "\"" + name + "\":\"" + escaped + "\"";
  }

  private static String number(String name, double value) {
    String text = Double.isFinite(value) ? String.format(Locale.ROOT, "%.6g", value) : "null";
    return "\"" + name + "\":" + text;
  }

  private void say(String what, String... fields) {
    String line =
        Stream.concat(Stream.of(text("what", what)), Arrays.stream(fields))
            .collect(Collectors.joining(",", "{", "}"));
    lines.add(line);
    out.accept(line);
  }
}
