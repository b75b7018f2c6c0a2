package dev.credence.run;

import dev.credence.compile.Graph;
import dev.credence.compile.Plan;
import dev.credence.compile.Schedule;
import dev.credence.device.Device;
import dev.credence.device.OutOfDeviceMemoryException;
import dev.credence.kernel.Params;
import dev.credence.kernel.Philox;
import dev.credence.tensor.Key;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import dev.credence.type.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph compiled for a device. Inputs are set, {@link #run()} computes outputs and updates, and
 * outputs are read; running allocates nothing. Numbers that differ between runs (seed, step, first
 * sample, first row, learning rates) are set without compiling again.
 *
 * <p>A program is run by one thread at a time; a second one waits.
 */
public final class Program implements AutoCloseable {
  private final Device device;
  private final Plan plan;
  private final boolean checking;
  private final List<Device.Kernel> kernels = new ArrayList<>();
  private final List<State<?>> states;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private final Map<String, Source.Number> numbers = new HashMap<>();
  private final Arenas arenas;
  private final Arena hostArena = Arena.ofShared();
  private final MemorySegment words;
  private final Map<Device.Buffer, Device.Prepared> prepared = new IdentityHashMap<>();
  private final List<Device.Buffer> owned = new ArrayList<>();
  private final Device.Buffer params;
  private final Device.Buffer inputMemory;
  private final Device.Buffer outputMemory;
  private final Device.Buffer constants;
  private Device.@Nullable Buffer lastArena;
  private Device.@Nullable Prepared lastPrepared;
  private boolean dirty = true;
  private boolean closed;

  /** Starts a program for a device, over the states whose parameters its graph reads or updates. */
  public static Builder on(Device device, State<?>... states) {
    return new Builder(device, List.of(states));
  }

  /** Collects what a program is to compute. */
  public static final class Builder {
    private final Device device;
    private final List<State<?>> states;
    private final List<Graph.Output> outputs = new ArrayList<>();
    private final List<Graph.Update> updates = new ArrayList<>();
    private boolean fuse = true;
    private boolean checking = Boolean.getBoolean("credence.check");

    private Builder(Device device, List<State<?>> states) {
      this.device = device;
      this.states = states;
    }

    /** Something to read after a run. */
    public Builder output(String name, Tensor value) {
      outputs.add(new Graph.Output(name, value));
      return this;
    }

    /** What a parameter becomes. A parameter that becomes itself is left out. */
    public Builder update(Tensor parameter, Tensor value) {
      if (parameter != value) {
        updates.add(new Graph.Update(parameter, value));
      }
      return this;
    }

    /** What the parameters of a tree become. */
    public <T> Builder updates(T parameters, T values) {
      List<Tensor> from = Tree.list(parameters);
      List<Tensor> to = Tree.list(values);
      if (from.size() != to.size()) {
        throw new IllegalArgumentException(
            from.size() + " parameters cannot become " + to.size() + " values");
      }
      for (int i = 0; i < from.size(); i++) {
        update(from.get(i), to.get(i));
      }
      return this;
    }

    /** Whether ops are fused; without fusion every op is a kernel, which is slow and obvious. */
    public Builder fuse(boolean fuse) {
      this.fuse = fuse;
      return this;
    }

    /**
     * Whether each run looks for the first op that gives a number that is not finite. Slow; the
     * property credence.check turns it on everywhere.
     */
    public Builder checking(boolean checking) {
      this.checking = checking;
      return this;
    }

    /** The same for all programs that compute the same, and very likely for no other. */
    public long checksum() {
      return new Graph(outputs, updates).checksum();
    }

    /**
     * Compiles.
     *
     * @throws IllegalArgumentException if a parameter is in none of the states
     * @throws OutOfDeviceMemoryException if the device cannot hold inputs, outputs and constants
     * @throws UnsupportedOperationException if the device lacks a type that the graph uses
     */
    public Program build() {
      Plan plan = Plan.of(new Graph(outputs, updates), fuse && !checking);
      return new Program(device, states, plan, checking);
    }
  }

  private Program(Device device, List<State<?>> states, Plan plan, boolean checking) {
    this.device = device;
    this.states = states;
    this.plan = plan;
    this.checking = checking;
    this.arenas = Arenas.of(device);
    requireParameters();
    int wordCount = plan.schedule().words().size();
    words = hostArena.allocate(4L * wordCount, 8);
    try {
      params = own(4L * wordCount);
      inputMemory = own(plan.inputBytes());
      outputMemory = own(plan.outputBytes());
      constants = own(plan.constantBytes());
      for (Schedule.Step step : plan.schedule().steps()) {
        kernels.add(device.compile(step.work()));
      }
      plan.places().forEach(this::register);
    } catch (RuntimeException e) {
      owned.forEach(Device.Buffer::close);
      hostArena.close();
      throw e;
    }
    plan.schedule().graph().outputs().forEach(output -> outputs.put(output.name(), output.value()));
    plan.schedule()
        .words()
        .all()
        .keySet()
        .forEach(
            what -> {
              if (what instanceof Source.Number number) {
                numbers.put(number.name(), number);
              }
            });
    arenas.join();
    seed(0);
  }

  private Device.Buffer own(long bytes) {
    try {
      Device.Buffer buffer = device.allocate(bytes);
      owned.add(buffer);
      return buffer;
    } catch (OutOfDeviceMemoryException e) {
      throw new OutOfDeviceMemoryException(
          "the program needs "
              + plan.inputBytes()
              + " bytes for inputs, "
              + plan.outputBytes()
              + " for outputs, "
              + plan.constantBytes()
              + " for constants and "
              + plan.arenaBytes()
              + " of scratch: "
              + e.getMessage());
    }
  }

  private void requireParameters() {
    for (Schedule.Step step : plan.schedule().steps()) {
      for (Tensor tensor : step.arguments()) {
        if (tensor.op() instanceof Source.Parameter parameter) {
          if (states.stream().noneMatch(s -> s.holds(tensor))) {
            throw new IllegalArgumentException(
                "parameter " + parameter.path() + " is in none of the program's states");
          }
        }
      }
    }
  }

  private void register(Tensor tensor, Plan.Place place) {
    if (tensor.op() instanceof Source.Input input) {
      if (inputs.put(input.path(), tensor) != null) {
        throw new IllegalArgumentException("there are two inputs called " + input.path());
      }
    }
    if (tensor.op() instanceof Source.Literal literal) {
      Object values =
          switch (tensor.dtype()) {
            case FLOAT64 -> literal.values();
            case FLOAT32 -> {
              float[] narrow = new float[literal.values().length];
              for (int i = 0; i < narrow.length; i++) {
                narrow[i] = (float) literal.values()[i];
              }
              yield narrow;
            }
            case INT32 -> {
              int[] whole = new int[literal.values().length];
              for (int i = 0; i < whole.length; i++) {
                whole[i] = (int) literal.values()[i];
              }
              yield whole;
            }
            case BOOL -> {
              boolean[] truths = new boolean[literal.values().length];
              for (int i = 0; i < truths.length; i++) {
                truths[i] = literal.values()[i] != 0;
              }
              yield truths;
            }
          };
      HostArray.write(device, constants, place.offset(), tensor.type(), "literal", values);
    }
  }

  // Numbers.

  private void word(int at, int value) {
    requireOpen();
    words.setAtIndex(ValueLayout.JAVA_INT, at, value);
    dirty = true;
  }

  /** Seeds every random stream of the program. */
  public synchronized Program seed(long seed) {
    requireOpen();
    plan.schedule()
        .words()
        .all()
        .forEach(
            (what, at) -> {
              if (what instanceof Key key) {
                long derived = Philox.deriveKey(seed, key.stream());
                word(at, (int) derived);
                word(at + 1, (int) (derived >>> 32));
              }
            });
    return this;
  }

  /** Sets the training step, part of every draw's counter. */
  public synchronized Program step(int step) {
    word(Params.STEP, step);
    return this;
  }

  /** Sets which sample the first of a sample axis is. */
  public synchronized Program firstSample(int sample) {
    word(Params.FIRST_SAMPLE, sample);
    return this;
  }

  /** Sets which row the first of a batch is. */
  public synchronized Program firstRow(int row) {
    word(Params.FIRST_ROW, row);
    return this;
  }

  /**
   * Sets a run-time number. Numbers that the graph does not use are ignored.
   *
   * @throws IllegalArgumentException if an integer is set to a fraction
   */
  public synchronized Program number(String name, double value) {
    Source.Number number = numbers.get(name);
    if (number == null) {
      requireOpen();
      return this;
    }
    int at = java.util.Objects.requireNonNull(plan.schedule().words().all().get(number));
    if (number.type().dtype() == DType.INT32) {
      if (value != (int) value) {
        throw new IllegalArgumentException(name + " is an integer, but " + value + " was given");
      }
      word(at, (int) value);
    } else {
      word(at, Float.floatToRawIntBits((float) value));
    }
    return this;
  }

  // Arrays.

  /** Names of the inputs, in no order. */
  public List<String> inputs() {
    return List.copyOf(inputs.keySet());
  }

  /**
   * Sets an input.
   *
   * @param values float[], int[], boolean[] or double[] of the input's kind and size
   * @throws IllegalArgumentException if there is no such input, or kind or size differ
   */
  public synchronized Program set(String input, Object values) {
    requireOpen();
    Tensor tensor = inputs.get(input);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there is no input " + input + "; the inputs are " + inputs.keySet());
    }
    Plan.Place place = java.util.Objects.requireNonNull(plan.places().get(tensor));
    HostArray.write(device, inputMemory, place.offset(), tensor.type(), "input " + input, values);
    return this;
  }

  /** Reads an output of the last run. */
  public synchronized HostArray get(String output) {
    Tensor tensor = output(output);
    return HostArray.read(device, outputMemory, place(tensor).offset(), tensor.type());
  }

  /** Reads a scalar output of the last run. */
  public float scalar(String output) {
    return (float) get(output).doubles()[0];
  }

  /** Reads a float32 output of the last run into an array that is there. */
  public synchronized void get(String output, float[] target) {
    Tensor tensor = output(output);
    if (tensor.dtype() != DType.FLOAT32 || target.length != tensor.shape().size()) {
      throw new IllegalArgumentException(
          "output "
              + output
              + " is "
              + tensor.type()
              + " and does not fit a float["
              + target.length
              + "]");
    }
    device.read(outputMemory, place(tensor).offset(), MemorySegment.ofArray(target));
  }

  private Tensor output(String name) {
    requireOpen();
    Tensor tensor = outputs.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "there is no output " + name + "; the outputs are " + outputs.keySet());
    }
    requireNoFault();
    return tensor;
  }

  private Plan.Place place(Tensor tensor) {
    return java.util.Objects.requireNonNull(plan.places().get(tensor));
  }

  private void requireNoFault() {
    int[] fault = new int[1];
    device.read(params, 4L * Params.FAULT, MemorySegment.ofArray(fault));
    if (fault[0] != 0) {
      dirty = true;
      throw new IndexOutOfBoundsException(
          "a take or gather of this program met an index outside its array");
    }
  }

  // Running.

  /**
   * Computes outputs and updates.
   *
   * @throws IllegalStateException if the program or one of its states is closed
   * @throws OutOfDeviceMemoryException naming the planned bytes, if scratch memory cannot be had
   * @throws NonFiniteException in checking mode, naming the op and its source line
   */
  public synchronized void run() {
    ready();
    Device.Buffer arena = lease();
    try {
      Device.Prepared launches =
          arena == lastArena && lastPrepared != null ? lastPrepared : prepare(arena);
      lastArena = arena;
      lastPrepared = launches;
      if (checking) {
        runChecking(arena);
      } else {
        launches.run();
      }
    } finally {
      arenas.release(arena);
    }
  }

  /** Refuses what is closed, and brings the parameter block up to date. */
  private void ready() {
    requireOpen();
    // No iterator here: a run makes no garbage, compiled or not.
    for (int i = 0; i < states.size(); i++) {
      states.get(i).requireOpen();
    }
    if (dirty) {
      words.setAtIndex(ValueLayout.JAVA_INT, Params.FAULT, 0);
      device.write(params, 0, words);
      dirty = false;
    }
  }

  private Device.Buffer lease() {
    try {
      return arenas.lease(plan.arenaBytes(), lastArena);
    } catch (OutOfDeviceMemoryException e) {
      throw new OutOfDeviceMemoryException(
          "the program needs " + plan.arenaBytes() + " bytes of scratch: " + e.getMessage());
    }
  }

  private Device.Prepared prepare(Device.Buffer arena) {
    Device.Prepared known = prepared.get(arena);
    if (known == null) {
      known = device.prepare(launches(arena), params);
      prepared.put(arena, known);
    }
    return known;
  }

  private List<Device.Launch> launches(Device.Buffer arena) {
    List<Device.Launch> launches = new ArrayList<>();
    for (int i = 0; i < kernels.size(); i++) {
      Schedule.Step step = plan.schedule().steps().get(i);
      List<Device.Slice> slices = new ArrayList<>();
      for (Tensor tensor : step.arguments()) {
        slices.add(slice(tensor, arena));
      }
      launches.add(new Device.Launch(kernels.get(i), slices));
    }
    return launches;
  }

  private Device.Slice slice(Tensor tensor, Device.Buffer arena) {
    Plan.Place place = place(tensor);
    Device.Buffer buffer =
        switch (place.region()) {
          case ARENA -> arena;
          case INPUT -> inputMemory;
          case OUTPUT -> outputMemory;
          case CONSTANT -> constants;
          case STATE ->
              states.stream()
                  .filter(s -> s.holds(place.parameter()))
                  .findFirst()
                  .orElseThrow()
                  .buffer(place.parameter());
        };
    return new Device.Slice(buffer, place.offset(), tensor.type().bytes());
  }

  private void runChecking(Device.Buffer arena) {
    List<Device.Launch> launches = launches(arena);
    for (int i = 0; i < launches.size(); i++) {
      try (Device.Prepared one = device.prepare(List.of(launches.get(i)), params)) {
        one.run();
      }
      Schedule.Step step = plan.schedule().steps().get(i);
      for (Tensor tensor : step.writes()) {
        if (tensor.dtype().isFloat()) {
          Device.Slice slice = slice(tensor, arena);
          double[] values =
              HostArray.read(device, slice.buffer(), slice.offset(), tensor.type()).doubles();
          for (int at = 0; at < values.length; at++) {
            if (!Double.isFinite(values[at])) {
              throw new NonFiniteException(step.computes().get(0), at, values[at]);
            }
          }
        }
      }
    }
  }

  /**
   * Time that a kernel takes, launched and awaited on its own.
   *
   * @param micros median over the runs
   * @param bytes that it must move at least
   */
  public record Timing(String kernel, String how, double micros, long bytes) {}

  /** Runs the program some times, kernel by kernel, and says what each took. */
  public synchronized List<Timing> profile(int runs) {
    ready();
    Device.Buffer arena = lease();
    List<Device.Prepared> single = new ArrayList<>();
    try {
      for (Device.Launch launch : launches(arena)) {
        single.add(device.prepare(List.of(launch), params));
      }
      double[][] micros = new double[single.size()][runs];
      for (int run = 0; run < runs; run++) {
        for (int i = 0; i < single.size(); i++) {
          long start = System.nanoTime();
          single.get(i).run();
          device.await();
          micros[i][run] = (System.nanoTime() - start) / 1e3;
        }
      }
      List<Timing> timings = new ArrayList<>();
      for (int i = 0; i < micros.length; i++) {
        java.util.Arrays.sort(micros[i]);
        Device.Kernel kernel = kernels.get(i);
        timings.add(
            new Timing(
                kernel.work().name(), kernel.how(), micros[i][runs / 2], kernel.work().bytes()));
      }
      return timings;
    } finally {
      single.forEach(Device.Prepared::close);
      arenas.release(arena);
    }
  }

  // What it is.

  /** The compiled kernels, as text. */
  public String listing() {
    return plan.schedule().toString();
  }

  /** How memory is laid out, as text. */
  public Plan plan() {
    return plan;
  }

  /** Number of kernels a run launches. */
  public int launches() {
    return kernels.size();
  }

  /** How each kernel is run, in order. */
  public List<String> how() {
    return kernels.stream().map(k -> k.work().name() + ": " + k.how()).toList();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this program is closed");
    }
  }

  /** Gives back all memory but the states'. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      prepared.values().forEach(Device.Prepared::close);
      owned.forEach(Device.Buffer::close);
      arenas.leave();
      hostArena.close();
    }
  }
}
