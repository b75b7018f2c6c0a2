package dev.credence.compile;

import dev.credence.compile.Schedule.Step;
import dev.credence.kernel.Index;
import dev.credence.kernel.Loop;
import dev.credence.kernel.Scalar;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where every array of a program lies. Results that only the program needs share one arena: two
 * that are never needed at the same time may lie at one place.
 *
 * @param schedule the kernels, those that copy a result over its parameter included
 * @param places where each tensor that any kernel reads or writes lies
 * @param arenaBytes size of the arena
 * @param inputBytes size of the memory that the inputs are written to
 * @param outputBytes size of the memory that the outputs are read from
 * @param constantBytes size of the memory that literals lie in
 */
public record Plan(
    Schedule schedule,
    Map<Tensor, Place> places,
    long arenaBytes,
    long inputBytes,
    long outputBytes,
    long constantBytes) {
  /** Every array starts at a multiple of this many bytes. */
  public static final long ALIGNMENT = 64;

  /** Kinds of memory. */
  public enum Region {
    /** Scratch, undefined between runs. */
    ARENA,
    /** Written by the caller. */
    INPUT,
    /** Read by the caller. */
    OUTPUT,
    /** Written once, when the program is made. */
    CONSTANT,
    /** A parameter's own memory in a state. */
    STATE
  }

  /**
   * A place.
   *
   * @param offset in bytes from the region's start; 0 in a state
   * @param parameter whose memory it is, in a state; elsewhere the tensor itself
   */
  public record Place(Region region, long offset, Tensor parameter) {}

  /** The compiled program of a graph: simplified, fused, scheduled, planned. */
  public static Plan of(Graph graph, boolean fuse) {
    return of(Fuse.apply(Simplify.apply(graph), fuse));
  }

  /** The plan of a schedule. */
  public static Plan of(Schedule fused) {
    Schedule schedule = withCopies(fused);
    Graph graph = schedule.graph();
    Map<Tensor, Place> places = new IdentityHashMap<>();
    long outputs = 0;
    for (Graph.Output output : graph.outputs()) {
      places.put(output.value(), new Place(Region.OUTPUT, outputs, output.value()));
      outputs += aligned(output.value());
    }
    for (Graph.Update update : graph.updates()) {
      if (schedule.inPlace().containsKey(update.parameter())) {
        places.put(update.value(), new Place(Region.STATE, 0, update.parameter()));
      }
    }
    long inputs = 0;
    long constants = 0;
    Map<Tensor, int[]> lives = new LinkedHashMap<>();
    for (int step = 0; step < schedule.steps().size(); step++) {
      for (Tensor tensor : schedule.steps().get(step).arguments()) {
        switch (tensor.op()) {
          case Source.Parameter parameter ->
              places.putIfAbsent(tensor, new Place(Region.STATE, 0, tensor));
          case Source.Input input -> {
            if (places.putIfAbsent(tensor, new Place(Region.INPUT, inputs, tensor)) == null) {
              inputs += aligned(tensor);
            }
          }
          case Source.Literal literal -> {
            if (places.putIfAbsent(tensor, new Place(Region.CONSTANT, constants, tensor)) == null) {
              constants += aligned(tensor);
            }
          }
          default -> {
            if (!places.containsKey(tensor)) {
              lives.computeIfAbsent(tensor, t -> new int[] {-1, -1});
              int[] life = lives.get(tensor);
              life[0] = life[0] < 0 ? step : life[0];
              life[1] = step;
            }
          }
        }
      }
    }
    long arena = pack(lives, places);
    return new Plan(schedule, places, arena, inputs, outputs, constants);
  }

  private static Schedule withCopies(Schedule schedule) {
    List<Step> steps = new ArrayList<>(schedule.steps());
    for (Graph.Update update : schedule.graph().updates()) {
      if (!schedule.inPlace().containsKey(update.parameter())) {
        steps.add(copy(update.value(), update.parameter()));
      }
    }
    return new Schedule(schedule.graph(), List.copyOf(steps), schedule.words(), schedule.inPlace());
  }

  private static Step copy(Tensor from, Tensor to) {
    int size = from.shape().size();
    Index at = Index.axis(0, size);
    Scalar value = new Scalar.Load(from.dtype(), 0, at, List.of());
    Loop loop =
        new Loop(
            "copy",
            List.of(size),
            List.of(new Loop.Phase(List.of(), List.of(), List.of(new Loop.Store(1, at, value)))),
            List.of(
                new Loop.Argument(from.dtype(), size, false),
                new Loop.Argument(to.dtype(), size, true)));
    return new Step(loop, List.of(from, to), List.of(from));
  }

  private static long aligned(Tensor tensor) {
    return (tensor.type().bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** What a place is taken by: bytes from a start to an end, from one step to another. */
  private record Taken(long start, long end, int first, int last) {}

  /** Largest first, each at the lowest place that nothing alive at the same time holds. */
  private static long pack(Map<Tensor, int[]> lives, Map<Tensor, Place> places) {
    List<Tensor> order = new ArrayList<>(lives.keySet());
    order.sort(Comparator.comparingLong(Plan::aligned).reversed());
    List<Taken> ascending = new ArrayList<>();
    long end = 0;
    for (Tensor tensor : order) {
      int[] life = get(lives, tensor);
      long bytes = aligned(tensor);
      long offset = 0;
      for (Taken taken : ascending) {
        if (taken.first <= life[1] && life[0] <= taken.last) {
          if (offset + bytes <= taken.start) {
            break;
          }
          offset = Math.max(offset, taken.end);
        }
      }
      places.put(tensor, new Place(Region.ARENA, offset, tensor));
      Taken taken = new Taken(offset, offset + bytes, life[0], life[1]);
      int at = Collections.binarySearch(ascending, taken, Comparator.comparingLong(Taken::start));
      ascending.add(at < 0 ? -at - 1 : at, taken);
      end = Math.max(end, taken.end);
    }
    return end;
  }

  private static <V> V get(Map<Tensor, V> map, Tensor key) {
    return java.util.Objects.requireNonNull(map.get(key));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("kernels ").append(schedule.steps().size());
    text.append(", bytes moved ").append(schedule.bytes());
    text.append(", arena ").append(arenaBytes).append('\n');
    for (Step step : schedule.steps()) {
      text.append(step.work().name());
      for (Tensor tensor : step.arguments()) {
        Place place = get(places, tensor);
        text.append(' ').append(place.region.name().toLowerCase(java.util.Locale.ROOT));
        text.append(
            place.region == Region.STATE
                ? "(" + Graph.describe(place.parameter) + ")"
                : "@" + place.offset);
      }
      text.append('\n');
    }
    return text.toString();
  }
}
