package dev.credence.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.data.DataException;
import dev.credence.data.GapData;
import dev.credence.device.Devices;
import dev.credence.model.HierarchicalVae;
import dev.credence.model.Potential;
import dev.credence.run.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fits that are cut off and gone on with are fits that never stopped. */
class CheckpointingTest {
  private static final int EPOCHS = 4;

  @TempDir private Path folder;

  private final GapData gap = GapData.of(60, 3);

  /** Ends a fit as an error in the listener does. */
  private static final class CutOff extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Cuts the fit off when it hears of an epoch, and writes down which ones it hears of. */
  private record Cutting(int at, List<Integer> heard) implements TrainingListener {
    @Override
    public boolean onEpoch(Progress p) {
      heard.add(p.epoch());
      if (p.epoch() == at) {
        throw new CutOff();
      }
      return true;
    }
  }

  private Checkpointing each(String name) {
    return new Checkpointing(
        folder.resolve(name), Duration.ZERO, false, Checkpointing.Companion.NONE);
  }

  private static float[][] rows(int columns) {
    Random random = new Random(2);
    float[][] x = new float[30][columns];
    for (float[] row : x) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextFloat() + (j > 0 ? row[j - 1] : 0) / 2;
      }
    }
    return x;
  }

  private static final int[] LABELS = new Random(1).ints(30, 0, 3).toArray();

  private static <S extends FitBuilder<S>> S with(
      S builder, TrainingListener listener, @Nullable Checkpointing kept) {
    return builder.epochs(EPOCHS).batchSize(8).seed(5).listener(listener).checkpoint(kept);
  }

  private static float[] flat(float[][] rows) {
    return Tables.flat(rows);
  }

  /** Everything that learns in epochs. */
  enum Kind {
    REGRESSOR {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        float[] y = new float[30];
        for (int i = 0; i < y.length; i++) {
          y[i] = LABELS[i];
        }
        try (var net =
            with(BayesianRegressor.builder().hidden(5).draws(4), listener, kept).build()) {
          return net.fit(rows(3), y).predict(rows(3)).mean();
        }
      }
    },
    CLASSIFIER {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        try (var net = with(McDropoutClassifier.builder().hidden(5), listener, kept).build()) {
          return flat(net.fit(rows(3), LABELS).predict(rows(3)).probabilities());
        }
      }
    },
    REGRESSORS_AT_ONCE {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        var settings = with(McDropoutRegressor.builder().hidden(5), listener, kept);
        try (var first = settings.build();
            var second = settings.build()) {
          float[][] x = rows(3);
          float[] y = new float[30];
          for (int i = 0; i < y.length; i++) {
            y[i] = LABELS[i];
          }
          Regressor.fitAll(List.of(first, second), List.of(x, x), List.of(y, y));
          return second.predict(x).mean();
        }
      }
    },
    VAE {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        try (var net = with(VaeModel.builder().latent(2).hidden(4), listener, kept).build()) {
          return flat(net.fit(rows(4)).reconstruct(rows(4)));
        }
      }
    },
    ANOMALIES {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        try (var net = with(AnomalyDetector.builder(), listener, kept).build()) {
          return net.fit(rows(4)).score(rows(4));
        }
      }
    },
    DENSITY {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        try (var net = with(DensityEstimator.builder(), listener, kept).build()) {
          return net.fit(rows(3)).logDensity(rows(3));
        }
      }
    },
    HIERARCHY {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        var settings =
            new HierarchicalVaeModel.Settings(
                List.of(new HierarchicalVae.Layer(2, 4), new HierarchicalVae.Layer(1, 3)),
                1,
                false,
                false,
                EPOCHS,
                8,
                new Adam(),
                LearningRate.constant(1e-3),
                5,
                null,
                listener,
                kept);
        try (var net = HierarchicalVaeModel.fit(rows(4), settings)) {
          return flat(net.sample(5));
        }
      }
    },
    ENERGY {
      @Override
      float[] fit(TrainingListener listener, @Nullable Checkpointing kept) {
        var settings = new EnergyFit.Settings(2, 100 * EPOCHS, 200, 16, 1e-2, 5, listener, kept);
        try (var fit = EnergyFit.of(Potential.U1, settings, Devices.best())) {
          return flat(fit.sample(20, 2));
        }
      }
    };

    abstract float[] fit(TrainingListener listener, @Nullable Checkpointing kept);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsCutOffIsGoneOnWith(Kind kind) {
    float[] wanted = kind.fit(p -> true, null);
    Checkpointing kept = each("fit.safetensors");
    List<Integer> heard = new ArrayList<>();
    assertThrows(CutOff.class, () -> kind.fit(new Cutting(3, heard), kept));
    assertTrue(Files.exists(kept.file()));
    assertArrayEquals(wanted, kind.fit(new Cutting(0, heard), kept));
    assertEquals(List.of(1, 2, 3, 3, 4), heard);
    assertFalse(Files.exists(kept.file()));
  }

  private BayesianRegressor.Builder settings(@Nullable Checkpointing kept) {
    return with(BayesianRegressor.builder().hidden(5).draws(4), p -> true, kept);
  }

  private void cutOff(Checkpointing kept, List<Integer> heard) {
    var settings = settings(kept).listener(new Cutting(3, heard));
    try (var net = settings.build()) {
      assertThrows(CutOff.class, () -> net.fit(gap.x(), gap.y()));
    }
  }

  @Test
  void filesOfOtherTrainingsAreRefused() {
    Checkpointing kept = each("fit.safetensors");
    cutOff(kept, new ArrayList<>());
    refuses(settings(kept).seed(6), gap, "seed, 5 and not 6");
    refuses(settings(kept), GapData.of(60, 4), "data, ");
    refuses(settings(kept), GapData.of(61, 3), "number of rows, 60 and not 61");
    refuses(settings(kept).batchSize(9), gap, "batch size, 8 and not 9");
    refuses(settings(kept).epochs(5), gap, "number of epochs, 4 and not 5");
    refuses(settings(kept).priorScale(2), gap, "model, ");
    refuses(settings(kept).initialScale(0.2), gap, "weights to start with, ");
    refuses(settings(kept).learningRate(0.02), gap, "learning rates, ");
    try (var net = settings(kept).build()) {
      net.fit(gap.x(), gap.y());
      // What an estimator has saved is no training, and stays.
      net.save(kept.file());
      var refused = assertThrows(DataException.class, () -> net.fit(gap.x(), gap.y()));
      assertEquals(kept.file() + " does not say its seed.", refused.getMessage());
      net.load(kept.file());
    }
    Path nowhere = folder.resolve("none").resolve("fit.safetensors");
    try (var net = settings(null).checkpoint(nowhere).build()) {
      var refused = assertThrows(DataException.class, () -> net.fit(gap.x(), gap.y()));
      assertEquals(
          nowhere + " cannot be written: there is no such directory.", refused.getMessage());
    }
  }

  private static void refuses(BayesianRegressor.Builder settings, GapData data, String told) {
    try (var net = settings.build()) {
      var refused = assertThrows(IllegalArgumentException.class, () -> net.fit(data.x(), data.y()));
      String sentence = refused.getMessage();
      assertTrue(sentence.contains(" differs from this one in its " + told), sentence);
      assertTrue(sentence.endsWith("; delete it to train anew"), sentence);
    }
  }

  @Test
  void nothingIsKeptBeforeTheInterval() {
    Path file = folder.resolve("fit.safetensors");
    List<Boolean> there = new ArrayList<>();
    for (Duration interval : List.of(Duration.ofDays(1), Duration.ZERO)) {
      var kept = new Checkpointing(file, interval, false, Checkpointing.Companion.NONE);
      try (var net = settings(kept).listener(p -> there.add(Files.exists(file))).build()) {
        net.fit(gap.x(), gap.y());
      }
    }
    assertEquals(List.of(false, false, false, false, false, true, true, true), there);
  }

  @Test
  void whatItsListenerEndsHasEndedAndWhatClosingCutsOffHasNot() {
    Checkpointing kept = each("fit.safetensors");
    try (var net = settings(kept).listener(p -> p.epoch() < 3).build()) {
      assertEquals(3, net.fit(gap.x(), gap.y()).summary().epochs());
      assertFalse(Files.exists(kept.file()));
    }
    AtomicReference<BayesianRegressor> running = new AtomicReference<>();
    List<Integer> heard = new ArrayList<>();
    TrainingListener closing =
        p -> {
          heard.add(p.epoch());
          if (p.epoch() == 2) {
            // Closing waits for the fit, so another thread does it.
            Thread closer = Thread.ofPlatform().start(() -> running.get().close());
            while (closer.getState() != Thread.State.BLOCKED) {
              Thread.onSpinWait();
            }
          }
          return true;
        };
    running.set(settings(kept).listener(closing).build());
    running.get().fit(gap.x(), gap.y());
    assertEquals(List.of(1, 2), heard);
    assertTrue(Files.exists(kept.file()));
    try (var net = settings(kept).build();
        var whole = settings(null).build()) {
      assertArrayEquals(
          whole.fit(gap.x(), gap.y()).predict(gap.x()).mean(),
          net.fit(gap.x(), gap.y()).predict(gap.x()).mean());
    }
  }

  /** The summary tells of the whole fit, however many runs it took. */
  @Test
  void theSummaryIsThatOfAllRuns() {
    Checkpointing kept = each("fit.safetensors");
    cutOff(kept, new ArrayList<>());
    double seconds = Checkpoint.read(kept.file()).number("seconds");
    assertTrue(seconds > 0);
    try (var net = settings(kept).build();
        var whole = settings(null).build()) {
      FitSummary wanted = whole.fit(gap.x(), gap.y()).summary();
      FitSummary summary = net.fit(gap.x(), gap.y()).summary();
      assertEquals(wanted.epochs(), summary.epochs());
      assertEquals(wanted.steps(), summary.steps());
      assertEquals(wanted.nll(), summary.nll());
      assertEquals(wanted.kl(), summary.kl());
      assertTrue(summary.seconds() > seconds);
    }
  }

  /** The file of what is learned further is of the weights that were known before, too. */
  @Test
  void learningFurtherIsGoneOnWith() {
    GapData further = GapData.of(40, 7);
    Checkpointing kept = each("further.safetensors");
    Path known = folder.resolve("known.safetensors");
    float[] wanted;
    try (var net = settings(null).build().fit(gap.x(), gap.y())) {
      net.save(known);
      wanted = net.update(further.x(), further.y()).predict(gap.x()).mean();
    }
    try (var net = settings(kept).listener(new Cutting(2, new ArrayList<>())).build()) {
      net.load(known);
      assertThrows(CutOff.class, () -> net.update(further.x(), further.y()));
    }
    refuses(settings(kept), further, "model, ");
    try (var net = settings(kept).build()) {
      net.load(known);
      assertArrayEquals(wanted, net.update(further.x(), further.y()).predict(gap.x()).mean());
    }
  }

  /** Fits that stay lie side by side, and are not trained again. */
  @Test
  void whatStaysIsTakenFromItsFile() throws IOException {
    List<String> told = new ArrayList<>();
    List<Integer> heard = new ArrayList<>();
    var companion =
        new Checkpointing.Companion() {
          @Override
          public String kept() {
            return "after " + heard.getLast();
          }

          @Override
          public void resumed(int epoch, double seconds, String kept) {
            told.add(epoch + ": " + kept);
          }
        };
    var kept = new Checkpointing(folder.resolve("fit"), Duration.ZERO, true, companion);
    cutOff(kept, heard);
    List<float[]> means = new ArrayList<>();
    for (long seed : new long[] {5, 5, 6, 5}) {
      var settings = settings(kept).seed(seed).listener(p -> heard.add(p.epoch()));
      try (var net = settings.build()) {
        means.add(net.fit(gap.x(), gap.y()).predict(gap.x()).mean());
        assertEquals(EPOCHS, net.summary().epochs());
      }
    }
    assertEquals(List.of("2: after 2", "4: after 4", "4: after 4"), told);
    assertEquals(List.of(1, 2, 3, 3, 4, 4, 1, 2, 3, 4, 4), heard);
    assertArrayEquals(means.get(0), means.get(1));
    assertArrayEquals(means.get(0), means.get(3));
    assertFalse(Arrays.equals(means.get(0), means.get(2)));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  /** An ensemble that was cut off trains none of its members twice. */
  @Test
  void membersOfAnEnsembleLieSideBySide() {
    float[] wanted = ensemble(new Cutting(0, new ArrayList<>()), null);
    Checkpointing kept = Checkpointing.sideBySide(folder.resolve("member"));
    List<Integer> heard = new ArrayList<>();
    TrainingListener second =
        p -> {
          heard.add(p.epoch());
          if (heard.size() == EPOCHS + 2) {
            throw new CutOff();
          }
          return true;
        };
    assertThrows(CutOff.class, () -> ensemble(second, kept));
    assertArrayEquals(wanted, ensemble(p -> heard.add(p.epoch()), kept));
    // The first is heard of at its end alone, and the others, of which nothing was kept, from 1 on.
    assertEquals(List.of(1, 2, 3, 4, 1, 2, 4, 1, 2, 3, 4, 1, 2, 3, 4), heard);
  }

  private float[] ensemble(TrainingListener listener, @Nullable Checkpointing kept) {
    try (var ensemble =
        RegressorEnsemble.of(3, seed -> settings(kept).seed(seed).listener(listener).build())) {
      return ensemble.fit(gap.x(), gap.y()).predict(gap.x()).mean();
    }
  }
}
