package dev.credence.app;

import dev.credence.train.Checkpointing;
import dev.credence.train.FitBuilder;
import dev.credence.train.TrainingListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The course of one training of an experiment: where it runs, how it is shown, and, if the
 * experiment is kept, the file that a later run goes on from.
 */
final class Course implements Checkpointing.Companion {
  /**
   * Where an experiment is kept.
   *
   * @param folder that is there
   * @param interval the least time between two writings of a training
   */
  record Kept(Path folder, Duration interval) {}

  private final Bench bench;
  private final TrainingListener listener;
  private final @Nullable Checkpointing checkpoint;
  private final NavigableMap<Integer, double[]> points = new TreeMap<>();

  /**
   * A course that has not begun.
   *
   * @param what is trained, in words that no other training of the experiment has
   */
  Course(Bench bench, String what, TrainingListener listener, @Nullable Kept kept) {
    this.bench = bench;
    this.listener = listener;
    this.checkpoint =
        kept == null
            ? null
            : new Checkpointing(kept.folder.resolve(file(what)), kept.interval, true, this);
  }

  /** The words, with nothing between them that a file's name had better not have. */
  private static String file(String what) {
    return what.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.=]+", "-");
  }

  /** Settings of what is trained. */
  <S extends FitBuilder<S>> S on(S settings) {
    return settings.device(bench.device()).listener(listener).checkpoint(checkpoint);
  }

  /** Shows how the training goes on. */
  TrainingListener listener() {
    return listener;
  }

  /** Where its state is kept. */
  @Nullable Checkpointing checkpoint() {
    return checkpoint;
  }

  /**
   * Follows what there is to measure after an epoch, unless an earlier run has.
   *
   * @param epoch counted from 1
   */
  void follow(int epoch, Supplier<double[]> measured) {
    if (!points.containsKey(epoch)) {
      points.put(epoch, measured.get());
    }
  }

  /** What has been measured, by epochs. */
  NavigableMap<Integer, double[]> points() {
    return points;
  }

  @Override
  public String kept() {
    return points.entrySet().stream()
        .map(
            point ->
                point.getKey()
                    + " "
                    + Arrays.stream(point.getValue())
                        .mapToObj(Double::toString)
                        .collect(Collectors.joining(" ")))
        .collect(Collectors.joining("; "));
  }

  @Override
  public void resumed(int epoch, double seconds, String kept) {
    bench.addSeconds(seconds);
    bench.say("  goes on after epoch " + epoch + ", which took " + Text.seconds(seconds));
    for (String point : kept.isEmpty() ? new String[0] : kept.split("; ", -1)) {
      List<String> numbers = List.of(point.split(" ", -1));
      points.put(
          Integer.valueOf(numbers.getFirst()),
          numbers.stream().skip(1).mapToDouble(Double::parseDouble).toArray());
    }
  }
}
