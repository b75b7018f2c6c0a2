package dev.credence.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One task on several sides, measured by turns, so that a machine that becomes faster or slower
 * does so for all of them.
 *
 * @param id what was measured
 * @param samples by side
 * @param others mean number of cores that other processes kept busy meanwhile
 */
record Comparison(String id, Map<String, Samples> samples, double others) {
  /** How much is measured: rounds by turns, and in each some samples of some length. */
  record Effort(int rounds, int perRound, double millis, double patienceSeconds) {
    static final Effort FULL = new Effort(7, 3, 10, 60);
    static final Effort QUICK = new Effort(3, 3, 3, 4);
  }

  /** The threads of a side that has just been measured go to sleep within this time. */
  private static final long REST_MILLIS = 60;

  /** Measures. A side that does not know the task, or gets it wrong, has no times. */
  static Comparison measure(String id, List<Side> sides, Effort effort) {
    Map<String, String> found = new LinkedHashMap<>();
    Map<String, List<Double>> times = new LinkedHashMap<>();
    List<Side> running = new ArrayList<>();
    for (Side side : sides) {
      String answer = side.open(id);
      found.put(side.name(), answer);
      times.put(side.name(), new ArrayList<>());
      if (answer.startsWith("ok")) {
        running.add(side);
      }
    }
    Machine.Watch watch = new Machine.Watch();
    long start = System.nanoTime();
    for (int round = 0; round < effort.rounds(); round++) {
      double spent = (System.nanoTime() - start) / 1e9;
      if (round > 0 && spent > effort.patienceSeconds()) {
        break;
      }
      for (Side side : running) {
        rest();
        double budget = effort.patienceSeconds() / effort.rounds() / running.size();
        measure(side, effort, budget, times.get(side.name()));
      }
    }
    double others = watch.others();
    running.forEach(Side::release);
    Map<String, Samples> samples = new LinkedHashMap<>();
    times.forEach(
        (name, list) ->
            samples.put(
                name,
                new Samples(
                    found.get(name).replaceFirst("^ok ", ""),
                    list.stream().mapToDouble(d -> d).toArray())));
    return new Comparison(id, samples, others);
  }

  private static void measure(Side side, Effort effort, double budget, List<Double> into) {
    long start = System.nanoTime();
    for (int i = 0; i < effort.perRound(); i++) {
      side.time(1, effort.millis()).ifPresent(t -> into.add(t[0]));
      if ((System.nanoTime() - start) / 1e9 > budget) {
        return;
      }
    }
  }

  private static void rest() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Samples of(Side side) {
    return samples.getOrDefault(side.name(), new Samples("not measured", new double[0]));
  }
}
