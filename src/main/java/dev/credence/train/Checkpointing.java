package dev.credence.train;

import dev.credence.data.DataException;
import dev.credence.data.SafetensorsFile;
import dev.credence.run.Checkpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Where a fit keeps its state while it goes on, so that one that was cut off (by an error, by
 * closing its estimator, by the end of the process) can be gone on with. A fit that finds its file
 * goes on after the last epoch kept there and leads to the same bits as if it had never stopped.
 *
 * <p>The file also says what training it is of: seed, settings, and checksums of the model, the
 * data, the weights to start with and the learning rates. A fit refuses the file of another.
 *
 * @param file where; its folder is there already
 * @param interval the least time between two writings, each at the end of an epoch
 * @param stays whether the fit has the file to itself, deletes it once it has ended, and finds no
 *     other training there (false), or whether many fits keep theirs side by side, each under the
 *     file's name and a checksum of what it is (true); then what has run to its end stays, and the
 *     same fit of another day takes it from there, hearing of the last epoch alone
 * @param companion what goes on beside the training, and is kept with it
 */
public record Checkpointing(Path file, Duration interval, boolean stays, Companion companion) {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String COMPANION = "companion";

  /** What goes on beside a training, such as a curve that its listener measures. */
  public interface Companion {
    /** Nothing does. */
    Companion NONE =
        new Companion() {
          @Override
          public String kept() {
            return "";
          }

          @Override
          public void resumed(int epoch, double seconds, String kept) {}
        };

    /** How it stands, after the listener has heard of an epoch. */
    String kept();

    /**
     * The fit goes on where it was kept; no epoch has been trained yet.
     *
     * @param epoch that the state was kept after
     * @param seconds that the fit had taken until then, all runs together
     * @param kept what {@link #kept} said then
     */
    void resumed(int epoch, double seconds, String kept);
  }

  /** In a file of a fit's own, at most once a minute. */
  public Checkpointing(Path file) {
    this(file, MINUTE, false, Companion.NONE);
  }

  /**
   * Many fits side by side, each at most once a minute: those of an ensemble, or of what is learned
   * further. What has run to its end stays and is not trained again.
   *
   * @param file what all their files' names begin with; its folder is there already
   */
  public static Checkpointing sideBySide(Path file) {
    return new Checkpointing(file, MINUTE, true, Companion.NONE);
  }

  FitSummary fit(Trainer<?, ?> trainer, TrainingListener listener) {
    Map<String, String> identity = trainer.identity();
    Path place = place(identity);
    SafetensorsFile.requirePlace(place);
    int behind = Files.exists(place) ? resume(trainer, Checkpoint.read(place), identity) : 0;
    long[] written = {System.nanoTime()};
    boolean[] whole = {false};
    FitSummary summary =
        trainer.fit(
            progress -> {
              boolean more = listener.onEpoch(progress);
              whole[0] = progress.epoch() == progress.epochs();
              boolean due = System.nanoTime() - written[0] >= interval.toNanos();
              if (whole[0] ? stays && progress.epoch() > behind : more && due) {
                write(trainer.checkpoint(), identity, place);
                written[0] = System.nanoTime();
              }
              return more;
            });
    if (!stays || !whole[0]) {
      delete(place);
    }
    return summary;
  }

  private Path place(Map<String, String> identity) {
    if (!stays) {
      return file;
    }
    CRC32C sum = new CRC32C();
    sum.update(identity.toString().getBytes(StandardCharsets.UTF_8));
    String digits = HexFormat.of().toHexDigits((int) sum.getValue());
    return file.resolveSibling(file.getFileName() + "-" + digits + ".safetensors");
  }

  private int resume(Trainer<?, ?> trainer, Checkpoint checkpoint, Map<String, String> identity) {
    identity.forEach(
        (name, here) -> {
          String there = checkpoint.text(name);
          if (!there.equals(here)) {
            throw new IllegalArgumentException(
                checkpoint.path()
                    + " is of a training that differs from this one in its "
                    + name
                    + ", "
                    + there
                    + " and not "
                    + here
                    + "; delete it to train anew");
          }
        });
    int epoch = trainer.resume(checkpoint);
    companion.resumed(epoch, checkpoint.number("seconds"), checkpoint.text(COMPANION));
    return epoch;
  }

  private void write(Checkpoint.Writer writer, Map<String, String> identity, Path place) {
    identity.forEach(writer::with);
    writer.with(COMPANION, companion.kept()).write(place);
  }

  private static void delete(Path place) {
    try {
      Files.deleteIfExists(place);
    } catch (IOException e) {
      throw new DataException(place + " cannot be deleted: " + e.getMessage() + ".");
    }
  }
}
