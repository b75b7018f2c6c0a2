package dev.credence.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.Device;
import dev.credence.run.EveryDevice;
import dev.credence.run.EveryDevice.Setup;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every stage of compilation keeps, whatever the graph. */
class RandomGraphsTest {
  private static final int GRAPHS = 150;

  /** Graphs for a device that takes its time to compile. */
  private static final int FEW = 12;

  private static final long SEED = 17;

  private static final Map<Integer, Map<String, float[]>> WANTED = new HashMap<>();

  static List<Setup> devices() {
    return EveryDevice.all();
  }

  /** The numbers as the reference device gives them op by op, each tensor in memory of its own. */
  private static Map<String, float[]> wanted(int seed, Graph graph, State<List<Tensor>> state) {
    return WANTED.computeIfAbsent(seed, s -> apart(Simplify.apply(graph), state));
  }

  private static Map<String, float[]> apart(Graph graph, State<List<Tensor>> state) {
    Map<Tensor, float[]> given = new IdentityHashMap<>();
    for (Tensor t : graph.nodes()) {
      switch (t.op()) {
        case Source.Input input -> given.put(t, numbers(input.path(), t));
        case Source.Parameter parameter -> given.put(t, state.read(t).floats());
        default -> {}
      }
    }
    return Apart.run(EveryDevice.REFERENCE, Fuse.apply(graph, false), given, SEED);
  }

  private static float[] numbers(String name, Tensor like) {
    Random random = new Random(name.hashCode());
    float[] numbers = new float[like.shape().size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat(-2, 2);
    }
    return numbers;
  }

  @ParameterizedTest
  @MethodSource("devices")
  void sameBitsOnEveryDeviceFusedOrNot(Setup setup) {
    Device device = setup.open();
    int graphs = setup.compilesAtOnce() ? GRAPHS : FEW;
    for (int seed = 0; seed < graphs; seed++) {
      for (boolean fuse : setup.compilesAtOnce() ? List.of(true, false) : List.of(true)) {
        try (State<List<Tensor>> state = State.of(device, 3, RandomGraphs.initial())) {
          Graph graph = RandomGraphs.of(seed, state.tree());
          Map<String, float[]> wanted = wanted(seed, graph, state);
          String what = "graph " + seed + (fuse ? " fused" : " unfused");
          Map<String, float[]> got = run(device, state, graph, fuse);
          assertEquals(wanted.keySet(), got.keySet(), what);
          wanted.forEach(
              (name, array) ->
                  compare(
                      array, Objects.requireNonNull(got.get(name)), device, what + ", " + name));
        }
      }
    }
  }

  private static Map<String, float[]> run(
      Device device, State<List<Tensor>> state, Graph graph, boolean fuse) {
    Program.Builder builder = Program.on(device, state).fuse(fuse);
    graph.outputs().forEach(o -> builder.output(o.name(), o.value()));
    graph.updates().forEach(u -> builder.update(u.parameter(), u.value()));
    Map<String, float[]> results = new HashMap<>();
    try (Program program = builder.build()) {
      for (Tensor t : graph.nodes()) {
        if (t.op() instanceof Source.Input input && program.inputs().contains(input.path())) {
          program.set(input.path(), numbers(input.path(), t));
        }
      }
      program.seed(SEED).step(1).run();
      graph.outputs().forEach(o -> results.put(o.name(), program.get(o.name()).floats()));
    }
    graph
        .updates()
        .forEach(
            u -> results.put(Graph.describe(u.parameter()), state.read(u.parameter()).floats()));
    return results;
  }

  private static void compare(float[] wanted, float[] got, Device device, String what) {
    assertEquals(wanted.length, got.length, what);
    boolean exact = device.limits().exactFloat32();
    for (int i = 0; i < wanted.length; i++) {
      float x = wanted[i];
      boolean near = !exact && Math.abs(x - got[i]) <= 1e-3f * (1 + Math.abs(x));
      if (Float.compare(x, got[i]) != 0 && !near) {
        assertEquals(x, got[i], what + ", element " + i);
      }
    }
  }

  @Test
  void simplifyingKeepsNumbers() {
    try (State<List<Tensor>> state = State.of(EveryDevice.REFERENCE, 3, RandomGraphs.initial())) {
      for (int seed = 0; seed < GRAPHS; seed++) {
        Graph graph = RandomGraphs.of(seed, state.tree());
        Map<String, float[]> got = apart(graph, state);
        for (Map.Entry<String, float[]> wanted : wanted(seed, graph, state).entrySet()) {
          String what = "graph " + seed + ", " + wanted.getKey();
          assertArrayEquals(
              unsigned(wanted.getValue()),
              unsigned(Objects.requireNonNull(got.get(wanted.getKey()))),
              what);
        }
      }
    }
  }

  /** Without the signs of zeros, which may be given up. */
  private static float[] unsigned(float[] numbers) {
    float[] unsigned = numbers.clone();
    for (int i = 0; i < unsigned.length; i++) {
      unsigned[i] += 0f;
    }
    return unsigned;
  }

  @Test
  void everyReadFindsWhatWasMeant() {
    try (State<List<Tensor>> state = State.of(EveryDevice.REFERENCE, 3, RandomGraphs.initial())) {
      for (int seed = 0; seed < GRAPHS; seed++) {
        for (boolean fuse : List.of(true, false)) {
          new Owners(Plan.of(RandomGraphs.of(seed, state.tree()), fuse)).walk("graph " + seed);
        }
      }
    }
  }

  /** Whose numbers lie where, while a plan is walked. */
  private static final class Owners {
    private record Lies(Tensor tensor, Plan.Place place) {
      boolean overlaps(Lies other) {
        boolean same =
            place.region() == other.place.region()
                && (place.region() != Plan.Region.STATE
                    || place.parameter() == other.place.parameter());
        return same
            && place.offset() < other.place.offset() + other.tensor.type().bytes()
            && other.place.offset() < place.offset() + tensor.type().bytes();
      }
    }

    private final Plan plan;
    private final List<Lies> owners = new ArrayList<>();

    Owners(Plan plan) {
      this.plan = plan;
      plan.places()
          .forEach(
              (tensor, place) -> {
                if (tensor.op() instanceof Source) {
                  write(new Lies(tensor, place));
                }
              });
    }

    private void write(Lies lies) {
      owners.removeIf(lies::overlaps);
      owners.add(lies);
    }

    private Lies lies(Tensor tensor) {
      return new Lies(tensor, Objects.requireNonNull(plan.places().get(tensor)));
    }

    void walk(String what) {
      for (Schedule.Step step : plan.schedule().steps()) {
        List<Lies> reads = step.reads().stream().map(this::lies).toList();
        List<Lies> writes = step.writes().stream().map(this::lies).toList();
        for (Lies read : reads) {
          assertTrue(owners.contains(read), () -> what + ": " + read + " is lost\n" + plan);
          assertTrue(
              writes.stream()
                  .noneMatch(w -> w.overlaps(read) && w.place.region() != Plan.Region.STATE),
              () -> what + ": " + read + " is read and overwritten at once\n" + plan);
        }
        for (Lies write : writes) {
          assertTrue(
              write.place.offset() % Plan.ALIGNMENT == 0
                  && writes.stream().filter(write::overlaps).count()
                      == (write.tensor.type().bytes() == 0 ? 0 : 1),
              () -> what + ": " + write + " shares its memory\n" + plan);
        }
        writes.forEach(this::write);
      }
      for (Graph.Output output : plan.schedule().graph().outputs()) {
        assertTrue(owners.contains(lies(output.value())), () -> what + ": an output is lost");
      }
    }
  }
}
