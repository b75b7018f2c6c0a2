package dev.credence.compile;

import dev.credence.device.Device;
import dev.credence.kernel.Params;
import dev.credence.kernel.Philox;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a schedule as if there were no memory plan: every tensor lies in memory of its own, so that
 * nothing is ever overwritten and each update sees the old values. It knows float32 and int32.
 */
final class Apart {
  private final Map<Tensor, Device.Buffer> memory = new IdentityHashMap<>();
  private final Device device;

  private Apart(Device device) {
    this.device = device;
  }

  /**
   * The numbers of all roots: outputs by their name, updates by their parameter's position.
   *
   * @param given numbers of inputs and parameters
   */
  static Map<String, float[]> run(
      Device device, Schedule schedule, Map<Tensor, float[]> given, long seed) {
    return new Apart(device).run(schedule, given, seed);
  }

  private Map<String, float[]> run(Schedule schedule, Map<Tensor, float[]> given, long seed) {
    int[] words = new int[schedule.words().size()];
    schedule
        .words()
        .all()
        .forEach(
            (what, at) -> {
              long key = Philox.deriveKey(seed, ((Key) what).stream());
              words[at] = (int) key;
              words[at + 1] = (int) (key >>> 32);
            });
    words[Params.STEP] = 1;
    Device.Buffer params = device.allocate(4L * words.length);
    device.write(params, 0, MemorySegment.ofArray(words));
    given.forEach((t, numbers) -> device.write(buffer(t), 0, MemorySegment.ofArray(numbers)));
    List<Device.Launch> launches = new ArrayList<>();
    for (Schedule.Step step : schedule.steps()) {
      List<Device.Slice> slices = new ArrayList<>();
      for (Tensor t : step.arguments()) {
        slices.add(new Device.Slice(buffer(t), 0, t.type().bytes()));
      }
      launches.add(new Device.Launch(device.compile(step.work()), slices));
    }
    try (Device.Prepared prepared = device.prepare(launches, params)) {
      prepared.run();
    }
    Map<String, float[]> results = new HashMap<>();
    Graph graph = schedule.graph();
    graph.outputs().forEach(o -> results.put(o.name(), read(o.value())));
    graph.updates().forEach(u -> results.put(Graph.describe(u.parameter()), read(u.value())));
    memory.values().forEach(Device.Buffer::close);
    params.close();
    return results;
  }

  private Device.Buffer buffer(Tensor tensor) {
    return memory.computeIfAbsent(tensor, t -> device.allocate(t.type().bytes()));
  }

  private float[] read(Tensor tensor) {
    if (tensor.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException("a root is float32, not " + tensor.type());
    }
    float[] numbers = new float[tensor.shape().size()];
    device.read(buffer(tensor), 0, MemorySegment.ofArray(numbers));
    return numbers;
  }
}
